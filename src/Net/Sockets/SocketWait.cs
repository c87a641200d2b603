using System.Threading.Tasks.Sources;

namespace FullStack.Net.Sockets;

/// <summary>A session's wait until its socket can be read, or can be written to. Used again for each wait, one at a time.</summary>
/// <remarks>Who ends it is settled by its owner: <see cref="TryEnd"/> is called in its lock and is true once, then <see cref="Complete"/> outside.</remarks>
internal sealed class SocketWait : IValueTaskSource, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<bool> _core; // goes on where it is completed
    private bool _waits;

    public bool Waits => _waits;

    /// <summary>Begins a wait.</summary>
    public ValueTask Begin()
    {
        _core.Reset();
        _waits = true;
        return new(this, _core.Version);
    }

    /// <summary>Whether there is a wait, and the caller the one to end it.</summary>
    public bool TryEnd()
    {
        bool had = _waits;
        _waits = false;
        return had;
    }

    /// <summary>Goes on with the session.</summary>
    /// <param name="isInline">On this thread; else on one of the pool.</param>
    public void Complete(bool isInline)
    {
        if (isInline)
            _core.SetResult(true);
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);
}
