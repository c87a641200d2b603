using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Looks for text in headers as a reader sees them: unfolded, RFC 2047 words decoded.</summary>
/// <remarks>As it stands an encoded word is not searched: short words would be found in base64, and <c>utf</c> in half of all subjects.</remarks>
public static class TextSearch
{
    private const int ScratchUnits = 512;

    /// <summary>True where an unfolded header value contains the needle.</summary>
    public static bool IsInValue(SearchNeedle needle, ReadOnlySpan<byte> value)
        => needle.IsEmpty || Contains(value, needle, stackalloc char[ScratchUnits]);

    /// <summary>True where a field of that name, ASCII case ignored, contains the needle; an empty one is in every such field.</summary>
    public static bool IsInField(SearchNeedle needle, string name, ReadOnlyMemory<byte> header)
    {
        HeaderLines lines = new(header.Span);
        Span<char> scratch = stackalloc char[ScratchUnits];
        while (lines.MoveNext())
        {
            if (IsNamed(header.Span[lines.Name], name)
                && (needle.IsEmpty || Contains(HeaderValue.Unfold(header[lines.Value]).Span, needle, scratch)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks for needles in the lines of a header, each with its name.</summary>
    /// <param name="needles">What to look for.</param>
    /// <param name="header">The header as it came.</param>
    /// <param name="found">One for each needle: set where it is in a line, and not looked at again where it is set.</param>
    public static void FindInLines(IReadOnlyList<SearchNeedle> needles, ReadOnlyMemory<byte> header, Span<bool> found)
    {
        HeaderLines lines = new(header.Span);
        Span<char> scratch = stackalloc char[ScratchUnits];
        while (lines.MoveNext() && found.Contains(false))
        {
            ReadOnlySpan<byte> name = header.Span[lines.Name], value = HeaderValue.Unfold(header[lines.Value]).Span;
            ReadOnlySpan<char> folded = FoldLine(name, value, scratch);
            for (int i = 0; i < needles.Count; i++)
                found[i] = found[i] || folded.IndexOf(needles[i].Folded) >= 0;
        }
    }

    /// <summary>Gathers the lines in which <see cref="FindInLines"/> looks.</summary>
    public static void GatherLines(ReadOnlyMemory<byte> header, FoldedTextBuffer text)
    {
        HeaderLines lines = new(header.Span);
        while (lines.MoveNext())
            text.Add(Line(header.Span[lines.Name], HeaderValue.Unfold(header[lines.Value]).Span));
    }

    private static bool IsNamed(ReadOnlySpan<byte> octets, string name)
        => octets.Length == name.Length
            && (Ascii.EqualsIgnoreCase(octets, name)
                || (!Ascii.IsValid(octets) && Encoding.Latin1.GetString(octets).Equals(name, StringComparison.OrdinalIgnoreCase)));

    private static bool Contains(ReadOnlySpan<byte> value, SearchNeedle needle, Span<char> scratch)
    {
        if (TryFoldPlain(value, scratch, out int units))
            return scratch[..units].IndexOf(needle.Folded) >= 0;
        return needle.IsIn(new(EncodedWords.Decode(value)));
    }

    private static ReadOnlySpan<char> FoldLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, Span<char> scratch)
    {
        if (TryFoldPlain(name, scratch, out int units) && units + 2 < scratch.Length)
        {
            ": ".CopyTo(scratch[units..]);
            if (TryFoldPlain(value, scratch[(units + 2)..], out int more))
                return scratch[..(units + 2 + more)];
        }

        return UnicodeCasemap.Fold(Line(name, value));
    }

    private static string Line(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => $"{Encoding.Latin1.GetString(name)}: {EncodedWords.Decode(value)}";

    /// <summary>What nearly all fields are: ASCII, without encoded words, and short.</summary>
    private static bool TryFoldPlain(ReadOnlySpan<byte> value, Span<char> folded, out int units)
    {
        units = 0;
        return value.Length <= folded.Length && value.IndexOf("=?"u8) < 0 && Ascii.ToUpper(value, folded, out units) == OperationStatus.Done;
    }
}
