namespace FullStack.Pop3.Server;

/// <summary>Finds where TOP ends: after so many lines of the body. A header without blank line goes on to the end.</summary>
/// <remarks>RFC 1939 §7. Looks at each octet once; how they are cut makes no difference.</remarks>
internal sealed class TopLimit(int bodyLines)
{
    private bool _inBody;
    private bool _lineIsBlank = true;
    private int _left = bodyLines;

    /// <summary>Nothing more is to be sent.</summary>
    public bool IsReached => _inBody && _left == 0;

    /// <summary>How many of the next octets are to be sent.</summary>
    public int Take(ReadOnlySpan<byte> octets)
    {
        int taken = 0;
        while (!IsReached)
        {
            ReadOnlySpan<byte> rest = octets[taken..];
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            _lineIsBlank &= line.IndexOfAnyExcept((byte)'\r') < 0;
            if (end < 0)
                return octets.Length;
            taken += end + 1;
            if (_inBody)
                _left--;
            _inBody |= _lineIsBlank;
            _lineIsBlank = true;
        }

        return taken;
    }
}
