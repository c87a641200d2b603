using FullStack.Harness;

namespace FullStack.Conformance.Player;

public sealed class ManualTimeProviderTests
{
    [Fact]
    public void Timers_fire_in_order_and_see_the_moment_they_were_due()
    {
        ManualTimeProvider clock = new();
        List<string> fired = [];
        using ITimer late = clock.CreateTimer(_ => fired.Add($"late {Elapsed()}"), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using ITimer often = clock.CreateTimer(_ => fired.Add($"often {Elapsed()}"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(["often 2", "often 4", "late 5", "often 6"], fired);
        Assert.Equal(1, clock.ArmedTimers);

        double Elapsed() => (clock.GetUtcNow() - ManualTimeProvider.Start).TotalSeconds;
    }

    [Fact]
    public void A_timer_that_is_stopped_does_not_fire()
    {
        ManualTimeProvider clock = new();
        bool fired = false;
        using ITimer timer = clock.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(fired);
    }

    [Fact]
    public void What_another_thread_begins_while_the_clock_moves_lasts_from_the_end_of_the_move()
    {
        ManualTimeProvider clock = new();
        bool fired = false;
        ITimer? later = null;
        using ITimer timer = clock.CreateTimer(
            _ =>
            {
                Thread other = new(() => later = clock.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan));
                other.Start();
                other.Join();
            },
            null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(fired);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(fired);
        later!.Dispose();
    }

    [Fact]
    public async Task A_delay_ends_when_the_clock_passes_it()
    {
        ManualTimeProvider clock = new();
        Task delay = Task.Delay(TimeSpan.FromSeconds(3), clock, TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await delay;
    }
}
