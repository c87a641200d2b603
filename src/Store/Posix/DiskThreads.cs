using System.Diagnostics.CodeAnalysis;

namespace FullStack.Store.Posix;

/// <summary>
/// A bounded set of threads for calls that block on the disk, so that none of them holds a thread of the pool. Threads
/// start when work waits and end when there is none.
/// </summary>
internal sealed class DiskThreads : IDisposable
{
    /// <summary>How many there are at most.</summary>
    public const int MaxThreads = 32;

    private const int MaxWaiting = 4096;
    private static readonly TimeSpan KeepIdle = TimeSpan.FromSeconds(10);

    private readonly object _gate = new(); // no Lock: threads that rest wait on it
    private readonly Queue<Action> _work = new();
    private readonly SemaphoreSlim _slots = new(MaxWaiting);
    private int _threads;
    private int _idle;
    private bool _stopped;

    /// <summary>Other threads that may wait for the disk too; null: there are none.</summary>
    public IWaitingThreads? Others { get; set; }

    /// <summary>Runs one blocking piece of work. Once it has started it runs to its end.</summary>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken ct = default)
        => ct.IsCancellationRequested ? Task.FromCanceled<T>(ct)
            : _slots.Wait(0, CancellationToken.None) ? Enqueue(work)
            : RunLaterAsync(work, ct);

    /// <summary>
    /// The same for what takes a few calls, and for which the caller waits before he does anything else: on his own thread where that may wait. Nobody is woken
    /// then, neither to do it nor when it is done.
    /// </summary>
    public Task<T> RunHereAsync<T>(Func<T> work)
    {
        if (Others is not { } others || !others.TryBeginWait())
            return RunAsync(work);
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception e) // as above: it goes to whoever awaits the work
        {
            return Task.FromException<T>(e);
        }
        finally
        {
            others.EndWait();
        }
    }

    private async Task<T> RunLaterAsync<T>(Func<T> work, CancellationToken ct)
    {
        await _slots.WaitAsync(ct);
        return await Enqueue(work);
    }

    // Who waits for the work is woken by its thread itself; where nobody does yet, nobody is.
    private Task<T> Enqueue<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            Enqueue(() =>
            {
                try
                {
                    T result = work();
                    _slots.Release();
                    done.SetResult(result);
                }
                catch (Exception e) // Goes to whoever awaits the work; a disk thread must survive it.
                {
                    _slots.Release();
                    done.SetException(e);
                }
            });
        }
        catch (IOException e)
        {
            _slots.Release();
            done.SetException(e);
        }

        return done.Task;
    }

    /// <summary>Lets the threads end once the work is done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Enqueue(Action work)
    {
        lock (_gate)
        {
            bool started = _idle <= _work.Count && _threads < MaxThreads && TryStart();
            if (_threads == 0)
                throw new IOException("no thread can be started for the disk");
            _work.Enqueue(work);
            if (!started)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Where handles or memory are short there may be no thread to be had; then those that there are do the work.</summary>
    private bool TryStart()
    {
        try
        {
            new Thread(Loop, maxStackSize: 512 * 1024) { IsBackground = true, Name = "disk" }.Start();
            _threads++;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private void Loop()
    {
        while (TryTake(out Action? work))
            work();
    }

    /// <summary>Waits for work, without looking out for it: a semaphore spins first, and the disk is slower than that.</summary>
    /// <returns>Whether there is any; else the thread is to end.</returns>
    private bool TryTake([NotNullWhen(true)] out Action? work)
    {
        lock (_gate)
        {
            bool mayWait = true;
            while (!_work.TryDequeue(out work))
            {
                if (_stopped || !mayWait)
                {
                    _threads--;
                    return false;
                }

                _idle++;
                mayWait = Monitor.Wait(_gate, KeepIdle);
                _idle--;
            }

            return true;
        }
    }
}
