using FullStack.Net;

namespace FullStack.Unit.Net;

public sealed class ReadWaitTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(1), s_long = TimeSpan.FromMinutes(5);

    private readonly LateTimers _time = new();
    private int _cancelled;

    [Fact]
    public void Timer_of_an_earlier_wait_that_comes_late_does_not_end_the_next_one()
    {
        using ReadWait wait = new(_time, () => _cancelled++);
        wait.Start(s_short);
        wait.Stop();
        _time.Pass(s_short);
        wait.Start(s_long);
        _time.Call();
        Assert.False(wait.HasTimedOut);
        Assert.Equal(0, _cancelled);
        Assert.Equal(s_long, _time.Due);
        _time.Pass(s_long);
        _time.Call();
        Assert.True(wait.HasTimedOut);
        Assert.Equal(1, _cancelled);
    }

    [Fact]
    public void Timer_that_comes_when_nobody_waits_ends_nothing()
    {
        using ReadWait wait = new(_time, () => _cancelled++);
        wait.Start(s_short);
        wait.Stop();
        _time.Pass(s_long);
        _time.Call();
        Assert.False(wait.HasTimedOut);
        Assert.Equal(0, _cancelled);
    }

    [Fact]
    public void Timer_that_comes_a_little_early_is_set_again_for_the_rest()
    {
        using ReadWait wait = new(_time, () => _cancelled++);
        wait.Start(s_long);
        _time.Pass(s_long - TimeSpan.FromTicks(1));
        _time.Call();
        Assert.False(wait.HasTimedOut);
        Assert.Equal(TimeSpan.FromMilliseconds(1), _time.Due);
    }

    [Fact]
    public void Wait_without_end_is_ended_by_no_timer()
    {
        using ReadWait wait = new(_time, () => _cancelled++);
        wait.Start(Timeout.InfiniteTimeSpan);
        _time.Pass(s_long);
        _time.Call();
        Assert.False(wait.HasTimedOut);
    }

    /// <summary>A clock with one timer, which calls when the test says so.</summary>
    private sealed class LateTimers : TimeProvider, ITimer
    {
        private TimerCallback? _callback;
        private object? _state;
        private TimeSpan _now;

        public TimeSpan Due { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            return this;
        }

        public void Pass(TimeSpan time) => _now += time;

        public void Call() => _callback!(_state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose()
        {
            // There is nothing to give back.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
