using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Factors;
using FullStack.Auth.Passwords;
using Microsoft.Data.Sqlite;

namespace FullStack.Auth.Backends;

/// <summary>
/// Domains, accounts and aliases in one SQLite file. Local parts compare without case. Several processes may use the
/// same file: a change is seen at once. All members are safe for concurrent use and take microseconds.
/// </summary>
/// <remarks>
/// Addresses are taken in any spelling and kept in one (<see cref="DirectoryAddress"/>). Every member but
/// <see cref="Dispose"/> throws <see cref="DirectoryUnavailableException"/> where the file cannot be used. Changes are
/// durable when the member returns. An address is an account or an alias, never both.
/// </remarks>
public sealed class AccountDirectory : IDisposable
{
    internal const string UserExists = "SELECT 1 FROM user WHERE domain = $1 AND local = $2";
    internal const string DomainExists = "SELECT 1 FROM domain WHERE name = $1";
    private const string AliasExists = "SELECT 1 FROM alias_target WHERE domain = $1 AND local = $2 LIMIT 1";

    /// <summary>The version of the tables that this program writes.</summary>
    public static int FormatVersion => DirectorySchema.Version;

    private readonly DirectoryConnectionPool _pool;
    private readonly DirectoryLimits _limits;
    private readonly DirectoryOwners _owners;
    private readonly DirectoryAliases _aliases;
    private byte[]? _saltKey;

    /// <summary>Opens the file, making it (mode 0600) and its tables where needed.</summary>
    /// <exception cref="DirectoryUnavailableException">It cannot be opened or made, or a newer program made it.</exception>
    public AccountDirectory(string file)
        : this(DirectoryConnectionPool.Open(file))
    {
    }

    private AccountDirectory(DirectoryConnectionPool pool)
    {
        _pool = pool;
        (_limits, _owners, _aliases) = (new(pool), new(pool), new(pool));
        Factors = new(this, pool);
    }

    /// <summary>Opens the file to read it, and changes nothing on the disk. It looks as it will when a server has opened it: with the tables of today, and with some domains.</summary>
    /// <remarks>What a former program made, or has not all of the domains, is read as a copy in memory, which sees no later changes.</remarks>
    /// <param name="file">The file; one that is not there is read as an empty one.</param>
    /// <param name="domains">Domains that are there in any case.</param>
    /// <exception cref="DirectoryUnavailableException">It cannot be opened, or a newer program made it.</exception>
    public static AccountDirectory OpenToRead(string file, IReadOnlyList<string> domains)
    {
        if (DirectoryConnectionPool.TryOpenToRead(file) is { } pool)
        {
            AccountDirectory present = new(pool);
            if (domains.All(present.HasDomain))
                return present;
            present.Dispose();
        }

        AccountDirectory copy = new(DirectoryConnectionPool.Copy(file));
        copy.AddDomains(domains);
        copy._pool.IsReadOnly = true;
        return copy;
    }

    /// <summary>What accounts have beside their passwords.</summary>
    public FactorStore Factors { get; }

    public DirectoryOutcome AddDomain(string domain)
        => !DirectoryAddress.TryParseDomain(domain, out string? name)
            ? DirectoryOutcome.Malformed
            : Change(c => c.Execute("INSERT OR IGNORE INTO domain (name) VALUES ($1)", name) > 0 ? DirectoryOutcome.Done : DirectoryOutcome.AlreadyThere);

    /// <summary>Adds those of a list that are not there yet and are domains; all of them, or none where the file cannot be used.</summary>
    public void AddDomains(IEnumerable<string> domains)
    {
        Change(c =>
        {
            foreach (string domain in domains)
            {
                if (DirectoryAddress.TryParseDomain(domain, out string? name))
                    c.Execute("INSERT OR IGNORE INTO domain (name) VALUES ($1)", name);
            }

            return DirectoryOutcome.Done;
        });
    }

    /// <summary>Removes a domain and its aliases. A domain with accounts stays: <see cref="DirectoryOutcome.InUse"/>.</summary>
    public DirectoryOutcome RemoveDomain(string domain)
    {
        if (!DirectoryAddress.TryParseDomain(domain, out string? name))
            return DirectoryOutcome.Malformed;
        return Change(c =>
        {
            if (c.Exists("SELECT 1 FROM user WHERE domain = $1 LIMIT 1", name))
                return DirectoryOutcome.InUse;
            return c.Execute("DELETE FROM domain WHERE name = $1", name) > 0 ? DirectoryOutcome.Done : DirectoryOutcome.NotFound;
        });
    }

