using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Grammar;

/// <summary>A pattern of LIST or LSUB: <c>*</c> matches anything, <c>%</c> anything within one level (RFC 3501 §6.3.8).</summary>
internal sealed class MailboxPattern
{
    private readonly string _pattern; // runs of wildcards made one, so its length is bounded by what can match at all
    private readonly bool _possible;

    /// <param name="reference">The reference name, put before the pattern.</param>
    /// <param name="pattern">The pattern as it came, like the reference.</param>
    /// <param name="utf8">Whether they are UTF-8, and not modified UTF-7.</param>
    public MailboxPattern(ReadOnlySpan<byte> reference, ReadOnlySpan<byte> pattern, bool utf8)
    {
        byte[] whole = [.. reference, .. pattern];
        _pattern = MailboxGrammar.TryDecodeText(whole, utf8, out string? text) ? Collapse(text) : "";
        _possible = text is not null && _pattern.Length <= (2 * MailboxName.MaxOctets) + 1;
    }

    /// <summary>Whether a name matches. INBOX does whatever the case of its letters in the pattern.</summary>
    public bool Matches(MailboxName name) => Walk(name.Text, name.IsInbox, orBelow: false);

    /// <summary>Whether a name, one above it or any name that begins with it can match.</summary>
    public bool CanMatchFrom(MailboxName root)
    {
        for (MailboxName? parent = root.Parent; parent is not null; parent = parent.Parent)
        {
            if (Matches(parent))
                return true;
        }

        return Walk(root.Text, ignoreCase: false, orBelow: true);
    }

    private bool Walk(string text, bool ignoreCase, bool orBelow)
    {
        if (!_possible)
            return false;
        // Set of pattern positions reachable after each character: no backtracking, so no pattern is expensive.
        Span<bool> now = stackalloc bool[_pattern.Length + 1];
        Span<bool> next = stackalloc bool[_pattern.Length + 1];
        now.Clear();
        now[0] = true;
        SkipWildcards(now);
        foreach (char c in text)
        {
            next.Clear();
            for (int i = 0; i < _pattern.Length; i++)
            {
                if (!now[i])
                    continue;
                if (_pattern[i] == '*' || (_pattern[i] == '%' && c != MailboxName.Separator))
                    next[i] = true;
                else if (_pattern[i] != '%' && IsSame(_pattern[i], c, ignoreCase))
                    next[i + 1] = true;
            }

            SkipWildcards(next);
            Span<bool> spare = now;
            now = next;
            next = spare;
        }

        return orBelow ? now.Contains(true) : now[_pattern.Length];
    }

    private void SkipWildcards(Span<bool> positions)
    {
        for (int i = 0; i < _pattern.Length; i++)
            positions[i + 1] |= positions[i] && (_pattern[i] is '*' or '%');
    }

    private static bool IsSame(char pattern, char c, bool ignoreCase)
        => pattern == c || (ignoreCase && char.IsAsciiLetter(pattern) && char.ToUpperInvariant(pattern) == c);

    private static string Collapse(string pattern)
    {
        System.Text.StringBuilder collapsed = new(pattern.Length);
        foreach (char c in pattern.Normalize())
        {
            char last = collapsed.Length == 0 ? '\0' : collapsed[^1];
            if ((c is '*' or '%') && (last is '*' or '%'))
                collapsed[^1] = c == '*' || last == '*' ? '*' : '%';
            else
                collapsed.Append(c);
        }

        return collapsed.ToString();
    }
}
