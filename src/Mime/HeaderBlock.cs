namespace FullStack.Mime;

/// <summary>The fields of one header, by offsets into its octets; line ends CRLF or LF. Never throws on any input.</summary>
public sealed class HeaderBlock
{
    /// <summary>Splits a header (with or without its blank line) into fields. Lines that are no field belong to the field before them.</summary>
    public static HeaderBlock Parse(ReadOnlyMemory<byte> octets) => throw new NotImplementedException();

    public IReadOnlyList<HeaderField> Fields => throw new NotImplementedException();

    /// <summary>The first field of that name, ASCII case ignored; null where absent.</summary>
    public HeaderField? Find(string name) => throw new NotImplementedException();
}

/// <summary>One header field.</summary>
/// <param name="Name">Field name as written, Latin-1.</param>
/// <param name="Raw">The whole field as it came, with all its line ends.</param>
/// <param name="RawValue">What follows the colon, as it came, without the last line end.</param>
public sealed record HeaderField(string Name, ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> RawValue)
{
    /// <summary>The value with folding removed (line ends dropped, white space kept) and outer white space trimmed.</summary>
    public ReadOnlyMemory<byte> Unfolded => throw new NotImplementedException();

    /// <summary>The value as text: unfolded, RFC 2047 words decoded, raw 8-bit taken as UTF-8, else Windows-1252.</summary>
    public string Text => throw new NotImplementedException();
}
