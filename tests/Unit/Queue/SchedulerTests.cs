using FullStack.Queue;
using FullStack.Queue.Relay;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Unit.Queue;

/// <summary>What leaves the queue when.</summary>
public sealed class SchedulerTests : IAsyncDisposable
{
    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_message_to_another_host_leaves_at_once_without_the_fields_of_final_delivery()
    {
        await _rig.StartAsync();
        IReadOnlyList<DeliveryStatus> statuses = await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"), "Subject: hi\r\n\r\n.dot\r\nend\r\n");
        Assert.True(Assert.Single(statuses).IsSuccess);
        await _rig.RestAsync();
        SentMessage sent = Assert.Single(_rig.Client.Sent);
        Assert.Equal(("example.net", "<alice@example.test>", "joe@example.net"), (sent.Host, sent.Sender.ToString(), Assert.Single(sent.Recipients)));
        Assert.Equal("Subject: hi\r\n\r\n.dot\r\nend\r\n", sent.Text);
        Assert.Empty(_rig.Files);
        Assert.Empty(await _rig.Queue.ReadAsync(static queue => QueueTables.List(queue, default, 10)));
    }

    [Fact]
    public async Task What_a_message_asks_of_tls_survives_the_queue()
    {
        await _rig.StartAsync();
        Envelope waiving = QueueRig.Envelope("alice@example.test", "joe@example.net");
        waiving.NoteTlsOptional();
        foreach (Envelope envelope in (Envelope[])[waiving, QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { RequireTls = true }, "joe@example.net"), QueueRig.Envelope("alice@example.test", "joe@example.net")])
        {
            await _rig.SendAsync(envelope);
            await _rig.RestAsync();
        }

