using Microsoft.Data.Sqlite;

namespace FullStack.Auth.Backends;

/// <summary>What accounts and domains of an <see cref="AccountDirectory"/> may keep and send.</summary>
internal sealed class DirectoryLimits(DirectoryConnectionPool pool)
{
    /// <summary>A quota that an account of its own has, from three columns of a row.</summary>
    public static DirectoryQuota ReadUserQuota(SqliteDataReader row, int column)
        => ReadQuota(row, column) with { Mailboxes = DirectoryConnection.ReadNumber(row, column + 2) };

    public IReadOnlyList<DirectoryDomain> ListDomains()
        => pool.Use(0, static (c, _) => c.Query(
            "SELECT quota_octets, quota_messages, name FROM domain ORDER BY name",
            static row => new DirectoryDomain(row.GetString(2), ReadQuota(row, 0))));

    public DirectoryQuota? FindDomain(string domain)
    {
        if (!DirectoryAddress.TryParseDomain(domain, out string? name))
            return null;
        return pool.Use(name, static (c, n) => c.Query(
            "SELECT quota_octets, quota_messages FROM domain WHERE name = $1", static row => (DirectoryQuota?)ReadQuota(row, 0), n).SingleOrDefault());
    }

    public DirectoryOutcome SetDomain(string domain, DirectoryQuota quota)
        => !DirectoryAddress.TryParseDomain(domain, out string? name) || !quota.IsValid
            ? DirectoryOutcome.Malformed
            : pool.Update(
                "UPDATE domain SET quota_octets = $2, quota_messages = $3 WHERE name = $1",
                name, DirectoryConnection.Text(quota.Octets), DirectoryConnection.Text(quota.Messages));

    public DirectoryOutcome SetUser(string address, DirectoryQuota quota)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress user) || !quota.IsValid
            ? DirectoryOutcome.Malformed
            : pool.Update(
                "UPDATE user SET quota_octets = $3, quota_messages = $4, quota_mailboxes = $5 WHERE domain = $1 AND local = $2",
                user.Domain, user.Local, DirectoryConnection.Text(quota.Octets), DirectoryConnection.Text(quota.Messages), DirectoryConnection.Text(quota.Mailboxes));

    public DirectoryQuotas Find(string address)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress user))
            return default;
        return pool.Use(user, static (c, u) => c.Query(
            """
            SELECT user.quota_octets, user.quota_messages, user.quota_mailboxes, domain.quota_octets, domain.quota_messages
            FROM domain LEFT JOIN user ON user.domain = domain.name AND user.local = $2 WHERE domain.name = $1
            """,
            static row => new DirectoryQuotas(ReadUserQuota(row, 0), ReadQuota(row, 3)), u.Domain, u.Local).SingleOrDefault());
    }

    public DirectoryOutcome SetSubmission(string address, DirectorySubmission submission)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress user) || !submission.IsValid
            ? DirectoryOutcome.Malformed
            : pool.Update(
                "UPDATE user SET submit_octets = $3, sent_copy = $4 WHERE domain = $1 AND local = $2",
                user.Domain, user.Local, DirectoryConnection.Text(submission.MessageOctets), submission.SentCopy is { } copy ? copy ? "1" : "0" : null);

    public DirectorySubmission FindSubmission(string address)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress user))
            return default;
        return pool.Use(user, static (c, u) => c.Query(
            "SELECT submit_octets, sent_copy FROM user WHERE domain = $1 AND local = $2",
            static row => new DirectorySubmission(DirectoryConnection.ReadNumber(row, 0), DirectoryConnection.ReadNumber(row, 1) is { } copy ? copy != 0 : null),
            u.Domain, u.Local).SingleOrDefault());
    }

    private static DirectoryQuota ReadQuota(SqliteDataReader row, int column)
        => new(DirectoryConnection.ReadNumber(row, column), DirectoryConnection.ReadNumber(row, column + 1));
}
