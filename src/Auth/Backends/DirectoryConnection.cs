using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FullStack.Auth.Backends;

/// <summary>One SQLite connection to the directory's file, or to a copy in memory, with its statements kept prepared. One thread uses it at a time.</summary>
internal sealed class DirectoryConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    private DirectoryConnection(string source, SqliteOpenMode mode)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = source,
            Mode = mode,
            Cache = mode == SqliteOpenMode.Memory ? SqliteCacheMode.Shared : SqliteCacheMode.Default,
            Pooling = false, // our own pool keeps statements prepared
            ForeignKeys = true,
            DefaultTimeout = DirectorySchema.BusySeconds,
        }.ToString());
        try
        {
            _connection.Open();
            Execute($"PRAGMA busy_timeout = {DirectorySchema.BusySeconds * 1000}");
            Execute("PRAGMA synchronous = FULL"); // a change that was reported survives a power cut
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <exception cref="SqliteException">The file cannot be opened or is no database.</exception>
    public static DirectoryConnection ToFile(string file) => new(file, SqliteOpenMode.ReadWrite);

    /// <summary>A connection to what all connections of that name hold in memory; the last one to close takes it away.</summary>
    public static DirectoryConnection InMemory(string name) => new(name, SqliteOpenMode.Memory);

    /// <summary>A number as a statement takes it.</summary>
    public static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number of a row; null where the column has none.</summary>
    public static long? ReadNumber(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    /// <summary>Copies all that is there, in the state of one moment.</summary>
    public void CopyTo(DirectoryConnection target) => _connection.BackupDatabase(target._connection);

    /// <summary>Runs a statement without result.</summary>
    /// <param name="sql">A constant: it is kept prepared. Parameters are $1, $2, ….</param>
    /// <returns>How many rows it changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<string?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>Whether a query finds any row.</summary>
    public bool Exists(string sql, params ReadOnlySpan<string?> values) => Bind(sql, values).ExecuteScalar() is not null;

    /// <summary>The first column of the first row as a number.</summary>
    public long Number(string sql) => Convert.ToInt64(Bind(sql, []).ExecuteScalar(), CultureInfo.InvariantCulture);

    /// <summary>All rows of a query, each made into a value while it is read.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<string?> values)
    {
        using SqliteDataReader rows = Bind(sql, values).ExecuteReader();
        List<T> list = [];
        while (rows.Read())
            list.Add(read(rows));
        return list;
    }

    /// <summary>Makes changes all or none; they are durable when this returns.</summary>
    /// <param name="change">Returns whether to keep them.</param>
    public DirectoryOutcome Transact(Func<DirectoryConnection, DirectoryOutcome> change)
    {
        Execute("BEGIN IMMEDIATE"); // taking the write lock first: a read lock that has to grow fails at once under contention
        try
        {
            DirectoryOutcome outcome = change(this);
            Execute(outcome == DirectoryOutcome.Done ? "COMMIT" : "ROLLBACK");
            return outcome;
        }
        catch (SqliteException)
        {
            // The caller drops the connection, which rolls back.
            throw;
        }
        catch
        {
            Execute("ROLLBACK");
            throw;
        }
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _prepared.Values)
            command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<string?> values)
    {
        if (!_prepared.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 0; i < values.Length; i++)
                command.Parameters.Add($"${i + 1}", SqliteType.Text);
            _prepared.Add(sql, command);
        }

        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = (object?)values[i] ?? DBNull.Value;
        return command;
    }
}
