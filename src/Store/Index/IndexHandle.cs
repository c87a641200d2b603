using Microsoft.Data.Sqlite;

namespace FullStack.Store.Index;

/// <summary>A database that is opened when it is used, and stays open until it rests or another needs its place. All members block.</summary>
internal sealed class IndexHandle
{
    private readonly OpenIndexes _indexes;
    private readonly Func<IndexConnection> _open;
    private readonly Lock _inUse = new();
    private volatile IndexConnection? _connection;

    /// <param name="indexes">Those that are open.</param>
    /// <param name="open">Opens it.</param>
    public IndexHandle(OpenIndexes indexes, Func<IndexConnection> open)
    {
        (_indexes, _open) = (indexes, open);
        Place = new(this);
    }

    /// <summary>Where it is among those that are open; theirs to change.</summary>
    public LinkedListNode<IndexHandle> Place { get; }

    public bool IsOpen => _connection is not null;

    /// <summary>Uses the database, which nobody closes meanwhile.</summary>
    /// <exception cref="SqliteException">It cannot be opened, or what was to be done cannot be.</exception>
    public T Use<T>(Func<IndexConnection, T> use)
    {
        lock (_inUse)
        {
            IndexConnection connection = _connection ??= Open();
            _indexes.Use(this);
            T result = use(connection);
            if (_indexes.IsOverfull)
                CloseNow();
            return result;
        }
    }

    /// <summary>Closes it once nobody uses it.</summary>
    public void Close()
    {
        lock (_inUse)
            CloseNow();
    }

    /// <summary>Closes it where it is open and nobody uses it.</summary>
    /// <returns>Whether it was.</returns>
    public bool TryClose()
    {
        // A lock lets its own holder in again, who may be at work with the database.
        if (_inUse.IsHeldByCurrentThread || !_inUse.TryEnter())
            return false;
        try
        {
            return CloseNow();
        }
        finally
        {
            _inUse.Exit();
        }
    }

    private IndexConnection Open()
    {
        _indexes.TakePlace();
        bool opened = false;
        try
        {
            IndexConnection connection = OpenOrShed();
            opened = true;
            return connection;
        }
        finally
        {
            if (!opened)
                _indexes.FreePlace(this);
        }
    }

    private IndexConnection OpenOrShed()
    {
        try
        {
            return _open();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == IndexConnection.CannotOpen && _indexes.Shed())
        {
            return _open(); // Where file handles were short there are some now.
        }
    }

    private bool CloseNow()
    {
        if (_connection is not { } connection)
            return false;
        _connection = null;
        try
        {
            connection.Dispose();
        }
        finally
        {
            _indexes.FreePlace(this);
        }

        return true;
    }
}
