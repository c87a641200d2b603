using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Spool;

namespace FullStack.Queue.Checkpoints;

/// <summary>What is kept of one transaction.</summary>
/// <param name="files">Where files lie.</param>
/// <param name="name">The name of its file.</param>
/// <param name="room">Octets that its owner may have kept besides all others of his.</param>
/// <param name="found">What was there; null: nothing.</param>
/// <param name="release">Lets others have it.</param>
internal sealed class Checkpoint(PartialFolder files, string name, long room, (PartialFile File, StoredCheckpoint Stored)? found, Action release) : ICheckpoint
{
    private readonly StoredCheckpoint? _stored = found?.Stored;
    private PartialFile? _file = found?.File;

    public InterruptedTransaction? Interrupted { get; } = found?.Stored.ToTransaction();

    public long Octets => _stored?.Octets ?? _file?.Octets ?? 0;

    public ValueTask CutToAsync(long octets) => _file?.CutToAsync(octets) ?? ValueTask.CompletedTask;

    public async ValueTask BeginAsync(Envelope envelope, CancellationToken ct) => await ReplaceAsync(StoredCheckpoint.Write(envelope, null, null));

    public async ValueTask<bool> AppendAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        if (_file is null)
            return false;
        if (_file.Octets + octets.Length > room)
        {
            await ForgetAsync();
            return false;
        }

        await _file.AppendAsync(octets, ct);
        return true;
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken ct) => _file?.ReadAsync(buffer, offset, ct) ?? new(0);

    public async ValueTask CompleteAsync(Envelope envelope, QueueId id, long octets) => await ReplaceAsync(StoredCheckpoint.Write(envelope, id, octets));

    public async ValueTask ForgetAsync()
    {
        _file?.Dispose();
        _file = null;
        await files.RemoveAsync(name);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_file is not null)
                await _file.SyncAsync();
        }
        catch (IOException)
        {
            // As after a crash: what was synced before counts.
        }

        _file?.Dispose();
        _file = null;
        release();
    }

    private async ValueTask ReplaceAsync(byte[] head)
    {
        _file?.Dispose();
        _file = null;
        Result<PartialFile> made = await files.CreateAsync(name, head);
        _file = made.Ok ? made.Value : throw new IOException($"a checkpoint cannot be made: {made.Error}");
    }
}