        Assert.Equal([TlsWish.Optional, TlsWish.Required, TlsWish.None], _rig.Client.Wishes);
    }

    [Fact]
    public async Task A_message_for_both_is_delivered_here_and_sent_there()
    {
        await _rig.StartAsync();
        IReadOnlyList<DeliveryStatus> statuses = await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "bob@example.test", "joe@example.net"));
        Assert.All(statuses, static status => Assert.True(status.IsSuccess));
        await _rig.RestAsync();
        Assert.Single(_rig.Client.Sent);
        Assert.StartsWith("Return-Path: <alice@example.test>\r\n", Assert.Single(await _rig.InboxAsync("bob")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempts_come_after_five_minutes_and_then_twice_as_late_each_up_to_four_hours_for_five_days()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        _rig.Options = new() { RetryPutOff = TimeSpan.Zero };
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        await _rig.PassAsync(TimeSpan.FromDays(5.2), TimeSpan.FromMinutes(5));
        double[] gaps = [.. _rig.Client.Sent.Zip(_rig.Client.Sent.Skip(1), static (one, next) => (next.At - one.At).TotalMinutes)];
        Assert.Equal([5, 10, 20, 40, 80, 160, 240, 240], gaps[..8]);
        Assert.All(gaps[6..], static gap => Assert.Equal(240, gap));
        Assert.InRange(_rig.Client.Sent.Last().At - _rig.Client.Sent.First().At, TimeSpan.FromDays(4.8), TimeSpan.FromDays(5));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_message_survives_a_restart_between_two_attempts()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        await _rig.RestartAsync();
        await _rig.RestAsync();
        Assert.Single(_rig.Client.Sent);
        _rig.Client.Says = static (_, _) => ScriptedClient.Taken;
        await _rig.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(2, _rig.Client.Sent.Count);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_message_that_comes_while_another_one_takes_its_time_does_not_wait_for_it()
    {
        TaskCompletionSource slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource[] begun = [new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously)];
        int attempts = 0;
        _rig.Client.During = _ =>
        {
            int attempt = Interlocked.Increment(ref attempts);
            begun[attempt - 1].SetResult();
            return attempt == 1 ? slow.Task : Task.CompletedTask;
        };
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "slow@example.net"));
        await begun[0].Task;
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await begun[1].Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        slow.SetResult();
        await _rig.RestAsync();
        Assert.Equal(2, _rig.Client.Sent.Count);
    }

    [Fact]
    public async Task A_destination_that_is_down_is_tried_by_one_message_and_holds_up_no_other()
    {
        _rig.Client.IsDown = static host => host == "down.test";
        await _rig.StartAsync();
        for (int i = 0; i < 20; i++)
            await _rig.SendAsync(QueueRig.Envelope("alice@example.test", $"u{i}@down.test"));
        await _rig.RestAsync();
        int tried = _rig.Client.Sent.Count;
        Assert.InRange(tried, 1, 4);
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@up.test"));
        await _rig.RestAsync();
        Assert.Equal(["up.test"], _rig.Client.Sent.Skip(tried).Select(static sent => sent.Host));
        await _rig.PassAsync(TimeSpan.FromMinutes(5));
        Assert.InRange(_rig.Client.Sent.Count, tried + 2, tried + 3);
        _rig.Client.IsDown = static _ => false;
        await _rig.PassAsync(TimeSpan.FromMinutes(40));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task Recipients_of_one_host_go_together_and_results_are_for_each()
    {
        _rig.Client.Says = static (_, user) => user == "later" ? ScriptedClient.Later : ScriptedClient.Taken;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net", "later@example.net", "ann@example.org"));
        await _rig.RestAsync();
        Assert.Equal(["joe@example.net later@example.net", "ann@example.org"], _rig.Client.Sent.OrderByDescending(static s => s.Recipients.Count).Select(static sent => string.Join(' ', sent.Recipients)));
        await _rig.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal("later@example.net", Assert.Single(_rig.Client.Sent.Skip(2)).Recipients.Single());
    }

    [Fact]
    public async Task More_recipients_than_an_attempt_takes_go_in_several()
    {
        _rig.Options = new QueueOptions { RecipientsPerAttempt = 7 };
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", [.. Enumerable.Range(0, 100).Select(static i => $"u{i}@example.net")]));
        await _rig.RestAsync();
        Assert.Equal(100, _rig.Client.Sent.SelectMany(static sent => sent.Recipients).Distinct().Count());
        Assert.Equal(15, _rig.Client.Sent.Count);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_message_that_is_to_wait_waits()
    {
        await _rig.StartAsync();
        Envelope envelope = QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { HoldUntil = _rig.Time.GetUtcNow() + TimeSpan.FromHours(2) }, "joe@example.net", "bob@example.test");
        await _rig.SendAsync(envelope);
        await _rig.PassAsync(TimeSpan.FromMinutes(119));
        Assert.Empty(_rig.Client.Sent);
        Assert.Empty(await _rig.InboxAsync("bob"));
        await _rig.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Single(_rig.Client.Sent);
        Assert.Single(await _rig.InboxAsync("bob"));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task Urgent_mail_goes_first()
    {
        TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _rig.Options = new QueueOptions { Connections = 1, ConnectionsPerDestination = 1 };
        _rig.Client.During = _ =>
        {
            began.TrySetResult();
            return gate.Task;
        };
        await _rig.StartAsync();
        await SendAsync(0);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        foreach (int priority in (int[])[-4, 0, 9, 3])
            await SendAsync(priority);
        gate.SetResult();
        await _rig.RestAsync();
        Assert.Equal(["p0@d0.test", "p9@d9.test", "p3@d3.test", "p0@d0.test", "p-4@d-4.test"], _rig.Client.Sent.Select(static sent => sent.Recipients[0]));

        async Task SendAsync(int priority)
            => await _rig.SendAsync(QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { Priority = priority }, $"p{priority}@d{priority}.test"));
    }

    [Fact]
    public async Task A_destination_gets_more_connections_with_each_success_up_to_the_most()
    {
        _rig.Options = new QueueOptions { ConnectionsPerDestination = 5 };
        await _rig.StartAsync();
        for (int i = 0; i < 60; i++)
            await _rig.SendAsync(QueueRig.Envelope("alice@example.test", $"u{i}@example.net"));
        await _rig.RestAsync();
        Assert.Equal(60, _rig.Client.Sent.Count);
        Assert.InRange(_rig.Client.MostAtOnce, 1, 5);
    }

    [Fact]
    public async Task A_slow_host_holds_up_no_other()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _rig.Client.During = host => host == "slow.test" ? gate.Task : Task.CompletedTask;
        await _rig.StartAsync();
        for (int i = 0; i < 30; i++)
            await _rig.SendAsync(QueueRig.Envelope("alice@example.test", $"u{i}@slow.test"));
        for (int i = 0; i < 10; i++)
            await _rig.SendAsync(QueueRig.Envelope("alice@example.test", $"u{i}@fast.test"));
        while (_rig.Client.Sent.Count < 10)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.All(_rig.Client.Sent, static sent => Assert.Equal("fast.test", sent.Host));
        gate.SetResult();
        await _rig.RestAsync();
        Assert.Equal(40, _rig.Client.Sent.Count);
    }
}
