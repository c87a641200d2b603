namespace FullStack.Store.Takeover;

/// <summary>Reads text line by line, each without its LF. What follows the last LF is no line: a file that ends so was cut off.</summary>
internal ref struct TextLines(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Nothing is left, so the text ended with LF or was empty.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int end = _rest.IndexOf((byte)'\n');
        line = end < 0 ? [] : _rest[..end];
        if (end < 0)
            return false;
        _rest = _rest[(end + 1)..];
        return true;
    }
}
