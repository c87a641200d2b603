using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FullStack.Store.Quota;

/// <summary>
/// Remembers, in a SQLite file at the store's root, what each mailbox of each account keeps. It can be deleted at any time:
/// all of it can be counted again. All members block; they may be called by several threads.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="isReadOnly">Whether it is another process's that may be at work with it.</param>
/// <param name="log">Takes what goes wrong.</param>
internal sealed class UsageFile(string path, bool isReadOnly, ILogger log) : IDisposable
{
    private const int Version = 1;

    private const string Schema = """
        DROP TABLE IF EXISTS mailbox_usage;
        CREATE TABLE mailbox_usage (
            domain TEXT NOT NULL, account TEXT NOT NULL, mailbox TEXT NOT NULL, octets INTEGER NOT NULL, messages INTEGER NOT NULL,
            stamp INTEGER NOT NULL, PRIMARY KEY (domain, account, mailbox)) WITHOUT ROWID;
        """;

    private readonly Lock _lock = new();
    private SqliteConnection? _connection;

    /// <summary>The name of the file; no domain's folder can have it, for none begins with a dot.</summary>
    public const string Name = ".usage.db";

    /// <summary>What is known of an account's mailboxes; empty where nothing is.</summary>
    public List<UsageRow> Load(string domain, string account)
    {
        List<UsageRow> rows = [];
        Try(connection =>
        {
            rows.Clear();
            using SqliteCommand command = Command(connection, "SELECT mailbox, octets, messages, stamp FROM mailbox_usage WHERE domain = $1 AND account = $2", domain, account);
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
                rows.Add(new(reader.GetString(0), new(reader.GetInt64(1), reader.GetInt64(2)), reader.GetInt64(3)));
        });
        return rows;
    }

    /// <summary>What is known of a domain's accounts, and of each whether its numbers are sure unless somebody changed its folders.</summary>
    public List<(string Account, QuotaAmount Amount, bool IsSure)> LoadDomain(string domain)
    {
        List<(string, QuotaAmount, bool)> rows = [];
        Try(connection =>
        {
            rows.Clear();
            using SqliteCommand command = Command(
                connection, "SELECT account, SUM(octets), SUM(messages), MIN(stamp <> 0) FROM mailbox_usage WHERE domain = $1 GROUP BY account", domain);
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
                rows.Add((reader.GetString(0), new(reader.GetInt64(1), reader.GetInt64(2)), reader.GetInt64(3) != 0));
        });
        return rows;
    }

    /// <summary>Writes what changed, all in one transaction. It is on the disk some time later.</summary>
    public void Write(IReadOnlyList<UsageChanges> accounts) => Try(connection =>
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        foreach (UsageChanges changes in accounts)
        {
            foreach (UsageRow row in changes.Changed)
            {
                using SqliteCommand insert = Command(
                    connection, "INSERT OR REPLACE INTO mailbox_usage VALUES ($1, $2, $3, $4, $5, $6)",
                    changes.Domain, changes.Account, row.Entry, row.Amount.Octets, row.Amount.Messages, row.Stamp);
                insert.ExecuteNonQuery();
            }

            foreach (string gone in changes.Gone)
            {
                using SqliteCommand delete = Command(
                    connection, "DELETE FROM mailbox_usage WHERE domain = $1 AND account = $2 AND mailbox = $3", changes.Domain, changes.Account, gone);
                delete.ExecuteNonQuery();
            }
        }

        transaction.Commit();
    });

    public void Dispose()
    {
        lock (_lock)
        {
            _connection?.Dispose();
            _connection = null;
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        return command;
    }

    /// <summary>Where the file fails, nothing is known: that costs a count, and is no reason to refuse mail.</summary>
    private void Try(Action<SqliteConnection> use)
    {
        lock (_lock)
        {
            for (int attempt = 1; attempt <= 2; attempt++)
            {
                try
                {
                    _connection ??= Open();
                    if (_connection is not null)
                        use(_connection);
                    return;
                }
                catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
                {
                    StoreLog.UsageFileFailed(log, path, e.Message);
                    _connection?.Dispose();
                    _connection = null;
                    if (isReadOnly || e is not SqliteException { SqliteErrorCode: 11 or 26 })
                        return; // else damaged, or no database at all
                    Remove();
                }
            }
        }
    }

    private SqliteConnection? Open()
    {
        if (isReadOnly && !File.Exists(path))
            return null;
        SqliteConnection connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = path, Pooling = false, Mode = isReadOnly ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadWriteCreate,
        }.ToString());
        try
        {
            connection.Open();
            Run(connection, "PRAGMA busy_timeout = 10000; PRAGMA synchronous = NORMAL");
            if (isReadOnly)
                return connection;
            Run(connection, "PRAGMA journal_mode = WAL");
            using SqliteCommand version = Command(connection, "PRAGMA user_version");
            if ((long)version.ExecuteScalar()! != Version)
                Run(connection, $"BEGIN IMMEDIATE; {Schema} PRAGMA user_version = {Version}; COMMIT");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Remove()
    {
        foreach (string suffix in (string[])["", "-wal", "-shm"])
            File.Delete(path + suffix);
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = Command(connection, sql);
        command.ExecuteNonQuery();
    }
}
