namespace FullStack.Store.Mbox;

/// <summary>One line of an mbox, or as much of it as was kept.</summary>
internal readonly ref struct MboxLine
{
    /// <summary>Whether the line has ended; where not, nothing else is set.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Where it begins in the file.</summary>
    public long Offset { get; init; }

    /// <summary>Its length with the line end.</summary>
    public long Octets { get; init; }

    /// <summary>Its first octets, line end included where they reach so far.</summary>
    public ReadOnlySpan<byte> Head { get; init; }

    /// <summary>Octets of the line end: 2 for CRLF, 1 for LF, 0 at the end of the file.</summary>
    public int EndOctets { get; init; }

    public bool IsEmpty => Octets == EndOctets;

    /// <summary>Its first octets without line end.</summary>
    public ReadOnlySpan<byte> Content => Head[..(int)Math.Min(Head.Length, Octets - EndOctets)];

    /// <summary>Its length on the wire.</summary>
    public long WireOctets => EndOctets == 1 ? Octets + 1 : Octets;
}

/// <summary>Cuts octets that come in pieces of any size into lines, of which it keeps the beginnings.</summary>
internal sealed class MboxLines(long offset, int headOctets)
{
    private byte[] _head = new byte[1024];
    private int _kept;
    private long _begun = offset;
    private bool _endsWithReturn;

    /// <summary>Offset up to which octets were taken.</summary>
    public long Position { get; private set; } = offset;

    /// <summary>Takes octets up to the end of a line, but none at or behind <paramref name="limit"/>, where a line ends as well.</summary>
    /// <returns>Octets taken.</returns>
    public int Push(ReadOnlySpan<byte> octets, long limit, out MboxLine line)
    {
        line = default;
        if (limit - Position < octets.Length)
            octets = octets[..(int)(limit - Position)];
        int feed = octets.IndexOf((byte)'\n');
        int taken = feed < 0 ? octets.Length : feed + 1;
        octets = octets[..taken];
        bool ends = feed >= 0 || Position + taken == limit;
        if (ends && _begun == Position)
        {
            // The usual case: the whole line lies in one piece.
            Position += taken;
            line = Cut(octets[..Math.Min(taken, headOctets)], feed >= 0, feed > 0 && octets[feed - 1] == '\r');
            return taken;
        }

        Keep(octets);
        bool afterReturn = feed > 0 ? octets[feed - 1] == '\r' : _endsWithReturn;
        Position += taken;
        if (!octets.IsEmpty)
            _endsWithReturn = octets[^1] == '\r';
        if (ends)
            line = Cut(_head.AsSpan(0, _kept), feed >= 0, afterReturn);
        return taken;
    }

    /// <summary>The last line, where it has no line end.</summary>
    public bool TryComplete(out MboxLine line)
    {
        line = default;
        if (_begun == Position)
            return false;
        line = Cut(_head.AsSpan(0, _kept), fed: false, afterReturn: false);
        return true;
    }

    private MboxLine Cut(ReadOnlySpan<byte> head, bool fed, bool afterReturn)
    {
        MboxLine line = new()
        {
            IsComplete = true, Offset = _begun, Octets = Position - _begun, Head = head, EndOctets = !fed ? 0 : afterReturn ? 2 : 1,
        };
        (_begun, _kept, _endsWithReturn) = (Position, 0, false);
        return line;
    }

    private void Keep(ReadOnlySpan<byte> octets)
    {
        int count = Math.Min(octets.Length, headOctets - _kept);
        if (_kept + count > _head.Length)
            Array.Resize(ref _head, Math.Min(headOctets, Math.Max(_head.Length * 2, _kept + count)));
        octets[..count].CopyTo(_head.AsSpan(_kept));
        _kept += count;
    }
}
