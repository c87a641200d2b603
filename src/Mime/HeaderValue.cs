namespace FullStack.Mime;

/// <summary>Field values as one line.</summary>
internal static class HeaderValue
{
    private static readonly System.Buffers.SearchValues<byte> NeedsCopy = System.Buffers.SearchValues.Create("\r\n\0"u8);

    /// <summary>
    /// Unfolds and trims: line ends drop out, white space stays as it is (RFC 5322 §2.2.3: "simply removing any CRLF"); NUL becomes
    /// U+FFFD in UTF-8, since neither IMAP nor text can carry it. Without any of these the result lies in <paramref name="value"/> itself.
    /// </summary>
    public static ReadOnlyMemory<byte> Unfold(ReadOnlyMemory<byte> value)
    {
        ReadOnlySpan<byte> span = value.Span;
        return span.ContainsAny(NeedsCopy) ? Copy(span) : value[LeadingBlanks(span)..].TrimEnd(" \t"u8);
    }

    /// <summary>The same, in an array of its own.</summary>
    public static ReadOnlyMemory<byte> UnfoldToOwn(ReadOnlySpan<byte> value)
        => value.ContainsAny(NeedsCopy) ? Copy(value) : value.Trim(" \t"u8).ToArray();

    /// <summary>The same, null where nothing is left.</summary>
    public static ReadOnlyMemory<byte>? UnfoldOrNull(ReadOnlySpan<byte> value)
        => UnfoldToOwn(value) is { IsEmpty: false } unfolded ? unfolded : None;

    /// <summary>No octets at all: beside other octets the literal null would become an empty array.</summary>
    public static ReadOnlyMemory<byte>? None => null;

    private static int LeadingBlanks(ReadOnlySpan<byte> span)
    {
        int first = span.IndexOfAnyExcept((byte)' ', (byte)'\t');
        return first < 0 ? span.Length : first;
    }

    private static ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> value)
    {
        byte[] copy = new byte[value.Length + 2 * value.Count((byte)0)];
        int length = 0;
        for (int i = 0; i < value.Length; i++)
        {
            byte octet = value[i];
            bool lineEnd = octet == '\n' || (octet == '\r' && i + 1 < value.Length && value[i + 1] == '\n');
            if (lineEnd)
                continue;
            if (octet == 0)
            {
                "\uFFFD"u8.CopyTo(copy.AsSpan(length));
                length += 3;
            }
            else
            {
                copy[length++] = octet;
            }
        }

        ReadOnlyMemory<byte> unfolded = copy.AsMemory(0, length);
        return unfolded[LeadingBlanks(unfolded.Span)..].TrimEnd(" \t"u8);
    }
}
