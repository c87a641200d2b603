namespace FullStack.Queue.Aliases;

/// <summary>Settings of aliases in a file, and of users' own files.</summary>
public sealed record AliasOptions
{
    /// <summary>The file of aliases as it was read; <see cref="AliasTable.Empty"/> where there is none.</summary>
    public AliasTable Table { get; init; } = AliasTable.Empty;

    /// <summary>The domains for which it holds; empty: all local domains of the configuration.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Whether it may name programs and files.</summary>
    public bool AllowsActions { get; init; } = true;

    /// <summary>
    /// Most addresses, lists, programs and files that one address may lead to, each counted as often as it is named. Mail for one that leads to more is put off: a list that
    /// was cut would lose it for some.
    /// </summary>
    public int MaxAddresses { get; init; } = 100_000;

    /// <summary>Accounts whose owners may have files of their own: addresses, <c>@domain</c>, or <c>*</c> for all.</summary>
    public IReadOnlyList<string> ForwardAccounts { get; init; } = [];

    /// <summary>Accounts, in the same way, whose own files may name programs and files.</summary>
    public IReadOnlyList<string> ActionAccounts { get; init; } = [];

    /// <summary>What is read of other files, with these settings.</summary>
    internal TargetFiles Files { get; } = new();

    /// <summary>Whether a list of accounts has one.</summary>
    public static bool Has(IReadOnlyList<string> accounts, string address)
    {
        foreach (string pattern in accounts)
        {
            bool fits = pattern == "*" || (pattern.StartsWith('@') ? address.EndsWith(pattern, StringComparison.OrdinalIgnoreCase) : pattern.Equals(address, StringComparison.OrdinalIgnoreCase));
            if (fits)
                return true;
        }

        return false;
    }
}
