namespace FullStack.Harness;

/// <summary>A clock that stands still until a test moves it. Timers fire, in order, on the thread that moves it.</summary>
/// <remarks>
/// While it moves it stands, for that thread, at the moment of each timer that is due. Every other thread sees it arrived
/// already: what a session begins because a timer fired lasts from the end of the move on, and not from somewhere
/// within it, where the rest of the same move could time it out.
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    /// <summary>Where every test's clock starts: Mon, 2 Mar 2026 10:00:00 +0000.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly HashSet<ManualTimer> _armed = [];
    private DateTimeOffset _now = Start;
    private DateTimeOffset _arrival = Start;
    private TimeSpan _setBack;
    private int _mover;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait to fire.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate)
                return _armed.Count;
        }
    }

    /// <summary>Whether a timer waits to fire after exactly that time, and not just any.</summary>
    public bool IsArmed(TimeSpan left)
    {
        lock (_gate)
            return _armed.Any(timer => timer.Due == _now + left);
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return Present - _setBack;
    }

    public override long GetTimestamp()
    {
        lock (_gate)
            return Present.Ticks;
    }

    /// <summary>Somebody sets the clock back. Timers, and what is measured between two timestamps, are as before.</summary>
    public void SetBack(TimeSpan by)
    {
        lock (_gate)
            _setBack += by;
    }

    private DateTimeOffset Present => Environment.CurrentManagedThreadId == _mover ? _now : _arrival;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock, stopping at each moment at which a timer is due.</summary>
    /// <param name="by">How far; not negative.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (_gate)
        {
            _mover = Environment.CurrentManagedThreadId;
            _arrival = _now + by;
        }

        while (TakeNextDue() is { } timer)
            timer.Fire();
    }

    private ManualTimer? TakeNextDue()
    {
        lock (_gate)
        {
            ManualTimer? next = _armed.Where(timer => timer.Due <= _arrival).MinBy(static timer => timer.Due);
            _now = next is null ? _arrival : next.Due > _now ? next.Due : _now;
            if (next is null)
                return null;
            if (next.Period == Timeout.InfiniteTimeSpan)
                _armed.Remove(next);
            else
                next.Due = _now + next.Period;
            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; } = Timeout.InfiniteTimeSpan;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._armed.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock.Present + dueTime;
                Period = period == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : period;
                clock._armed.Add(this);
            }

            if (dueTime == TimeSpan.Zero)
                ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.FireAtOnce(), this, preferLocal: false);
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>A timer due at once needs no clock to move.</summary>
        private void FireAtOnce()
        {
            lock (clock._gate)
            {
                if (!clock._armed.Contains(this) || Due > clock.Present)
                    return;
                if (Period == Timeout.InfiniteTimeSpan)
                    clock._armed.Remove(this);
                else
                    Due = clock.Present + Period;
            }

            Fire();
        }
    }
}
