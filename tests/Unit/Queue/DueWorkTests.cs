using FullStack.Queue;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;

namespace FullStack.Unit.Queue;

/// <summary>What the scheduler knows to be due.</summary>
public sealed class DueWorkTests
{
    [Fact]
    public async Task What_came_before_a_look_that_failed_is_found_by_the_next_one()
    {
        await using QueueRig rig = new();
        await rig.Queue.OpenAsync();
        DueWork due = new(rig.Queue, new QueueOptions(), rig.Time);
        DateTimeOffset now = rig.Time.GetUtcNow();
        await due.IsTimeToLookAsync(now, rests: true);
        await due.LookAsync(now);
        Assert.False(due.MustLook);
        Assert.False(await due.IsTimeToLookAsync(now, rests: true));

        await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        due.Arrived([new Lane("example.net", 0)]);
        QueueFaults.Change(rig, "ALTER TABLE lanes RENAME TO away");
        await Assert.ThrowsAnyAsync<IOException>(() => due.LookAsync(now));
        QueueFaults.Change(rig, "ALTER TABLE away RENAME TO lanes");
        Assert.True(await due.IsTimeToLookAsync(now, rests: true));
        await due.LookAsync(now);
        Assert.Equal("example.net", Assert.Single(due.Lanes.All).Destination.Key);
    }

    [Fact]
    public async Task A_lane_whose_messages_could_not_be_read_may_still_have_some()
    {
        await using QueueRig rig = new();
        await rig.Queue.OpenAsync();
        DueWork due = new(rig.Queue, new QueueOptions(), rig.Time);
        DateTimeOffset now = rig.Time.GetUtcNow();
        await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await due.LookAsync(now);
        ActiveLane lane = Assert.Single(due.Lanes.All);
        using RunningWork running = new(null!, rig.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, static _ => { });
        QueueFaults.Change(rig, "ALTER TABLE recipients RENAME TO away");
        await Assert.ThrowsAnyAsync<IOException>(async () => await due.NextAsync(lane, running, now));
        QueueFaults.Change(rig, "ALTER TABLE away RENAME TO recipients");
        Assert.NotNull(await due.NextAsync(lane, running, now));
    }
}
