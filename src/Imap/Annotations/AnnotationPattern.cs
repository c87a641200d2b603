namespace FullStack.Imap.Annotations;

/// <summary>
/// entry-match: the name of an entry, or a pattern in which <c>*</c> stands for one or more characters and <c>%</c> for one or
/// more without a slash among them. Case counts.
/// </summary>
/// <remarks>RFC 5257 §4.3 and §5.</remarks>
internal sealed class AnnotationPattern(string text)
{
    /// <summary>The pattern as it was written.</summary>
    public string Text => text;

    /// <summary>Whether it can match several entries.</summary>
    public bool HasWildcards { get; } = text.AsSpan().ContainsAny('*', '%');

    public bool Matches(string entry)
    {
        if (!HasWildcards)
            return entry == text;
        // Places of the pattern that can be reached after each character: no backtracking, so no pattern is expensive.
        Span<bool> now = stackalloc bool[text.Length + 1];
        Span<bool> next = stackalloc bool[text.Length + 1];
        now.Clear();
        now[0] = true;
        foreach (char c in entry)
        {
            next.Clear();
            for (int i = 0; i < text.Length; i++)
            {
                if (!now[i])
                    continue;
                bool isWildcard = text[i] is '*' or '%';
                if (isWildcard ? text[i] == '*' || c != '/' : text[i] == c)
                {
                    next[i + 1] = true;
                    next[i] |= isWildcard; // It may go on.
                }
            }

            Span<bool> spare = now;
            now = next;
            next = spare;
        }

        return now[text.Length];
    }
}
