using FullStack.Mime;
using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>An opened message. It stays readable although the message is expunged meanwhile.</summary>
public sealed class MessageContent : IAsyncDisposable, IDisposable
{
    private readonly StoreContext _store;
    private readonly IMessageOctets? _octets;
    private readonly byte[] _start;

    /// <param name="store">The store.</param>
    /// <param name="octets">What to read from; null where all was read at opening.</param>
    /// <param name="start">What was read at opening.</param>
    internal MessageContent(StoreContext store, IMessageOctets? octets, byte[] start) => (_store, _octets, _start) = (store, octets, start);

    /// <summary>Length as stored.</summary>
    public long StoredOctets => _octets?.Count ?? _start.Length;

    /// <summary>Whether the whole message was read at opening, and its headers and those of its parts are ASCII.</summary>
    internal bool HasSurelyAsciiHeaders => _octets is null && MessageParser.HasAsciiHeaders(_start);

    /// <summary>The whole message as stored, where it was read at opening, else its beginning: line ends mostly LF.</summary>
    public bool TryGetStored(out ReadOnlySpan<byte> stored)
    {
        stored = _start;
        return _octets is null;
    }

    /// <summary>
    /// A forward-only stream of a range, with every line end as CRLF. The range counts stored octets, as
    /// <see cref="Mime.MimePart"/>'s offsets do.
    /// </summary>
    public WireStream OpenWire(long storedOffset, long storedOctets)
    {
        storedOffset = Math.Clamp(storedOffset, 0, StoredOctets);
        return new WireStream(this, storedOffset, storedOffset + Math.Clamp(storedOctets, 0, StoredOctets - storedOffset));
    }

    /// <summary>The whole message on the wire.</summary>
    public WireStream OpenWire() => OpenWire(0, StoredOctets);

    /// <summary>A forward-only stream of the octets as they are stored, from one on.</summary>
    public Stream OpenStored(long storedOffset) => new StoredStream(this, storedOffset);

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => Close();

    internal void Close() => _octets?.Dispose();

    /// <summary>Most octets read together with opening, so that a small message costs one visit to the disk.</summary>
    internal const int StartOctets = 64 * 1024;

    /// <summary>Reads stored octets; 0 at the end. Blocks where they are not those read at opening.</summary>
    internal int Read(Span<byte> buffer, long offset)
    {
        if (TryReadStart(buffer, offset, out int count) || _octets is null)
            return count;
        return _octets.Read(buffer, offset, out count) == FileError.None
            ? count
            : throw new IOException("a message file cannot be read");
    }

    /// <summary>Reads octets as stored; 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken ct)
        => TryReadStart(buffer.Span, offset, out int count) || _octets is null
            ? count
            : await ReadFurtherAsync(buffer, offset, ct);

    private async ValueTask<int> ReadFurtherAsync(Memory<byte> buffer, long offset, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return await _store.Disk.RunHereAsync(() => Read(buffer.Span, offset));
    }

    private bool TryReadStart(Span<byte> buffer, long offset, out int count)
    {
        count = 0;
        if (offset >= _start.Length)
            return false;
        count = (int)Math.Min(buffer.Length, _start.Length - offset);
        _start.AsSpan((int)offset, count).CopyTo(buffer);
        return true;
    }
}
