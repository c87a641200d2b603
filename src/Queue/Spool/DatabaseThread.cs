using FullStack.Store;
using FullStack.Store.Index;
using Microsoft.Data.Sqlite;

namespace FullStack.Queue.Spool;

/// <summary>One connection to the queue's database and the thread that uses it. The thread starts when work waits and ends when there is none.</summary>
/// <remarks>
/// Changes that wait together are one transaction, so that one sync of the disk is for all of them; a change that fails is taken out of it, and the others
/// are written without it.
/// </remarks>
internal sealed class DatabaseThread(string path, SyncMode sync, string name) : IDisposable
{
    /// <summary>Changes written in one transaction at most.</summary>
    private const int MaxTogether = 500;

    /// <summary>Changes that wait at most; who comes then waits for room.</summary>
    private const int MaxWaiting = 4096;

    private static readonly TimeSpan KeepIdle = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<IWork> _work = new();
    private readonly SemaphoreSlim _room = new(MaxWaiting);
    private readonly ManualResetEventSlim _available = new(false);
    private IndexConnection? _connection;
    private bool _running;
    private bool _disposed;

    /// <summary>Called after each transaction, on the thread, before anybody hears of it. For tests of power cuts.</summary>
    public Action Written { get; set; } = static () => { };

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

    /// <summary>Ends once all that was asked for is done, and closes the connection.</summary>
    public void Dispose()
    {
        bool wasRunning;
        lock (_gate)
        {
            _disposed = true;
            wasRunning = _running;
            _available.Set();
        }

        if (!wasRunning)
            Close();
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
                _work.Enqueue(work);
                _available.Set();
                if (!_running)
                {
                    _running = true;
                    new Thread(Loop, maxStackSize: 1024 * 1024) { IsBackground = true, Name = name }.Start();
                }
            }

            return await work.Task;
        }
        finally
        {
            _room.Release();
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
                    batch[from..to].ForEach(Read);
                from = to;
            }
        }
    }

    /// <summary>Takes what waits, waiting for it a while.</summary>
    /// <returns>False where the thread is to end.</returns>
    private bool Take(List<IWork> batch)
    {
        batch.Clear();
        while (true)
        {
            bool signalled = _available.Wait(KeepIdle);
            lock (_gate)
            {
                while (batch.Count < MaxTogether && _work.TryDequeue(out IWork? work))
                    batch.Add(work);
                if (_work.Count == 0)
                    _available.Reset();
                if (batch.Count > 0)
                    return true;
                if (signalled && !_disposed)
                    continue;
                _running = false;
                if (_disposed)
                    Close();
                return false;
            }
        }
    }

    private void Read(IWork work)
    {
        try
        {
            work.Run(Open());
        }
        catch (Exception e) // Goes to whoever asked; the thread must survive it.
        {
            Fail(work, e);
            return;
        }

        work.Complete();
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

    private IndexConnection Open() => _connection ??= new(path, sync, QueueSchema.Version, QueueSchema.Upgrade);

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
