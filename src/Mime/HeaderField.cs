namespace FullStack.Mime;

/// <summary>One header field.</summary>
/// <param name="Name">Field name as written, Latin-1; empty for lines that are no field.</param>
/// <param name="Raw">The whole field as it came, with all its line ends.</param>
/// <param name="RawValue">What follows the colon, as it came, without the last line end.</param>
public sealed record HeaderField(string Name, ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> RawValue)
{
    /// <summary>
    /// The value as one line: line ends dropped, outer white space trimmed, NUL made U+FFFD (RFC 5322 §2.2.3).
    /// </summary>
    public ReadOnlyMemory<byte> Unfolded => HeaderValue.Unfold(RawValue);

    /// <summary>The value as text: unfolded, RFC 2047 words decoded, raw 8-bit taken as UTF-8, else Windows-1252.</summary>
    public string Text => EncodedWords.Decode(Unfolded.Span);
}
