namespace FullStack.Mime;

/// <summary>Walks the fields of a header without copying: the one place that knows where a field ends.</summary>
/// <remarks>RFC 5322 §2.2 and §2.2.3; white space before the colon §4.5. A line end is CRLF or LF.</remarks>
internal ref struct HeaderLines(ReadOnlySpan<byte> header)
{
    private readonly ReadOnlySpan<byte> _header = header;
    private int _next;

    /// <summary>Where the present field lies, with all its line ends.</summary>
    public Range Raw { get; private set; }

    /// <summary>Its name without white space before the colon; empty for lines that are no field.</summary>
    public Range Name { get; private set; }

    /// <summary>What follows the colon, without the last line end; for lines that are no field all of them.</summary>
    public Range Value { get; private set; }

    /// <summary>Goes to the next field; false at the blank line or at the end.</summary>
    public bool MoveNext()
    {
        int start = _next;
        if (start == _header.Length || LineEndLength(start) > 0)
            return false;

        int end = start;
        do
            end = LineAfter(end);
        while (end < _header.Length && _header[end] is (byte)' ' or (byte)'\t');

        _next = end;
        Raw = start..end;
        int content = end;
        if (content > start && _header[content - 1] == '\n')
            content -= content - 1 > start && _header[content - 2] == '\r' ? 2 : 1;

        int nameLength = NameLength(_header[start..content], out int colon);
        Name = start..(start + nameLength);
        Value = (nameLength == 0 ? start : start + colon + 1)..content;
        return true;
    }

    /// <summary>Length of the blank line at an offset; 0 where there is none.</summary>
    private readonly int LineEndLength(int offset) => _header[offset..] switch
    {
        [(byte)'\n', ..] => 1,
        [(byte)'\r', (byte)'\n', ..] => 2,
        _ => 0,
    };

    private readonly int LineAfter(int offset)
    {
        int lineFeed = _header[offset..].IndexOf((byte)'\n');
        return lineFeed < 0 ? _header.Length : offset + lineFeed + 1;
    }

    // ftext of RFC 5322 §3.6.8, with 8-bit as RFC 6532 has it elsewhere; an mbox "From " line has a blank inside and so no name.
    private static int NameLength(ReadOnlySpan<byte> field, out int colon)
    {
        colon = field.IndexOf((byte)':');
        if (colon <= 0)
            return 0;

        ReadOnlySpan<byte> name = field[..colon].TrimEnd(" \t"u8);
        return name.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || name.Contains((byte)0x7F) ? 0 : name.Length;
    }
}
