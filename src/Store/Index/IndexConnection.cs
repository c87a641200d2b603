using FullStack.Store.Upgrades;
using FullStack.Store.Verify;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FullStack.Store.Index;

/// <summary>
/// One open index database. Every call blocks; one thread at a time. Statements go to SQLite itself, without ADO.NET between: a mailbox
/// of a hundred thousand messages is as many rows, read and written at once.
/// </summary>
public sealed class IndexConnection : IDisposable
{
    private const int WaitSeconds = 10;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, (sqlite3_stmt Statement, int[] Places)> _statements = [];
    private readonly SyncMode _sync;

    /// <param name="path">Its file, made where there is none.</param>
    /// <param name="sync">Whether anything is synced.</param>
    /// <param name="current">The version of the tables that this server knows.</param>
    /// <param name="upgrade">The statements that bring a database of an earlier version, 0 for an empty one, to the current one.</param>
    /// <exception cref="SqliteException">The database is damaged or cannot be opened.</exception>
    /// <exception cref="LaterFormatException">It is of a later version.</exception>
    public IndexConnection(string path, SyncMode sync, int current, Func<long, string> upgrade)
    {
        SqliteConnectionStringBuilder settings = new() { DataSource = path, Pooling = false };
        _connection = new(settings.ToString());
        _sync = sync;
        try
        {
            NewIndex.EnsureMade(path, sync, upgrade);
            _connection.Open();
            Run($"PRAGMA busy_timeout = {WaitSeconds * 1000}");
            long version = VersionOf(path, current);
            Run("PRAGMA journal_mode = WAL");
            SetDurable(false);
            if (version < current)
                Run(upgrade(version));
        }
        catch (Exception e) when (e is SqliteException or LaterFormatException)
        {
            Dispose();
            throw;
        }
    }

    private IndexConnection(SqliteConnection connection) => (_connection, _sync) = (connection, SyncMode.None);

    /// <summary>Opens a database to read it only; the file stays as it is. Of one of an earlier version a copy is read, which is brought to the current one and vanishes with this.</summary>
    /// <param name="path">Its file, which must be there.</param>
    /// <param name="current">The version of the tables that this server knows.</param>
    /// <param name="upgrade">The statements that bring a database of an earlier version to the current one.</param>
    /// <exception cref="SqliteException">The database is damaged or cannot be opened.</exception>
    /// <exception cref="LaterFormatException">It is of a later version.</exception>
    public static IndexConnection OpenToRead(string path, int current, Func<long, string> upgrade)
    {
        IndexConnection reading = new(DatabaseLook.Open(path, WaitSeconds));
        try
        {
            long version = reading.VersionOf(path, current);
            if (version == current)
                return reading;
            IndexConnection copy = new(new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = "", Pooling = false }.ToString())); // SQLite's own temporary file
            try
            {
                copy._connection.Open();
                reading._connection.BackupDatabase(copy._connection);
                copy.Run(upgrade(version));
            }
            catch
            {
                copy.Dispose();
                throw;
            }

            reading.Dispose();
            return copy;
        }
        catch
        {
            reading.Dispose();
            throw;
        }
    }

    /// <summary>SQLite's code for a file that is no database.</summary>
    public const int NotADatabase = 26;

    /// <summary>SQLite's code for a file that cannot be opened, for want of file handles among other reasons.</summary>
    public const int CannotOpen = 14;

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

    /// <summary>Runs one statement for each of many items.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="places">How many values it takes.</param>
    /// <param name="items">The items.</param>
    /// <param name="bind">Gives the statement an item's values, all of them.</param>
    /// <exception cref="SqliteException">It could not be run.</exception>
    internal void ExecuteEach<T>(string sql, int places, IEnumerable<T> items, Action<IndexValues, T> bind)
    {
        (sqlite3_stmt statement, int[] found) = Prepare(sql, places);
        IndexValues values = new(statement, found);
        foreach (T item in items)
        {
            bind(values, item);
            int result = raw.sqlite3_step(statement);
            raw.sqlite3_reset(statement);
            if (result != raw.SQLITE_DONE)
                Check(result);
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
        (sqlite3_stmt statement, int[] places) = Prepare(sql, values.Length);
        for (int i = 0; i < values.Length; i++)
            Check(Bind(statement, places[i], values[i]));
        return statement;
    }

    private (sqlite3_stmt Statement, int[] Places) Prepare(string sql, int places)
    {
        if (_statements.TryGetValue(sql, out (sqlite3_stmt Statement, int[] Places) prepared))
            return prepared;
        Check(raw.sqlite3_prepare_v3(Database, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt made));

        // A name stands where it is first used in the text, whatever its number.
        return _statements[sql] = (made, [.. Enumerable.Range(1, places).Select(number => raw.sqlite3_bind_parameter_index(made, $"${number}"))]);
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

    /// <exception cref="LaterFormatException">It is of a later version than the current one.</exception>
    private long VersionOf(string path, int current)
        => Query("PRAGMA user_version", static row => row.GetInt64(0))[0] is var version && version <= current ? version : throw LaterFormatException.Of(path, version, current);
}
