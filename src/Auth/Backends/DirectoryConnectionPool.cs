using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace FullStack.Auth.Backends;

/// <summary>A few open connections for any number of threads. A connection that failed is closed, not used again.</summary>
internal sealed class DirectoryConnectionPool : IDisposable
{
    /// <summary>Connections kept open while nobody uses them.</summary>
    private const int MaxIdle = 8;

    private readonly string _file;
    private readonly ConcurrentBag<DirectoryConnection> _idle = [];
    private readonly Lock _changing = new(); // writers of this process queue here, not in SQLite's sleeping retry
    private int _idleCount;
    private volatile bool _disposed;

    /// <exception cref="DirectoryUnavailableException">The file cannot be opened or made.</exception>
    public DirectoryConnectionPool(string file)
    {
        _file = file;
        try
        {
            DirectorySchema.CreateFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DirectoryUnavailableException($"the account directory cannot be made: {e.Message}", e);
        }

        Use(0, static (connection, _) =>
        {
            DirectorySchema.Migrate(connection);
            return 0;
        });
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
        lock (_changing)
            return Use(change, static (connection, run) => connection.Transact(run));
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out DirectoryConnection? connection))
            connection.Dispose();
    }

    private DirectoryConnection Take()
    {
        if (!_idle.TryTake(out DirectoryConnection? connection))
            return new DirectoryConnection(_file);
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
