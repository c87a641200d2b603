namespace FullStack.Net;

/// <summary>Why a pending read should end although nothing came: time-out, drain, or a wake-up.</summary>
/// <remarks>
/// Each reason sets its flag first and cancels the pending read second, and the reader looks at the flags after a
/// cancelled read, so no reason is missed: a cancel that finds no pending read ends the next one at once.
/// </remarks>
internal sealed class ReadWait : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Action _cancelRead;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private bool _isWaiting;
    private TimeSpan _timeout;
    private long _begun;
    private bool _timedOut;
    private int _woken;
    private int _draining;
    private TaskCompletionSource? _pause;

    public ReadWait(TimeProvider time, Action cancelRead)
    {
        _time = time;
        _cancelRead = cancelRead;
        _timer = time.CreateTimer(static state => ((ReadWait)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsDraining => Volatile.Read(ref _draining) != 0;

    public bool HasTimedOut => Volatile.Read(ref _timedOut);

    /// <summary>Whether there is something to end a read for, now or already before it.</summary>
    public bool HasReason => IsDraining || HasTimedOut || Volatile.Read(ref _woken) != 0;

    /// <summary>A read begins.</summary>
    /// <param name="timeout">How long it may wait; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</param>
    public void Start(TimeSpan timeout)
    {
        lock (_gate)
            (_isWaiting, _timeout, _begun, _timedOut) = (true, timeout, _time.GetTimestamp(), false);
        _timer.Change(timeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The read is over. Whether it timed out is still known.</summary>
    public void Stop()
    {
        lock (_gate)
            _isWaiting = false;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0)
            _cancelRead();
    }

    public void BeginDrain()
    {
        if (Interlocked.Exchange(ref _draining, 1) != 0)
            return;
        Volatile.Read(ref _pause)?.TrySetResult();
        _cancelRead();
    }

    /// <summary>Waits without reading. A drain ends it.</summary>
    public async Task PauseAsync(TimeSpan pause, CancellationToken ct)
    {
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _pause, over);
        if (IsDraining) // set before the pause is looked for: one of the two sees the other
            return;
        await using ITimer timer = _time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), over, pause, Timeout.InfiniteTimeSpan);
        await over.Task.WaitAsync(ct);
    }

    /// <summary>The reason for a cancelled read; null where it was a stale one and the read should go on.</summary>
    public FrameStatus? Reason(bool wakeable)
    {
        if (IsDraining)
            return FrameStatus.Draining;
        if (HasTimedOut)
            return FrameStatus.TimedOut;
        return wakeable && Interlocked.Exchange(ref _woken, 0) != 0 ? FrameStatus.Woken : null;
    }

    public CancellationTokenSource NewDeadline(TimeSpan timeout) => new(timeout, _time);

    public void Dispose() => _timer.Dispose();

    // The pool may call late, when the next wait is under way already: that one's time counts, not that somebody calls.
    private void OnTimer()
    {
        lock (_gate)
        {
            if (!_isWaiting || _timeout == Timeout.InfiniteTimeSpan)
                return;
            TimeSpan left = _timeout - _time.GetElapsedTime(_begun);
            if (left > TimeSpan.Zero)
            {
                _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
                return;
            }

            _timedOut = true;
        }

        _cancelRead();
    }
}
