using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using Microsoft.Data.Sqlite;

namespace FullStack.Auth.Factors;

/// <summary>Passwords for single programs, and the secrets of codes, in the directory's file. Accounts of other back-ends may have them too.</summary>
/// <remarks>
/// Members throw <see cref="DirectoryUnavailableException"/> where the file cannot be used. Changes are durable when they return. With an account of the built-in
/// directory all it has goes, so that a later owner of the address inherits nothing.
/// </remarks>
public sealed class FactorStore
{
    /// <summary>Most passwords for single programs that an account may have: each is looked at when it logs in.</summary>
    public const int MaxAppPasswords = 50;

    private readonly AccountDirectory _directory;
    private readonly DirectoryConnectionPool _pool;

    internal FactorStore(AccountDirectory directory, DirectoryConnectionPool pool) => (_directory, _pool) = (directory, pool);

    /// <summary>Makes a password for one program.</summary>
    /// <param name="address">Whose.</param>
    /// <param name="app">Its name and limits.</param>
    /// <param name="password">The password, which nobody can be told again; null unless it was made.</param>
    /// <returns><see cref="DirectoryOutcome.InUse"/> where the account has as many as it may have.</returns>
    public DirectoryOutcome Add(string address, AppPassword app, out string? password)
    {
        password = null;
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress account) || !AppPassword.IsName(app.Name) || app.Services == LoginService.None)
            return DirectoryOutcome.Malformed;
        if (!_directory.HasDomain(account.Domain))
            return DirectoryOutcome.NoSuchDomain;
        string made = AppPassword.NewPassword();
        string digest = AppPassword.DigestOf(account.ToString(), made), verifier = VerifierOf(account.ToString(), made).ToString();
        DirectoryOutcome outcome = Change(c =>
        {
            if (c.Query("SELECT name FROM app_password WHERE domain = $1 AND local = $2", static row => row.GetString(0), account.Domain, account.Local).Count >= MaxAppPasswords)
                return DirectoryOutcome.InUse;
            int added = c.Execute(
                "INSERT OR IGNORE INTO app_password (domain, local, name, services, created, expires, digest, verifier) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                account.Domain, account.Local, app.Name, DirectoryConnection.Text((long)app.Services), DirectoryConnection.Text(app.Created.ToUnixTimeSeconds()),
                DirectoryConnection.Text(app.Expires?.ToUnixTimeSeconds()), digest, verifier);
            return added > 0 ? DirectoryOutcome.Done : DirectoryOutcome.AlreadyThere;
        });
        if (outcome == DirectoryOutcome.Done)
            password = made;
        return outcome;
    }

    /// <summary>Takes a password for one program away: it lets nobody in from now on.</summary>
    public DirectoryOutcome Remove(string address, string name)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress account)
            ? DirectoryOutcome.Malformed
            : _pool.Update("DELETE FROM app_password WHERE domain = $1 AND local = $2 AND name = $3", account.Domain, account.Local, name);

    /// <summary>An account's passwords for single programs, by name.</summary>
    public IReadOnlyList<AppPassword> List(string address) => Find(address).AppPasswords;

    /// <summary>Whether an account's password alone lets nobody in.</summary>
    public bool NeedsCode(string address) => Find(address).NeedsCode;

    /// <summary>Has an account show a code beside its password from now on.</summary>
    /// <returns><see cref="DirectoryOutcome.AlreadyThere"/> where it has to already.</returns>
    public DirectoryOutcome RequireCode(string address, ReadOnlySpan<byte> secret)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress account))
            return DirectoryOutcome.Malformed;
        if (!_directory.HasDomain(account.Domain))
            return DirectoryOutcome.NoSuchDomain;
        string text = Convert.ToHexStringLower(secret);
        return Change(c => c.Execute("INSERT OR IGNORE INTO time_code (domain, local, secret, last_step) VALUES ($1, $2, $3, 0)", account.Domain, account.Local, text) > 0
            ? DirectoryOutcome.Done
            : DirectoryOutcome.AlreadyThere);
    }

    /// <summary>Lets an account's password alone do again.</summary>
    public DirectoryOutcome WaiveCode(string address)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress account)
            ? DirectoryOutcome.Malformed
            : _pool.Update("DELETE FROM time_code WHERE domain = $1 AND local = $2", account.Domain, account.Local);

    /// <summary>All that an account has beside its password.</summary>
    internal AccountFactors Find(string address)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress account))
            return AccountFactors.None;
        return _pool.Use(account, static (c, a) =>
        {
            List<AppPassword> passwords = c.Query(
                "SELECT name, services, created, expires, digest, verifier FROM app_password WHERE domain = $1 AND local = $2 ORDER BY name", ReadAppPassword, a.Domain, a.Local);
            string? secret = c.Query("SELECT secret FROM time_code WHERE domain = $1 AND local = $2", static row => row.GetString(0), a.Domain, a.Local).SingleOrDefault();
            return passwords.Count == 0 && secret is null ? AccountFactors.None : new(passwords, secret is null ? null : Convert.FromHexString(secret));
        });
    }

    /// <summary>Uses a code up, so that neither it nor an earlier one is good again. Durable when it returns.</summary>
    /// <returns>Whether it was good.</returns>
    internal bool TryUseCode(string address, string code, DateTimeOffset now)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress account) || Find(address).CodeSecret is not { } secret || TimeCode.FindStep(secret, code, now) is not { } step)
            return false;
        DirectoryOutcome used = _pool.Update(
            "UPDATE time_code SET last_step = $3 WHERE domain = $1 AND local = $2 AND last_step < CAST($3 AS INTEGER)",
            account.Domain, account.Local, DirectoryConnection.Text(step));
        return used == DirectoryOutcome.Done;
    }

    /// <summary>The salt is that of the account's own password: a server tells a client one salt, before it knows which of the passwords comes.</summary>
    private ScramVerifier VerifierOf(string account, string password)
        => _directory.FindSecret(account) is { } stored && PasswordHash.FindVerifier(stored, ScramHash.Sha256) is { } own
            ? ScramVerifier.Create(ScramHash.Sha256, password, own.Salt, own.Iterations)
            : ScramVerifier.Create(ScramHash.Sha256, password, _directory.SaltFor(account), ScramVerifier.DefaultIterations);

    private DirectoryOutcome Change(Func<DirectoryConnection, DirectoryOutcome> change) => _pool.Change(change);

    private static AppPassword ReadAppPassword(SqliteDataReader row)
        => new(row.GetString(0), (LoginService)row.GetInt32(1), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(2)), row.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(3)))
        {
            Digest = row.GetString(4),
            Verifier = row.GetString(5),
        };
}
