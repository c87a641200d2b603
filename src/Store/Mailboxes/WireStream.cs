using System.Buffers;
using FullStack.Mime;
using FullStack.Store.Maildir;

namespace FullStack.Store.Mailboxes;

/// <summary>A range of a stored message as it goes over the wire.</summary>
public sealed class WireStream : ReadingStream
{
    private const int BlockOctets = 64 * 1024;

    private readonly MessageContent _content;
    private readonly long _end;
    private byte[]? _block;
    private int _from;
    private int _to;
    private long _next;
    private long _given;
    private bool _afterReturn;
    private bool _begun;
    private bool _owesLineFeed;

    internal WireStream(MessageContent content, long offset, long end) => (_content, _next, _end) = (content, offset, end);

    /// <summary>
    /// A place that reading has reached: a stream opened at its stored offset goes on where this one has given its wire octets.
    /// In the middle of a line end that is one octet as stored, it is the place before it.
    /// </summary>
    public WirePlace Place => _owesLineFeed ? new(Taken - 1, _given - 1) : new(Taken, _given);

    /// <summary>Stored offset up to which octets were given.</summary>
    private long Taken => _next - (_to - _from);

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (TryTake(buffer, out int written))
                return Give(written);
            Memory<byte> block = Prepare(out long at);
            if (block.IsEmpty || !Accept(_content.Read(block.Span, at)))
                return 0;
        }

        return 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (TryTake(buffer.Span, out int written))
                return Give(written);
            Memory<byte> block = Prepare(out long at);
            if (block.IsEmpty || !Accept(await _content.ReadAsync(block, at, cancellationToken)))
                return 0;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (_block is not null)
            ArrayPool<byte>.Shared.Return(_block);
        _block = null;
        base.Dispose(disposing);
    }

    private int Give(int written)
    {
        _given += written;
        return written;
    }

    private bool TryTake(Span<byte> buffer, out int written)
    {
        written = 0;
        if (_owesLineFeed)
        {
            _owesLineFeed = false;
            buffer[0] = (byte)'\n';
            written = 1;
            return true;
        }

        if (_from == _to)
            return false;
        if (buffer.Length == 1 && _block![_from] == '\n' && !_afterReturn)
        {
            // A line end for which there is room for one octet only.
            buffer[0] = (byte)'\r';
            _from++;
            _owesLineFeed = true;
            written = 1;
            return true;
        }

        _from += StoredToWire.Convert(_block.AsSpan(_from, _to - _from), buffer, ref _afterReturn, out written);
        return written > 0;
    }

    /// <summary>The block to read into, and from where; empty at the end. The first block begins one octet early: a CR before the range joins its LF.</summary>
    private Memory<byte> Prepare(out long at)
    {
        at = !_begun && _next > 0 ? _next - 1 : _next;
        if (_next >= _end)
            return default;
        _block ??= ArrayPool<byte>.Shared.Rent((int)Math.Min(BlockOctets, _end - at));
        return _block.AsMemory(0, (int)Math.Min(_block.Length, _end - at));
    }

    private bool Accept(int count)
    {
        int skip = !_begun && _next > 0 ? 1 : 0;
        if (count == 0)
        {
            _next = _end;
            return false;
        }

        // A read may give the octet before the range and no more: then the next one gives what follows.
        if (skip == 1)
            _afterReturn = _block![0] == '\r';
        _begun = true;
        (_from, _to) = (skip, count);
        _next += count - skip;
        return true;
    }
}
