using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FullStack.Store.Index;

/// <summary>
/// One open index database. Every call blocks; one thread at a time. Statements go to SQLite itself, without ADO.NET between: a mailbox
/// of a hundred thousand messages is as many rows, read and written at once.
/// </summary>
public sealed class IndexConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, (sqlite3_stmt Statement, int[] Places)> _statements = [];
    private readonly SyncMode _sync;

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
            Dispose();
            throw;
        }
    }

    /// <summary>SQLite's code for a file that is no database.</summary>
    public const int NotADatabase = 26;

    /// <summary>SQLite's code for a damaged database.</summary>
    public const int Corrupt = 11;

    /// <summary>Runs changes in one transaction.</summary>
    /// <param name="durable">Whether they must be on the disk when the call returns.</param>
    /// <param name="changes">The changes.</param>
    public void InTransaction(bool durable, Action changes)
    {
        SetDurable(durable);
        Execute("BEGIN IMMEDIATE");
        try
        {
            changes();
            Execute("COMMIT");
        }
        catch
        {
            // SQLite has ended some transactions that failed by itself.
            if (raw.sqlite3_get_autocommit(Database) == 0)
                raw.sqlite3_exec(Database, "ROLLBACK");
            throw;
        }
    }

    /// <summary>Runs one statement with its values: whole numbers, texts, octets or null.</summary>
    /// <returns>How many rows it changed.</returns>
    /// <exception cref="SqliteException">It could not be run.</exception>
    public int Execute(string sql, params ReadOnlySpan<object?> values)
    {
        sqlite3_stmt statement = Prepare(sql, values);
        try
        {
            int result;
            while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
            }

            Check(result);
            return raw.sqlite3_changes(Database);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    /// <summary>Reads all rows of a query.</summary>
    /// <exception cref="SqliteException">It could not be run.</exception>
    public List<T> Query<T>(string sql, Func<IndexRow, T> read, params ReadOnlySpan<object?> values)
    {
        List<T> rows = [];
        sqlite3_stmt statement = Prepare(sql, values);
        try
        {
            IndexRow row = new(statement);
            int result;
            while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
                rows.Add(read(row));
            Check(result);
            return rows;
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    public void Dispose()
    {
        foreach ((sqlite3_stmt statement, _) in _statements.Values)
            statement.Dispose();
        _connection.Dispose();
    }

    private sqlite3 Database => _connection.Handle!;

    private sqlite3_stmt Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_statements.TryGetValue(sql, out (sqlite3_stmt Statement, int[] Places) prepared))
        {
            Check(raw.sqlite3_prepare_v3(Database, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt made));

            // A name stands where it is first used in the text, whatever its number.
            prepared = (made, [.. Enumerable.Range(1, values.Length).Select(number => raw.sqlite3_bind_parameter_index(made, $"${number}"))]);
            _statements[sql] = prepared;
        }

        for (int i = 0; i < values.Length; i++)
            Check(Bind(prepared.Statement, prepared.Places[i], values[i]));
        return prepared.Statement;
    }

    private static int Bind(sqlite3_stmt statement, int place, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(statement, place),
        long number => raw.sqlite3_bind_int64(statement, place, number),
        string text => raw.sqlite3_bind_text(statement, place, text),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(statement, place, 0),
        byte[] octets => raw.sqlite3_bind_blob(statement, place, octets),
        _ => throw new ArgumentException($"a statement takes no {value.GetType()}", nameof(value)),
    };

    /// <exception cref="SqliteException">The code is none of success.</exception>
    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, Database);

    private void SetDurable(bool durable)
        => Execute(_sync == SyncMode.None ? "PRAGMA synchronous = OFF" : durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");

    private void Run(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Scalar(string sql) => Query(sql, static row => row.GetInt64(0))[0];
}
