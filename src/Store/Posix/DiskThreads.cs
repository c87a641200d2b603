namespace FullStack.Store.Posix;

/// <summary>
/// A bounded set of threads for calls that block on the disk, so that none of them holds a thread of the pool. Threads
/// start when work waits and end when there is none.
/// </summary>
internal sealed class DiskThreads : IDisposable
{
    private const int MaxThreads = 32;
    private const int MaxWaiting = 4096;
    private static readonly TimeSpan KeepIdle = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly SemaphoreSlim _slots = new(MaxWaiting);
    private readonly SemaphoreSlim _available = new(0);
    private int _threads;
    private int _idle;
    private bool _stopped;

    /// <summary>Runs one blocking piece of work. Once it has started it runs to its end.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken ct = default)
    {
        await _slots.WaitAsync(ct);
        try
        {
            TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Enqueue(() =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (Exception e) // Goes to whoever awaits the work; a disk thread must survive it.
                {
                    done.SetException(e);
                }
            });
            return await done.Task;
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Lets the threads end once the work is done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            if (_threads > 0)
                _available.Release(_threads);
        }
    }

    private void Enqueue(Action work)
    {
        lock (_gate)
        {
            _work.Enqueue(work);
            if (_idle < _work.Count && _threads < MaxThreads)
            {
                _threads++;
                new Thread(Loop, maxStackSize: 512 * 1024) { IsBackground = true, Name = "disk" }.Start();
            }
        }

        _available.Release();
    }

    private void Loop()
    {
        while (true)
        {
            lock (_gate)
                _idle++;
            bool signalled = _available.Wait(KeepIdle);
            Action? work = null;
            lock (_gate)
            {
                _idle--;
                if (!_work.TryDequeue(out work) && (!signalled || _stopped))
                {
                    _threads--;
                    return;
                }
            }

            work?.Invoke();
        }
    }
}
