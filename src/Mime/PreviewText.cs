using System.Text;

namespace FullStack.Mime;

/// <summary>Takes the first words out of a text, for lists of messages.</summary>
/// <remarks>RFC 8970 §3.3. Quoted lines, and what follows a signature's mark, say nothing about a message: they are left out where there is anything else.</remarks>
public static class PreviewText
{
    /// <summary>Longest preview, in characters (RFC 8970 §3.3 SHOULD).</summary>
    public const int MaxCharacters = 200;

    /// <summary>
    /// The part whose text stands for a message: the first text that is no attachment, of alternatives the plain one. Null where there is
    /// none, also in what is encrypted.
    /// </summary>
    public static MimePart? FindPart(MimePart part)
    {
        if (part.IsText)
            return IsAttachment(part) || !IsReadable(part) ? null : part;
        if (!part.IsMultipart || part.ContentType.Is("multipart", "encrypted"))
            return null;
        MimePart? found = null;
        foreach (MimePart child in part.Children)
        {
            if (FindPart(child) is not { } text)
                continue;
            found ??= text;
            if (!part.ContentType.Is("multipart", "alternative") || text.ContentType.Is("text", "plain"))
                return text;
        }

        return found;
    }

    /// <summary>The preview of a part's text.</summary>
    /// <param name="part">The part.</param>
    /// <param name="body">Its body, or as much as is at hand, still transfer-encoded.</param>
    public static string Of(MimePart part, byte[] body)
    {
        using BodyTextReader reader = new(part, new MemoryStream(body));
        StringBuilder text = new();
        char[] piece = new char[4096];
        for (int got = reader.Read(piece); got > 0; got = reader.Read(piece))
            text.Append(piece, 0, got);
        string readable = part.ContentType.Is("text", "html") ? HtmlWords.Of(text.ToString()) : text.ToString();
        string own = Words(readable, withQuoted: false);
        return own.Length > 0 ? own : Words(readable, withQuoted: true);
    }

    private static bool IsAttachment(MimePart part) => part.Disposition?.Type.Equals("attachment", StringComparison.OrdinalIgnoreCase) ?? false;

    private static bool IsReadable(MimePart part)
        => part.ContentType.Is("text", "plain") || part.ContentType.Is("text", "html") || part.ContentType.Is("text", "enriched");

    /// <summary>Words with one blank between them, as many as the preview may have.</summary>
    private static string Words(ReadOnlySpan<char> text, bool withQuoted)
    {
        StringBuilder words = new();
        int characters = 0;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            if (!withQuoted && line is "-- ")
                break;
            if (!withQuoted && line.TrimStart() is ['>', ..])
                continue;
            bool isBetween = words.Length > 0;
            foreach (Rune character in line.EnumerateRunes())
            {
                if (Rune.IsWhiteSpace(character) || Rune.IsControl(character))
                {
                    isBetween = words.Length > 0;
                    continue;
                }

                characters += isBetween ? 2 : 1;
                if (characters > MaxCharacters)
                    return words.ToString();
                if (isBetween)
                    words.Append(' ');
                words.Append(character);
                isBetween = false;
            }
        }

        return words.ToString();
    }
}
