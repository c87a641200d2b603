using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Unit.Store;

namespace FullStack.Unit.Queue;

/// <summary>What attempts came to while it could not be written down: kept as long as the message, and written down at the stop at the latest.</summary>
public sealed class UnwrittenOutcomesTests
{
    private static readonly TimeSpan s_tillNoticed = DueWork.PollPause + DueWork.PollPause;

    [Theory]
    [InlineData("DELETE", false)]
    [InlineData("UPDATE", true)]
    public async Task What_a_host_said_is_written_down_at_the_stop(string statement, bool putsOff)
    {
        await using QueueRig rig = new();
        await rig.StartAsync();
        if (putsOff)
            rig.Client.Says = static (_, _) => ScriptedClient.Later;
        QueueFaults.Change(rig, QueueFaults.Of(statement, "recipients"));
        Assert.All(await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net")), static status => Assert.True(status.IsSuccess));
        await rig.RestAsync();
        Assert.Equal(1, rig.Queue.Unwritten.Count);

        QueueFaults.Change(rig, QueueFaults.Gone);
        await rig.StopAsync();
        Assert.Equal(0, rig.Queue.Unwritten.Count);
        Assert.Equal(putsOff ? 1 : 0, QueueFaults.CountRows(rig));
        await rig.RestartAsync();
        await rig.RestAsync();
        Assert.Single(rig.Client.Sent);
    }

    [Fact]
    public async Task What_was_moved_does_not_come_again_after_a_stop()
    {
        await using QueueRig rig = new();
        await rig.StartAsync();
        QueueFaults.Change(rig, QueueFaults.Of("DELETE", "recipients", "old.destination LIKE 'local:%'"));
        Assert.All(await rig.SendAsync(QueueRig.Envelope("alice@example.test", "bob@example.test", "joe@example.net")), static status => Assert.True(status.IsSuccess));
        await rig.RestAsync();
        using (FullStack.Store.Feed.MailboxView view = await TempStore.OpenAsync(await rig.Temp.AccountAsync("bob")))
            Assert.True((await view.RemoveAsync(UidSet.All, TempStore.Ct)).Ok);
        QueueFaults.Change(rig, QueueFaults.Gone);
        await rig.StopAsync();
        Assert.Equal(0, QueueFaults.CountRows(rig));
        Assert.Empty(rig.Files);
        await rig.RestartAsync();
        await rig.RestAsync();
        Assert.Empty(await rig.InboxAsync("bob"));
    }

    [Fact]
    public async Task What_cannot_be_written_down_at_the_stop_either_is_told_to_the_log_once()
    {
        await using QueueRig rig = new();
        await rig.StartAsync();
        QueueFaults.Change(rig, QueueFaults.Of("DELETE", "recipients"));
        string[] users = [.. Enumerable.Range(0, 120).Select(static n => $"joe@host{n}.example.net")]; // more than are written down at once
        foreach (string user in users)
            await rig.SendAsync(QueueRig.Envelope("alice@example.test", user));
        await rig.RestAsync();
        Assert.Equal(users.Length, rig.Queue.Unwritten.Count);
        await rig.StopAsync();
        await rig.StopAsync();
        Assert.Single(rig.Log.Alarms, entry => entry.ToString().Contains($"What came of {users.Length} attempts", StringComparison.Ordinal));

        QueueFaults.Change(rig, QueueFaults.Gone);
        await rig.StopAsync();
        Assert.Equal(0, rig.Queue.Unwritten.Count);
        Assert.Equal(0, QueueFaults.CountRows(rig));
        Assert.Empty(rig.Files);
    }

    [Theory]
    [InlineData("joe@example.net")]
    [InlineData("joe@example.net", "bob@example.test")]
    public async Task It_goes_with_a_message_that_another_process_removes(params string[] recipients)
    {
        await using QueueRig rig = new();
        await rig.StartAsync();
        await rig.PassAsync(s_tillNoticed); // what others change is noticed from the first look on
        QueueFaults.Change(rig, QueueFaults.Of("DELETE", "recipients"));
        await rig.SendAsync(QueueRig.Envelope("alice@example.test", recipients));
        await rig.RestAsync();
        Assert.Equal(recipients.Length, rig.Queue.Unwritten.Count);
        Assert.Equal(recipients.Length - 1, rig.Queue.Begun.Messages.Count);

        QueueFaults.Change(rig, QueueFaults.Gone);
        using (QueueBook book = new(rig.Folder, SyncMode.None))
            Assert.Single(book.Remove([.. book.List().Select(static one => one.Message.Id)]));
        await rig.PassAsync(s_tillNoticed, DueWork.PollPause);
        Assert.Equal(0, rig.Queue.Unwritten.Count);
        Assert.Empty(rig.Queue.Begun.Messages);
    }

    [Fact]
    public async Task It_goes_with_a_message_that_is_given_up()
    {
        await using QueueRig rig = new(new() { Lifetime = TimeSpan.FromHours(1) });
        await rig.StartAsync();
        QueueId id = rig.QueueIds.Next();
        QueueFaults.Change(rig, QueueFaults.Of("UPDATE", "recipients"));
        rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"), id: id);
        rig.Queue.BeginDelivery(id, TempStore.Name("bob"), rig.Time.GetUtcNow());
        await rig.PassAsync(TimeSpan.FromHours(2), TimeSpan.FromMinutes(5));
        Assert.Equal(0, rig.Queue.Unwritten.Count);
        Assert.Empty(rig.Queue.Begun.Messages);
    }

    [Fact]
    public void There_is_a_bound_and_room_again_for_what_goes()
    {
        UnwrittenOutcomes outcomes = new();
        UnwrittenOutcome some = new([], 0);
        for (int n = 1; n <= UnwrittenOutcomes.MaxOutcomes + 1; n++)
            outcomes.Keep(new(n / 2), n % 2 == 0 ? "a" : "b", some);
        Assert.Equal(UnwrittenOutcomes.MaxOutcomes, outcomes.Count);
        QueueId last = new((UnwrittenOutcomes.MaxOutcomes + 1) / 2);
        Assert.Null(outcomes.Find(last, "b"));
        outcomes.Keep(new(1), "a", some with { Failures = 3 }); // in place of another
        Assert.Equal(3, outcomes.Find(new(1), "a")!.Failures);

        outcomes.Forget(new(1));
        outcomes.Forget(new(1));
        outcomes.Remove(new(2), "a");
        outcomes.Remove(new(2), "a");
        Assert.Equal(UnwrittenOutcomes.MaxOutcomes - 3, outcomes.Count);
        Assert.Equal(["b"], outcomes.DestinationsOf(new(2)));
        outcomes.Keep(last, "b", some);
        Assert.NotNull(outcomes.Find(last, "b"));
    }
}
