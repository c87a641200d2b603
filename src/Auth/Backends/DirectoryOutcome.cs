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

/// <summary>One alias: mail to <paramref name="Address"/> (or <c>@domain</c>, the domain's catch-all) goes to the targets.</summary>
public sealed record DirectoryAlias(string Address, IReadOnlyList<string> Targets);
