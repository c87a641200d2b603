using FullStack.Harness;

namespace FullStack.Unit.Server.Acme;

/// <summary>A clock for which waiting takes no time: what is waited for is there at once, and the clock has moved on by that much.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private readonly Lock _gate = new();
    private DateTimeOffset _now = ManualTimeProvider.Start;

    /// <summary>What was waited for, in order, up to an hour: longer ones are limits that nothing is to reach.</summary>
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>Moves the clock; nothing that waits becomes due by it.</summary>
    public void MoveTo(DateTimeOffset now)
    {
        lock (_gate)
            _now = now;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period == Timeout.InfiniteTimeSpan && dueTime < TimeSpan.FromMinutes(5))
        {
            lock (_gate)
            {
                _now += dueTime;
                Waits.Add(dueTime);
            }

            ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);
        }

        return new Never();
    }

    private sealed class Never : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
