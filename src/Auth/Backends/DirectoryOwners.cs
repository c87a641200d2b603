using Microsoft.Data.Sqlite;

namespace FullStack.Auth.Backends;

/// <summary>Since when accounts and domains of an <see cref="AccountDirectory"/> have had their owners, and which owners have gone to another host.</summary>
internal sealed class DirectoryOwners(DirectoryConnectionPool pool)
{
    public DirectoryOutcome SetMovedTo(string address, string? host)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress user)
            ? DirectoryOutcome.Malformed
            : pool.Update("UPDATE user SET moved_to = $3 WHERE domain = $1 AND local = $2", user.Domain, user.Local, host);

    public DirectoryOutcome SetUserSince(string address, DateTimeOffset? since)
        => !DirectoryAddress.TryParse(address, out DirectoryAddress user)
            ? DirectoryOutcome.Malformed
            : pool.Update("UPDATE user SET owned_since = $3 WHERE domain = $1 AND local = $2", user.Domain, user.Local, DirectoryConnection.Text(since?.ToUnixTimeSeconds()));

    public DirectoryOutcome SetDomainSince(string domain, DateTimeOffset? since)
        => !DirectoryAddress.TryParseDomain(domain, out string? name)
            ? DirectoryOutcome.Malformed
            : pool.Update("UPDATE domain SET owned_since = $2 WHERE name = $1", name, DirectoryConnection.Text(since?.ToUnixTimeSeconds()));

    public DirectoryOwnership? Find(string address)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress user))
            return null;
        return pool.Use(user, static (c, u) => c.Query(
            "SELECT user.owned_since, domain.owned_since FROM user JOIN domain ON domain.name = user.domain WHERE domain = $1 AND local = $2",
            static row => new DirectoryOwnership(ReadTime(row, 0), ReadTime(row, 1)), u.Domain, u.Local).SingleOrDefault());
    }

    private static DateTimeOffset? ReadTime(SqliteDataReader row, int column)
        => DirectoryConnection.ReadNumber(row, column) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
