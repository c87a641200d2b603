namespace FullStack.Imap.Append;

/// <summary>Looks in the header of a message that streams by for octets above 0x7F, and whether they are UTF-8.</summary>
/// <remarks>Edges: a line end at the start of a line ends the header. Well-formedness is that of RFC 3629 §4 but for overlong forms and surrogates.</remarks>
internal sealed class HeaderScan
{
    private bool _ended, _isBroken;
    private int _lineOctets, _continuations;

    /// <summary>Whether the header has any octet above 0x7F.</summary>
    public bool Has8Bit { get; private set; }

    /// <summary>Whether it has, and all of them make UTF-8.</summary>
    public bool HasUtf8 => Has8Bit && !_isBroken && _continuations == 0;

    public void Push(ReadOnlySpan<byte> octets)
    {
        for (int i = 0; i < octets.Length && !_ended; i++)
            Take(octets[i]);
    }

    private void Take(byte octet)
    {
        if (octet == (byte)'\n')
        {
            _ended = _lineOctets == 0;
            _lineOctets = 0;
        }
        else if (octet != (byte)'\r')
        {
            _lineOctets++;
        }

        bool isContinuation = (octet & 0xC0) == 0x80;
        Has8Bit |= octet > 0x7F;
        _isBroken |= isContinuation != (_continuations > 0);
        if (isContinuation)
            _continuations = Math.Max(0, _continuations - 1);
        else
            _continuations = octet switch { < 0x80 => 0, >= 0xC2 and < 0xE0 => 1, >= 0xE0 and < 0xF0 => 2, >= 0xF0 and < 0xF5 => 3, _ => Broken() };
    }

    private int Broken()
    {
        _isBroken = true;
        return 0;
    }
}