    /// <summary>All domains as A-labels, sorted.</summary>
    public IReadOnlyList<string> ListDomains()
        => _pool.Use(0, static (c, _) => c.Query("SELECT name FROM domain ORDER BY name", static row => row.GetString(0)));

    public bool HasDomain(string domain)
        => DirectoryAddress.TryParseDomain(domain, out string? name) && _pool.Use(name, static (c, n) => c.Exists(DomainExists, n));

    /// <summary>Adds an account; its address names a folder, so its local part may hold no slash.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="secret">A stored form, from <see cref="Passwords.PasswordHash"/>.</param>
    /// <param name="ownedSince">Since when its address has been its owner's, here or elsewhere; null: not known.</param>
    public DirectoryOutcome AddUser(string address, string secret, DateTimeOffset? ownedSince = null)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress user) || user.Local.Contains('/', StringComparison.Ordinal))
            return DirectoryOutcome.Malformed;
        return Change(c =>
        {
            if (!c.Exists(DomainExists, user.Domain))
                return DirectoryOutcome.NoSuchDomain;
            if (c.Exists(AliasExists, user.Domain, user.Local))
                return DirectoryOutcome.AlreadyThere;
            int added = c.Execute(
                "INSERT OR IGNORE INTO user (domain, local, secret, owned_since) VALUES ($1, $2, $3, $4)",
                user.Domain, user.Local, secret, DirectoryConnection.Text(ownedSince?.ToUnixTimeSeconds()));
            return added > 0 ? DirectoryOutcome.Done : DirectoryOutcome.AlreadyThere;
        });
    }

    public DirectoryOutcome SetSecret(string address, string secret)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress user)
            ? DirectoryOutcome.Malformed
            : _pool.Update("UPDATE user SET secret = $3 WHERE domain = $1 AND local = $2", user.Domain, user.Local, secret);

    /// <summary>Changes a password only where the stored form still is what the caller read.</summary>
    /// <returns><see cref="DirectoryOutcome.NotFound"/> where it is another by now, or the account is gone.</returns>
    public DirectoryOutcome ReplaceSecret(string address, string expected, string secret)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress user)
            ? DirectoryOutcome.Malformed
            : _pool.Update(
                "UPDATE user SET secret = $4 WHERE domain = $1 AND local = $2 AND secret = $3", user.Domain, user.Local, expected, secret);

    /// <summary>Removes an account. Its mail stays where it is; so do aliases that lead to it.</summary>
    public DirectoryOutcome RemoveUser(string address)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress user)
            ? DirectoryOutcome.Malformed
            : _pool.Update("DELETE FROM user WHERE domain = $1 AND local = $2", user.Domain, user.Local);

    /// <summary>Accounts of one domain or of all, sorted by domain, then by local part.</summary>
    public IReadOnlyList<DirectoryUser> ListUsers(string? domain = null)
    {
        if (!TryFilter(domain, out string? name))
            return [];
        return _pool.Use(name, static (c, n) => c.Query(
            "SELECT local, domain, quota_octets, quota_messages, quota_mailboxes, moved_to FROM user WHERE $1 IS NULL OR domain = $1 ORDER BY domain, local", ReadUser, n));
    }

    public DirectoryUser? FindUser(string address)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress user))
            return null;
        return _pool.Use(user, static (c, u) => c.Query(
            "SELECT local, domain, quota_octets, quota_messages, quota_mailboxes, moved_to FROM user WHERE domain = $1 AND local = $2", ReadUser, u.Domain, u.Local).SingleOrDefault());
    }

    /// <summary>The stored form of an account's password; null where there is no such account.</summary>
    public string? FindSecret(string address)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress user))
            return null;
        return _pool.Use(user, static (c, u) => c.Query(
            "SELECT secret FROM user WHERE domain = $1 AND local = $2", static row => row.GetString(0), u.Domain, u.Local).SingleOrDefault());
    }

    /// <summary>The schemes of all stored passwords, upper case with their braces; "" for a bare hash of crypt(3).</summary>
    public IReadOnlyList<string> ListSchemes()
        => _pool.Use(0, static (c, _) => c.Query("SELECT DISTINCT upper(substr(secret, 1, instr(secret, '}'))) FROM user", static row => row.GetString(0)));

    /// <summary>The form in which an account's new password is stored: with the salt that all of the account's passwords have.</summary>
    /// <exception cref="ArgumentException">The password is not one that <see cref="PasswordHash.IsUsable"/> allows.</exception>
    public string CreateSecret(string address, string password)
        => PasswordHash.Create(password, SaltFor(DirectoryAddress.TryParse(address, out DirectoryAddress user) ? user.ToString() : address));

    /// <summary>A salt that an account always gets, whether it exists or not.</summary>
    internal byte[] SaltFor(string account) => HMACSHA256.HashData(SaltKey, Encoding.UTF8.GetBytes(account))[..ScramVerifier.SaltOctets];

    /// <summary>What salts are made with that must always be the same: random, and the same for good.</summary>
    private byte[] SaltKey
        => _saltKey ??= Convert.FromHexString(_pool.Use(0, static (c, _) => c.Query("SELECT value FROM salt_key", static row => row.GetString(0)).Single()));

    /// <summary>All domains with what they may keep, sorted.</summary>
    public IReadOnlyList<DirectoryDomain> ListDomainQuotas() => _limits.ListDomains();

    /// <summary>What all accounts of a domain may keep together; null where there is no such domain.</summary>
    public DirectoryQuota? FindDomainQuota(string domain) => _limits.FindDomain(domain);

    /// <summary>Sets how much all accounts of a domain may keep together.</summary>
    public DirectoryOutcome SetDomainQuota(string domain, DirectoryQuota quota) => _limits.SetDomain(domain, quota);

    /// <summary>Sets how much an account may keep.</summary>
    public DirectoryOutcome SetUserQuota(string address, DirectoryQuota quota) => _limits.SetUser(address, quota);

    /// <summary>What an account and its domain may keep. Where either is not in the directory, nothing is set for it.</summary>
    public DirectoryQuotas FindQuotas(string address) => _limits.Find(address);

    /// <summary>Sets what holds for an account's submissions.</summary>
    public DirectoryOutcome SetSubmission(string address, DirectorySubmission submission) => _limits.SetSubmission(address, submission);

    /// <summary>What holds for an account's submissions; where there is no such account, nothing is set.</summary>
    public DirectorySubmission FindSubmission(string address) => _limits.FindSubmission(address);

    /// <summary>Says that an account is at another host now, where its owner has to log in.</summary>
    /// <param name="address">The account.</param>
    /// <param name="host">The host, perhaps with a port; null: it is here.</param>
    public DirectoryOutcome SetMovedTo(string address, string? host) => _owners.SetMovedTo(address, host);

    /// <summary>Says since when an account's address has been its owner's; null: not known.</summary>
    public DirectoryOutcome SetUserOwnedSince(string address, DateTimeOffset? since) => _owners.SetUserSince(address, since);

    /// <summary>Says since when a domain has been its owner's; null: for as long as anybody asks.</summary>
    public DirectoryOutcome SetDomainOwnedSince(string domain, DateTimeOffset? since) => _owners.SetDomainSince(domain, since);

    /// <summary>Since when an account and its domain have had their owners; null where there is no such account.</summary>
    public DirectoryOwnership? FindOwnership(string address) => _owners.Find(address);

    /// <summary>Adds targets to an alias; <c>@domain</c> is the catch-all. Refuses loops among aliases of the directory.</summary>
    /// <remarks>
    /// Targets keep the case of their local parts, since they may be on other hosts (RFC 5321 §2.4), and are compared
    /// without it. No target, or one that is malformed: <see cref="DirectoryOutcome.Malformed"/>, and nothing changes.
    /// </remarks>
    public DirectoryOutcome AddAlias(string address, IReadOnlyList<string> targets) => _aliases.Add(address, targets);

    /// <summary>Removes an alias with all its targets.</summary>
    public DirectoryOutcome RemoveAlias(string address) => _aliases.Remove(address);

    /// <summary>Aliases of one domain or of all, sorted by domain, then by local part: the catch-all comes first.</summary>
    public IReadOnlyList<DirectoryAlias> ListAliases(string? domain = null) => TryFilter(domain, out string? name) ? _aliases.List(name) : [];

    /// <summary>The alias of exactly this address; <c>@domain</c> asks for the catch-all, which other addresses never return.</summary>
    public DirectoryAlias? FindAlias(string address) => _aliases.Find(address);

    public void Dispose() => _pool.Dispose();

    private static DirectoryUser ReadUser(SqliteDataReader row)
        => new($"{row.GetString(0)}@{row.GetString(1)}", DirectoryLimits.ReadUserQuota(row, 2)) { MovedTo = row.IsDBNull(5) ? null : row.GetString(5) };

    /// <returns>False where the domain is malformed, so that nothing can be in it.</returns>
    private static bool TryFilter(string? domain, out string? name)
    {
        name = null;
        return domain is null || DirectoryAddress.TryParseDomain(domain, out name);
    }

    private DirectoryOutcome Change(Func<DirectoryConnection, DirectoryOutcome> change) => _pool.Change(change);
}
