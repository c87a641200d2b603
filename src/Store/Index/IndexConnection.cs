using Microsoft.Data.Sqlite;

namespace FullStack.Store.Index;

/// <summary>One open index database. Every call blocks; one thread at a time.</summary>
internal sealed class IndexConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private SqliteTransaction? _transaction;

    /// <param name="path">Its file, made where there is none.</param>
    /// <param name="sync">Whether anything is synced.</param>
    /// <param name="current">The version of the tables that this server knows.</param>
    /// <param name="upgrade">The statements that bring a database of an earlier version, 0 for an empty one, to the current one.</param>
    /// <exception cref="SqliteException">The database is damaged, of a later version, or cannot be opened.</exception>
    public IndexConnection(string path, SyncMode sync, int current, Func<long, string> upgrade)
    {
        SqliteConnectionStringBuilder settings = new() { DataSource = path, Pooling = false };
        _connection = new(settings.ToString());
        _sync = sync;
        try
        {
            _connection.Open();
            Run("PRAGMA journal_mode = WAL");
            Run("PRAGMA busy_timeout = 10000");
            SetDurable(false);
            long version = Scalar("PRAGMA user_version");
            if (version > current)
                throw new SqliteException($"index version {version} is later than {current}", NotADatabase);
            if (version < current)
                Run(upgrade(version));
        }
        catch (SqliteException)
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>SQLite's code for a file that is no database.</summary>
    public const int NotADatabase = 26;

    /// <summary>SQLite's code for a damaged database.</summary>
    public const int Corrupt = 11;

    private readonly SyncMode _sync;

    /// <summary>Runs changes in one transaction.</summary>
    /// <param name="durable">Whether they must be on the disk when the call returns.</param>
    public void InTransaction(bool durable, Action changes)
    {
        SetDurable(durable);
        using SqliteTransaction transaction = _connection.BeginTransaction();
        _transaction = transaction;
        try
        {
            changes();
            transaction.Commit();
        }
        finally
        {
            _transaction = null;
        }
    }

    /// <summary>Runs one statement with its values.</summary>
    public int Execute(string sql, params ReadOnlySpan<object> values) => Prepare(sql, values).ExecuteNonQuery();

    /// <summary>Reads all rows of a query.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object> values)
    {
        List<T> rows = [];
        using SqliteDataReader reader = Prepare(sql, values).ExecuteReader();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
            command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 0; i < values.Length; i++)
                command.Parameters.Add(new SqliteParameter($"${i + 1}", values[i]));
            _commands[sql] = command;
        }

        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        command.Transaction = _transaction;
        return command;
    }

    private void SetDurable(bool durable)
        => Run(_sync == SyncMode.None ? "PRAGMA synchronous = OFF" : durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");

    private void Run(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Scalar(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
