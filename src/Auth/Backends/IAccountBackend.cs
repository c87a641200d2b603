namespace FullStack.Auth.Backends;

/// <summary>A place outside this server where accounts are kept: files, a database, LDAP, the system's own users.</summary>
/// <remarks>
/// Addresses and domains come in the directory's one spelling (<see cref="DirectoryAddress"/>). Members are safe for concurrent use, never hold the
/// calling thread, and throw <see cref="DirectoryUnavailableException"/> where the question cannot be answered now. How long and how many at once may ask
/// is <see cref="AccountBackends"/>' affair; a member whose token is cancelled ends as soon as it can.
/// </remarks>
public interface IAccountBackend : IAsyncDisposable
{
    /// <summary>What it is called in log lines.</summary>
    string Name { get; }

    /// <summary>The schemes of all passwords stored in it, upper case with their braces; "" for forms that are not known beforehand, and for passwords that it checks itself.</summary>
    IReadOnlyList<string> Schemes { get; }

    /// <summary>The account of an address; null where it has none.</summary>
    ValueTask<DirectoryUser?> FindUserAsync(string address, CancellationToken ct);

    /// <summary>The alias of exactly this address; <c>@domain</c> asks for the catch-all.</summary>
    ValueTask<DirectoryAlias?> FindAliasAsync(string address, CancellationToken ct);

    /// <summary>Whether mail for a domain is for here, beyond the domains that the configuration names for it.</summary>
    ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct);

    /// <summary>What a password of an account is checked with; null where it says nothing of that account's password.</summary>
    ValueTask<AccountCredential?> FindCredentialAsync(string address, CancellationToken ct);

    /// <summary>Checks a password itself, of an account for which <see cref="FindCredentialAsync"/> told no stored form.</summary>
    ValueTask<PasswordAnswer> CheckPasswordAsync(string address, string password, LoginContext context, CancellationToken ct);
}
