namespace FullStack.Auth.Backends;

/// <summary>What became of a change to the directory.</summary>
public enum DirectoryOutcome
{
    Done,
    AlreadyThere,
    NotFound,

    /// <summary>The address or domain is malformed.</summary>
    Malformed,

    /// <summary>The domain is not in the directory.</summary>
    NoSuchDomain,

    /// <summary>An alias would lead back to itself.</summary>
    Loop,

    /// <summary>Something else still uses it (a domain with users).</summary>
    InUse,
}

/// <summary>One account as the directory has it.</summary>
/// <param name="Address">Lower case.</param>
/// <param name="Quota">How much it may keep.</param>
public sealed record DirectoryUser(string Address, DirectoryQuota Quota = default)
{
    /// <summary>The host, perhaps with a port, to which the account has moved; null: it is here.</summary>
    public string? MovedTo { get; init; }
}

/// <summary>One alias: mail to <paramref name="Address"/> (or <c>@domain</c>, the domain's catch-all) goes to the targets.</summary>
public sealed record DirectoryAlias(string Address, IReadOnlyList<string> Targets);
