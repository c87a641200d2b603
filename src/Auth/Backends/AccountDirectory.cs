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
/// <param name="Home">Where its mail is, if not in the default place; null for the default.</param>
public sealed record DirectoryUser(string Address, string? Home);

/// <summary>One alias: mail to <paramref name="Address"/> (or <c>@domain</c>, the domain's catch-all) goes to the targets.</summary>
public sealed record DirectoryAlias(string Address, IReadOnlyList<string> Targets);

/// <summary>
/// Domains, accounts and aliases in one SQLite file. Local parts are kept in lower case. Several processes may use the
/// same file: a change is seen at once. All members are safe for concurrent use and take microseconds.
/// </summary>
public sealed class AccountDirectory : IDisposable
{
    /// <summary>Opens the file, making it and its tables where needed.</summary>
    public AccountDirectory(string file) => throw new NotImplementedException();

    public DirectoryOutcome AddDomain(string domain) => throw new NotImplementedException();
    public DirectoryOutcome RemoveDomain(string domain) => throw new NotImplementedException();
    public IReadOnlyList<string> ListDomains() => throw new NotImplementedException();
    public bool HasDomain(string domain) => throw new NotImplementedException();

    /// <param name="secret">A stored form, from <see cref="Passwords.PasswordHash"/>.</param>
    public DirectoryOutcome AddUser(string address, string secret, string? home = null) => throw new NotImplementedException();
    public DirectoryOutcome SetSecret(string address, string secret) => throw new NotImplementedException();
    public DirectoryOutcome RemoveUser(string address) => throw new NotImplementedException();
    public IReadOnlyList<DirectoryUser> ListUsers(string? domain = null) => throw new NotImplementedException();
    public DirectoryUser? FindUser(string address) => throw new NotImplementedException();
    public string? FindSecret(string address) => throw new NotImplementedException();

    /// <summary>Adds targets to an alias; <c>@domain</c> is the catch-all. Refuses loops among aliases of the directory.</summary>
    public DirectoryOutcome AddAlias(string address, IReadOnlyList<string> targets) => throw new NotImplementedException();
    public DirectoryOutcome RemoveAlias(string address) => throw new NotImplementedException();
    public IReadOnlyList<DirectoryAlias> ListAliases(string? domain = null) => throw new NotImplementedException();
    public DirectoryAlias? FindAlias(string address) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
