using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FullStack.Store.Index;

/// <summary>
/// The index of one account: what must be durable is written at once, the rest behind, in batches. The database is open
/// only while it is used.
/// </summary>
internal sealed class AccountIndex(string path, SyncMode sync, DiskThreads disk, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan WriteDelay = TimeSpan.FromSeconds(1);
    private const int BatchLimit = 2000;

    private readonly AsyncLock _gate = new();
    private readonly Lock _pendingGate = new();
    private PendingWrites _pending = new();
    private PendingWrites? _writing;
    private IndexConnection? _connection;
    private ITimer? _timer;
    private bool _abandoned;
    private bool _opened;

    /// <summary>Called when the database was damaged and set aside: all that was known of mailboxes is void.</summary>
    public Action? Lost { get; set; }

    /// <summary>Whether a move may have left keywords under <see cref="MessageTable.UnderWay"/> for a file that is still to be found.</summary>
    public bool HasMessagesUnderWay { get; set; }

    /// <summary>Called when a transaction was written, with whether it is on the disk for sure. Tests of power cuts copy the database there.</summary>
    public Action<bool>? Written { get; set; }

    /// <summary>Reads from the database, which may lack what still waits to be written.</summary>
    /// <exception cref="IOException">The database cannot be used now.</exception>
    public async Task<T> ReadAsync<T>(Func<IndexConnection, T> read, CancellationToken ct)
    {
        using (await _gate.EnterAsync(ct))
            return await disk.RunAsync(() => Guarded(index => read(index)), ct);
    }

    /// <summary>Writes all that waits, then <paramref name="changes"/>, in one transaction that is on the disk on return.</summary>
    /// <exception cref="IOException">The database cannot be used now; nothing was written.</exception>
    public async Task CommitAsync(Action<IndexConnection>? changes, CancellationToken ct) => await WriteAsync(changes, durable: true, ct);

    /// <summary>Writes all that waits, then <paramref name="changes"/>, in one transaction that a crash may still take.</summary>
    /// <exception cref="IOException">The database cannot be used now; nothing was written.</exception>
    public async Task ApplyAsync(Action<IndexConnection> changes, CancellationToken ct) => await WriteAsync(changes, durable: false, ct);

    /// <summary>Writes all that waits.</summary>
    /// <exception cref="IOException">The database cannot be used now; what waits goes on waiting.</exception>
    public async Task FlushAsync(bool durable, CancellationToken ct) => await WriteAsync(null, durable, ct);

    /// <summary>Remembers a message's state for the next batch.</summary>
    public void Post(long mailbox, MessageEntry entry)
        => Post(pending => pending.Messages[(mailbox, entry.Uid.Value)] = new(entry, 0));

    public void PostExpunge(long mailbox, Uid uid, ModSeq modSeq)
        => Post(pending => pending.Messages[(mailbox, uid.Value)] = new(null, modSeq.Value));

    public void PostStructure(long mailbox, Uid uid, byte[] structure)
        => Post(pending => pending.Structures[(mailbox, uid.Value)] = structure);

    public void PostDetails(long mailbox, Uid uid, MessageDetails details)
        => Post(pending => pending.Details[(mailbox, uid.Value)] = details);

    /// <summary>A structure that waits to be written; null where none does.</summary>
    public byte[]? WaitingStructure(long mailbox, Uid uid)
    {
        lock (_pendingGate)
        {
            return _pending.Structures.GetValueOrDefault((mailbox, uid.Value))
                ?? _writing?.Structures.GetValueOrDefault((mailbox, uid.Value));
        }
    }

    /// <summary>Writes what waits and closes the database until it is needed again.</summary>
    public async Task RestAsync(CancellationToken ct)
    {
        await FlushAsync(durable: false, ct);
        using (await _gate.EnterAsync(ct))
        {
            await disk.RunAsync(() =>
            {
                _connection?.Dispose();
                _connection = null;
                return default(Nothing);
            }, ct);
        }
    }

    /// <summary>Drops what waits, as a crash would. For tests of recovery.</summary>
    public async Task AbandonAsync()
    {
        lock (_pendingGate)
        {
            _abandoned = true;
            _pending = new();
        }

        await RestAsync(CancellationToken.None);
    }

    private void Post(Action<PendingWrites> add)
    {
        bool full;
        lock (_pendingGate)
        {
            if (_abandoned)
                return;
            add(_pending);
            full = _pending.Count == BatchLimit;
            _timer ??= time.CreateTimer(_ => _ = WriteBehindAsync(), null, WriteDelay, Timeout.InfiniteTimeSpan);
        }

        if (full)
            _ = WriteBehindAsync();
    }

    private async Task WriteBehindAsync()
    {
        try
        {
            await FlushAsync(durable: false, CancellationToken.None);
        }
        catch (IOException e)
        {
            StoreLog.IndexWriteFailed(logger, path, e.Message);
        }
        catch (ObjectDisposedException)
        {
            // The store is closing and has flushed this index already.
        }
    }

    private async Task WriteAsync(Action<IndexConnection>? changes, bool durable, CancellationToken ct)
    {
        using (await _gate.EnterAsync(ct))
        {
            PendingWrites batch;
            lock (_pendingGate)
            {
                batch = _pending;
                _writing = batch;
                _pending = new();
                _timer?.Dispose();
                _timer = null;
            }

            bool written = false;
            try
            {
                if (batch.Count > 0 || changes is not null)
                    await disk.RunAsync(() => Guarded(index => Write(index, batch, changes, durable)), CancellationToken.None);
                written = true;
            }
            finally
            {
                lock (_pendingGate)
                {
                    _writing = null;
                    if (!written)
                        _pending = batch.With(_pending);
                }
            }
        }
    }

    private Nothing Write(IndexConnection index, PendingWrites batch, Action<IndexConnection>? changes, bool durable)
    {
        index.InTransaction(durable, () =>
        {
            batch.Write(index);
            changes?.Invoke(index);
        });
        Written?.Invoke(durable);
        return default;
    }

    private T Guarded<T>(Func<IndexConnection, T> use)
    {
        try
        {
            _connection ??= Open();
            return use(_connection);
        }
        catch (SqliteException e)
        {
            _connection?.Dispose();
            _connection = null;
            if (e.SqliteErrorCode is IndexConnection.Corrupt or IndexConnection.NotADatabase)
            {
                SetAside(e);
                Lost?.Invoke();
            }

            throw new IOException($"index {path}: {e.Message}", e);
        }
    }

    private IndexConnection Open()
    {
        // Somebody removed the file of an account that is in use: the UIDs in memory are nowhere reserved any more.
        if (_opened && !File.Exists(path))
            Lost?.Invoke();
        _opened = true;
        try
        {
            return new(path, sync, IndexSchema.Version, IndexSchema.Upgrade);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is IndexConnection.Corrupt or IndexConnection.NotADatabase)
        {
            SetAside(e);
            Lost?.Invoke();
            return new(path, sync, IndexSchema.Version, IndexSchema.Upgrade);
        }
    }

    private void SetAside(SqliteException cause)
    {
        string aside = $"{path}.broken-{time.GetUtcNow().ToUnixTimeSeconds()}";
        File.Move(path, aside, overwrite: true);
        File.Delete($"{path}-wal");
        File.Delete($"{path}-shm");
        StoreLog.IndexSetAside(logger, path, aside, cause.Message);
    }
}
