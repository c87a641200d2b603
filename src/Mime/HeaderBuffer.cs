namespace FullStack.Mime;

/// <summary>Keeps the lines of one header until it is complete; what goes beyond the bounds is dropped by whole lines.</summary>
internal sealed class HeaderBuffer
{
    private const int FirstOctets = 1024;

    /// <summary>Room that is kept for the next message.</summary>
    private const int KeptOctets = 64 * 1024;

    private byte[] _octets = new byte[FirstOctets];
    private int _length;
    private int _lineStart;
    private long _left = MimeLimits.MessageHeaderOctets;
    private bool _full;

    /// <summary>The lines committed.</summary>
    public ReadOnlySpan<byte> Lines => _octets.AsSpan(0, _lineStart);

    public void Append(ReadOnlySpan<byte> octets)
    {
        if (_full)
            return;
        if (_length + octets.Length > Math.Min(MimeLimits.PartHeaderOctets, _left))
        {
            _full = true;
            return;
        }

        if (_length + octets.Length > _octets.Length)
            Array.Resize(ref _octets, Math.Max(_length + octets.Length, _octets.Length * 2));
        octets.CopyTo(_octets.AsSpan(_length));
        _length += octets.Length;
    }

    public void CommitLine()
    {
        if (!_full)
            _lineStart = _length;
    }

    /// <summary>Forgets all, for the next header; what was kept counts against the message's bound.</summary>
    public void Clear()
    {
        _left -= _lineStart;
        _length = _lineStart = 0;
        _full = false;
    }

    /// <summary>Forgets all, for the header of another message.</summary>
    public void Restart()
    {
        Clear();
        _left = MimeLimits.MessageHeaderOctets;
        if (_octets.Length > KeptOctets)
            _octets = new byte[FirstOctets];
    }
}
