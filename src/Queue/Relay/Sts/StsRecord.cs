namespace FullStack.Queue.Relay.Sts;

/// <summary>The text in DNS that says that a domain has a policy, and which one.</summary>
/// <remarks>RFC 8461 §3.1.</remarks>
internal static class StsRecord
{
    private const string Version = "v=STSv1";
    private const int MaxName = 32;
    private const int MaxId = 32;

    /// <summary>The id of the policy.</summary>
    /// <param name="texts">All texts of the name.</param>
    /// <returns>Null where not exactly one is such a record, or that one is not well-formed.</returns>
    public static string? IdOf(IReadOnlyList<string> texts)
    {
        string? only = null;
        foreach (string text in texts)
        {
            if (!text.StartsWith(Version + ";", StringComparison.Ordinal))
                continue;
            if (only is not null)
                return null;
            only = text;
        }

        return only is null ? null : Parse(only.AsSpan(Version.Length));
    }

    // 1*(sts-field-delim sts-field) [sts-field-delim]
    private static string? Parse(ReadOnlySpan<char> rest)
    {
        string? id = null;
        int fields = 0;
        while (TrySkipDelimiter(ref rest))
        {
            if (rest.IsEmpty)
                break;
            int end = rest.IndexOfAny(';', ' ', '\t');
            ReadOnlySpan<char> field = end < 0 ? rest : rest[..end];
            rest = rest[field.Length..];
            int equals = field.IndexOf('=');
            if (equals < 0 || !IsName(field[..equals]) || !IsValue(field[(equals + 1)..]))
                return null;
            fields++;
            if (field[..equals] is "id")
            {
                ReadOnlySpan<char> value = field[(equals + 1)..];
                if (value.Length > MaxId || value.ContainsAnyExcept(Alphanumeric))
                    return null;
                id ??= value.ToString();
            }
        }

        return rest.IsEmpty && fields > 0 ? id : null;
    }

    private static readonly System.Buffers.SearchValues<char> Alphanumeric
        = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static bool TrySkipDelimiter(ref ReadOnlySpan<char> rest)
    {
        ReadOnlySpan<char> trimmed = rest.TrimStart(" \t");
        if (trimmed is not [';', ..])
            return false;
        rest = trimmed[1..].TrimStart(" \t");
        return true;
    }

    internal static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxName || !char.IsAsciiLetterOrDigit(name[0]))
            return false;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
                return false;
        }

        return true;
    }

    private static bool IsValue(ReadOnlySpan<char> value) => value.Length > 0 && !value.ContainsAnyExceptInRange('!', '~') && !value.Contains('=');
}
