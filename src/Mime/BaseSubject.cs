namespace FullStack.Mime;

/// <summary>A subject without what replies, forwards and mailing lists put around it.</summary>
/// <param name="Text">What is left; empty where nothing is.</param>
/// <param name="IsReplyOrForward">Whether something was taken away that says so: <c>Re:</c>, <c>Fwd:</c>, <c>(fwd)</c>, <c>[fwd: …]</c>.</param>
/// <remarks>RFC 5256 §2.1 and §5. The work is that of reading the subject once, whatever it is made of.</remarks>
public readonly record struct BaseSubject(string Text, bool IsReplyOrForward)
{
    /// <summary>Finds the base of a subject.</summary>
    /// <param name="subject">The field's value, unfolded, encoded words and all.</param>
    public static BaseSubject Of(ReadOnlySpan<byte> subject) => Of(EncodedWords.Decode(subject));

    /// <summary>Finds the base of a subject that is decoded already.</summary>
    public static BaseSubject Of(string subject)
    {
        ReadOnlySpan<char> text = WithSingleSpaces(subject);
        bool isReply = false;
        while (true)
        {
            text = WithoutTrailers(text, ref isReply);
            text = WithoutLeaders(text, ref isReply);
            if (!IsForward(text))
                return new(text.ToString(), isReply);
            isReply = true;
            text = text["[fwd:".Length..^1];
        }
    }

    // "Convert all tabs and continuations to space. Convert all multiple spaces to a single space."
    private static ReadOnlySpan<char> WithSingleSpaces(string subject)
    {
        if (!subject.AsSpan().ContainsAny('\t', '\r', '\n') && !subject.Contains("  ", StringComparison.Ordinal))
            return subject;
        char[] text = new char[subject.Length];
        int length = 0;
        foreach (char unit in subject)
        {
            bool isBlank = unit is ' ' or '\t' or '\r' or '\n';
            if (!isBlank)
                text[length++] = unit;
            else if (length == 0 || text[length - 1] != ' ')
                text[length++] = ' ';
        }

        return text.AsSpan(0, length);
    }

    // subj-trailer = "(fwd)" / WSP
    private static ReadOnlySpan<char> WithoutTrailers(ReadOnlySpan<char> text, scoped ref bool isReply)
    {
        while (true)
        {
            text = text.TrimEnd(' ');
            if (!text.EndsWith("(fwd)", StringComparison.OrdinalIgnoreCase))
                return text;
            isReply = true;
            text = text[..^"(fwd)".Length];
        }
    }

    /// <summary>Steps (3) to (5): leaders, and blobs that something follows.</summary>
    /// <remarks>
    /// subj-leader = (*subj-blob subj-refwd) / WSP. A run of blobs that no subj-refwd follows goes as a whole, for after each of them
    /// the rest of the run would be looked at again with the same outcome; where nothing follows it the last blob is the base.
    /// </remarks>
    private static ReadOnlySpan<char> WithoutLeaders(ReadOnlySpan<char> text, scoped ref bool isReply)
    {
        while (true)
        {
            text = text.TrimStart(' ');
            int lastBlob = 0, afterBlobs = 0;
            while (BlobLength(text[afterBlobs..]) is var blob and > 0)
            {
                lastBlob = afterBlobs;
                afterBlobs += blob;
            }

            int prefix = ReplyPrefixLength(text[afterBlobs..]);
            if (prefix == 0)
                return text[(afterBlobs < text.Length ? afterBlobs : lastBlob)..];
            isReply = true;
            text = text[(afterBlobs + prefix)..];
        }
    }

    // subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
    private static int ReplyPrefixLength(ReadOnlySpan<char> text)
    {
        int length = text.StartsWith("fwd", StringComparison.OrdinalIgnoreCase) ? 3
            : text.StartsWith("re", StringComparison.OrdinalIgnoreCase) || text.StartsWith("fw", StringComparison.OrdinalIgnoreCase) ? 2 : 0;
        if (length == 0)
            return 0;
        while (length < text.Length && text[length] == ' ')
            length++;
        length += BlobLength(text[length..]);
        return length < text.Length && text[length] == ':' ? length + 1 : 0;
    }

    // subj-blob = "[" *BLOBCHAR "]" *WSP; BLOBCHAR is anything but the brackets
    private static int BlobLength(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] != '[')
            return 0;
        int bracket = text[1..].IndexOfAny('[', ']') + 1;
        if (bracket == 0 || text[bracket] == '[')
            return 0;
        int length = bracket + 1;
        while (length < text.Length && text[length] == ' ')
            length++;
        return length;
    }

    // subj-fwd = subj-fwd-hdr subject subj-fwd-trl
    private static bool IsForward(ReadOnlySpan<char> text)
        => text.StartsWith("[fwd:", StringComparison.OrdinalIgnoreCase) && text[^1] == ']';
}
