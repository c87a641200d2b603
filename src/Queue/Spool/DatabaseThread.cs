using FullStack.Store;
using FullStack.Store.Index;
using Microsoft.Data.Sqlite;

namespace FullStack.Queue.Spool;

/// <summary>One connection to the queue's database and the thread that uses it. The thread starts when work waits and ends when there is none.</summary>
/// <remarks>
/// Changes that wait together are one transaction, so that one sync of the disk is for all of them; a change that fails is taken out of it, and the others
/// are written without it.
/// </remarks>
internal sealed class DatabaseThread(string path, SyncMode sync, string name) : IAsyncDisposable
{
    /// <summary>Changes written in one transaction at most.</summary>
    private const int MaxTogether = 500;

    /// <summary>Changes that wait at most; who comes then waits for room.</summary>
    private const int MaxWaiting = 4096;

    private static readonly TimeSpan KeepIdle = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Queue<IWork> _work = new();
    private readonly SemaphoreSlim _room = new(MaxWaiting);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IndexConnection? _connection;
    private bool _running;
    private bool _disposed;

    /// <summary>Called after each transaction, on the thread, before anybody hears of it. For tests of power cuts.</summary>
    public Action Written { get; set; } = static () => { };

    /// <summary>How often the database was opened: once, and once more after each failure. For what is asked of it.</summary>
    public int Opened { get; private set; }

    /// <summary>One piece of work.</summary>
    private interface IWork
    {
        bool IsChange { get; }
        void Run(IndexConnection connection);
        void Complete();
        void Fail(Exception cause);
    }

    /// <summary>Reads, after all that was asked for before.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public Task<T> ReadAsync<T>(Func<IndexConnection, T> read) => AskAsync(read, isChange: false);

    /// <summary>Changes; what it returns is on the disk.</summary>
    /// <param name="change">Run once or twice, of which only the last counts.</param>
    /// <exception cref="IOException">The database cannot be used; nothing was changed.</exception>
    public Task<T> ChangeAsync<T>(Func<IndexConnection, T> change) => AskAsync(change, isChange: true);

    /// <summary>Completes once all that was asked for is done, and the connection is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            if (_running)
            {
                Monitor.Pulse(_gate);
            }
            else
            {
                Close();
                _closed.TrySetResult();
            }
        }

        await _closed.Task;
    }

    private async Task<T> AskAsync<T>(Func<IndexConnection, T> ask, bool isChange)
    {
        await _room.WaitAsync();
        try
        {
            Work<T> work = new(ask, isChange);
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (!_running)
                    Start();
                _work.Enqueue(work);
                Monitor.Pulse(_gate);
            }

            return await work.Task;
        }
        finally
        {
            _room.Release();
        }
    }

    /// <exception cref="IOException">Handles or memory are so short that there is no thread to be had.</exception>
    private void Start()
    {
        try
        {
            new Thread(Loop, maxStackSize: 1024 * 1024) { IsBackground = true, Name = name }.Start();
            _running = true;
        }
        catch (OutOfMemoryException e)
        {
            throw new IOException("no thread can be started for the queue", e);
        }
    }

    private void Loop()
    {
        List<IWork> batch = [];
        while (Take(batch))
        {
            for (int from = 0; from < batch.Count;)
            {
                int to = from;
                while (to < batch.Count && batch[to].IsChange == batch[from].IsChange)
                    to++;
                if (batch[from].IsChange)
                    Change(batch[from..to]);
                else
                    Read(batch[from..to]);
                from = to;
            }
        }
    }

    /// <summary>Takes what waits, waiting for it a while.</summary>
    /// <returns>False where the thread is to end.</returns>
    private bool Take(List<IWork> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            bool inTime = true;
            while (_work.Count == 0 && inTime && !_disposed)
                inTime = Monitor.Wait(_gate, KeepIdle);
            while (batch.Count < MaxTogether && _work.TryDequeue(out IWork? work))
                batch.Add(work);
            if (batch.Count > 0)
                return true;
            _running = false;
            if (!_disposed)
                return false;
            Close();
            _closed.TrySetResult();
            return false;
        }
    }

    /// <summary>Reads all that was asked for as it is at one moment: the locks of the database are taken once.</summary>
    private void Read(List<IWork> reads)
    {
        IndexConnection? begun = null;
        foreach (IWork work in reads)
        {
            try
            {
                IndexConnection connection = Open();
                if (connection != begun)
                    connection.Execute("BEGIN");
                begun = connection;
                work.Run(connection);
            }
            catch (Exception e) // Goes to whoever asked; the thread must survive it.
            {
                Fail(work, e);
                continue;
            }

            work.Complete();
        }

        End(begun);
    }

    private void End(IndexConnection? begun)
    {
        if (begun is null || begun != _connection)
            return;
        try
        {
            begun.Execute("COMMIT");
        }
        catch (SqliteException)
        {
            Close(); // Nothing was changed; the next one starts afresh.
        }
    }

    private void Change(List<IWork> changes)
    {
        try
        {
            IndexConnection connection = Open();
            connection.InTransaction(durable: true, () => changes.ForEach(change => change.Run(connection)));
            Written();
        }
        catch (Exception e) // Goes to whoever asked for the change that failed.
        {
            if (changes.Count == 1)
                Fail(changes[0], e);
            else
                changes.ForEach(change => Change([change]));
            return;
        }

        changes.ForEach(static change => change.Complete());
    }

    private void Fail(IWork work, Exception cause)
    {
        if (cause is not SqliteException e)
        {
            work.Fail(cause);
            return;
        }

        // Whatever state the connection is in: the next one starts afresh.
        Close();
        work.Fail(e.SqliteErrorCode == FullDisk ? new IOException($"queue {path}: {e.Message}", NoSpace) : new IOException($"queue {path}: {e.Message}", e));
    }

    // SQLITE_FULL, and ENOSPC, by which SMTP knows a full disk.
    private const int FullDisk = 13;
    private const int NoSpace = 28;

    private IndexConnection Open()
    {
        if (_connection is null)
        {
            _connection = new(path, sync, QueueSchema.Version, QueueSchema.Upgrade);
            Opened++;
        }

        return _connection;
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private sealed class Work<T>(Func<IndexConnection, T> ask, bool isChange) : IWork
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _done.Task;
        public bool IsChange => isChange;

        public void Run(IndexConnection connection) => _result = ask(connection);
        public void Complete() => _done.SetResult(_result!);
        public void Fail(Exception cause) => _done.SetException(cause);
    }
}
