using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace FullStack.Auth.Backends;

/// <summary>A few open connections for any number of threads. A connection that failed is closed, not used again.</summary>
internal sealed class DirectoryConnectionPool : IDisposable
{
    /// <summary>Connections kept open while nobody uses them.</summary>
    private const int MaxIdle = 8;

    private readonly string _source;
    private readonly DirectoryConnection? _memory; // what it holds is there as long as a connection to it is open
    private readonly ConcurrentBag<DirectoryConnection> _idle = [];
    private readonly Lock _changing = new(); // writers of this process queue here, not in SQLite's sleeping retry
    private int _idleCount;
    private volatile bool _disposed;

    private DirectoryConnectionPool(string source, DirectoryConnection? memory) => (_source, _memory) = (source, memory);

    /// <summary>Whether all changes are refused.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Opens a file to change it: it is made where it is missing, and gets the tables of today.</summary>
    /// <exception cref="DirectoryUnavailableException">The file cannot be opened or made.</exception>
    public static DirectoryConnectionPool Open(string file)
    {
        try
        {
            DirectorySchema.CreateFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DirectoryUnavailableException($"the account directory cannot be made: {e.Message}", e);
        }

        DirectoryConnectionPool pool = new(file, memory: null);
        pool.Use(0, static (connection, _) =>
        {
            DirectorySchema.Migrate(connection);
            return 0;
        });
        return pool;
    }

    /// <summary>Opens a file to read it, as it is; null where there is none, or where its tables are not those of today.</summary>
    /// <exception cref="DirectoryUnavailableException">The file cannot be opened.</exception>
    public static DirectoryConnectionPool? TryOpenToRead(string file)
    {
        if (!File.Exists(file))
            return null;
        DirectoryConnectionPool pool = new(file, memory: null) { IsReadOnly = true };
        if (pool.Use(0, static (connection, _) => DirectorySchema.VersionOf(connection)) == DirectorySchema.Version)
            return pool;
        pool.Dispose();
        return null;
    }

    /// <summary>Copies a file, or one that is not there and so is empty, into memory, where it gets the tables of today.</summary>
    /// <exception cref="DirectoryUnavailableException">The file cannot be read, or a newer program made it.</exception>
    public static DirectoryConnectionPool Copy(string file)
    {
        string name = $"directory-{Guid.NewGuid():N}";
        DirectoryConnection memory = DirectoryConnection.InMemory(name);
        DirectoryConnectionPool copy = new(name, memory);
        try
        {
            if (File.Exists(file))
            {
                using DirectoryConnectionPool pool = new(file, memory: null);
                pool.Use(memory, static (connection, target) =>
                {
                    connection.CopyTo(target);
                    return 0;
                });
            }

            DirectorySchema.Migrate(memory);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Lends a connection for one operation.</summary>
    /// <param name="state">Given to <paramref name="operation"/>, so that it captures nothing.</param>
    /// <param name="operation">What to do with the connection.</param>
    /// <exception cref="DirectoryUnavailableException">The operation failed in SQLite.</exception>
    public TResult Use<TState, TResult>(TState state, Func<DirectoryConnection, TState, TResult> operation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        DirectoryConnection? connection = null;
        try
        {
            connection = Take();
            TResult result = operation(connection, state);
            Return(connection);
            connection = null;
            return result;
        }
        catch (SqliteException e)
        {
            throw new DirectoryUnavailableException($"the account directory cannot be used: {e.Message}", e);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    /// <summary>Changes the file in one transaction, on an idle connection or a new one. Durable when it returns.</summary>
    public DirectoryOutcome Change(Func<DirectoryConnection, DirectoryOutcome> change)
    {
        if (IsReadOnly)
            throw new InvalidOperationException("the directory was opened to be read");
        lock (_changing)
            return Use(change, static (connection, run) => connection.Transact(run));
    }

    /// <summary>Changes rows that are there, by one statement. Durable when it returns.</summary>
    /// <param name="sql">A constant: it is kept prepared. Parameters are $1, $2, ….</param>
    /// <param name="values">The parameters.</param>
    /// <returns><see cref="DirectoryOutcome.NotFound"/> where there was none.</returns>
    public DirectoryOutcome Update(string sql, params string?[] values)
        => Change(connection => connection.Execute(sql, values) > 0 ? DirectoryOutcome.Done : DirectoryOutcome.NotFound);

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out DirectoryConnection? connection))
            connection.Dispose();
        _memory?.Dispose();
    }

    private DirectoryConnection Take()
    {
        if (!_idle.TryTake(out DirectoryConnection? connection))
            return _memory is null ? DirectoryConnection.ToFile(_source) : DirectoryConnection.InMemory(_source);
        Interlocked.Decrement(ref _idleCount);
        return connection;
    }

    private void Return(DirectoryConnection connection)
    {
        if (Interlocked.Increment(ref _idleCount) > MaxIdle)
        {
            Interlocked.Decrement(ref _idleCount);
            connection.Dispose();
            return;
        }

        _idle.Add(connection);
        if (_disposed)
            Dispose(); // it came back after the pool was closed
    }
}
