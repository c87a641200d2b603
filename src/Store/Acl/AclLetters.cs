namespace FullStack.Store.Acl;

/// <summary>Rights as letters.</summary>
public static class AclLetters
{
    private const string InOrder = "aeiklprstwx";

    /// <summary>The letters of RFC 4314 in alphabetical order.</summary>
    public static string Format(AclRights rights)
    {
        Span<char> letters = stackalloc char[InOrder.Length];
        int count = 0;
        for (int i = 0; i < InOrder.Length; i++)
        {
            if (rights.HasFlag((AclRights)(1 << i)))
                letters[count++] = InOrder[i];
        }

        return new(letters[..count]);
    }

    /// <summary>
    /// Reads letters. The old <c>c</c> means <c>k</c>, the old <c>d</c> means <c>e t x</c>, as Courier takes them;
    /// how these letters of its predecessor are read, RFC 4314 §2.1.1 leaves to the server.
    /// </summary>
    /// <param name="letters">Letters in any order, each once or more.</param>
    /// <param name="rights">The rights of all letters that are known.</param>
    /// <returns>Whether all were known.</returns>
    public static bool TryParse(ReadOnlySpan<char> letters, out AclRights rights)
    {
        rights = AclRights.None;
        bool known = true;
        foreach (char letter in letters)
        {
            AclRights right = letter switch
            {
                'c' => AclRights.Create,
                'd' => AclRights.Expunge | AclRights.DeleteMessages | AclRights.DeleteMailbox,
                _ => InOrder.IndexOf(letter, StringComparison.Ordinal) is var at and >= 0 ? (AclRights)(1 << at) : AclRights.None,
            };
            known &= right != AclRights.None;
            rights |= right;
        }

        return known;
    }
}
