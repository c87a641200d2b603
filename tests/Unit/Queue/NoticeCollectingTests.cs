using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Unit.Store;

namespace FullStack.Unit.Queue;

/// <summary>What senders are told of several recipients, and who else is told.</summary>
public sealed class NoticeCollectingTests : IAsyncDisposable
{
    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Recipients_at_several_hosts_that_fail_in_one_round_are_told_of_together()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await SendAsync("joe@example.net", "ann@example.org", "tom@example.com");
        string notice = Assert.Single(await _rig.InboxAsync());
        foreach (string address in (string[])["joe@example.net", "ann@example.org", "tom@example.com"])
            Assert.Contains($"\r\nFinal-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n", notice, StringComparison.Ordinal);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_host_that_takes_its_time_holds_a_notice_up_for_a_minute_and_not_for_longer()
    {
        TaskCompletionSource slow = new();
        _rig.Client.During = host => host == "slow.test" ? slow.Task : Task.CompletedTask;
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net", "ann@slow.test"));
        await WaitAsync(async () => (await _rig.Queue.ReadAsync(static queue => queue.Query("SELECT 1 FROM recipients WHERE outcome IS NOT NULL", static row => row.GetInt64(0)))).Count == 1);
        Assert.Empty(await _rig.InboxAsync());

        // A message that is being tried is not seen to: what waits is told with the rest, or at once when the attempt ends.
        slow.SetResult();
        await _rig.RestAsync();
        string notice = Assert.Single(await _rig.InboxAsync());
        Assert.Contains("joe@example.net", notice, StringComparison.Ordinal);
        Assert.Contains("ann@slow.test", notice, StringComparison.Ordinal);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_recipient_that_is_put_off_holds_up_no_notice_about_others_for_longer_than_a_minute()
    {
        _rig.Client.Says = static (host, _) => host == "later.test" ? ScriptedClient.Later : ScriptedClient.Unknown;
        await SendAsync("joe@example.net", "ann@later.test", "tom@example.com");
        await _rig.PassAsync(TimeSpan.FromMinutes(1));
        string notice = Assert.Single(await _rig.InboxAsync());
        Assert.Contains("joe@example.net", notice, StringComparison.Ordinal);
        Assert.Contains("tom@example.com", notice, StringComparison.Ordinal);
        Assert.DoesNotContain("ann@later.test", notice, StringComparison.Ordinal);
        Assert.Single(_rig.Files);
    }

    [Fact]
    public async Task What_waits_for_a_notice_survives_a_restart()
    {
        TaskCompletionSource never = new();
        _rig.Client.During = host => host == "slow.test" ? never.Task : Task.CompletedTask;
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net", "ann@slow.test"));
        await WaitAsync(async () => (await _rig.Queue.ReadAsync(static queue => queue.Query("SELECT 1 FROM recipients WHERE outcome IS NOT NULL", static row => row.GetInt64(0)))).Count == 1);
        _rig.Client.During = static _ => Task.CompletedTask;
        await _rig.RestartAsync();
        await _rig.RestAsync();
        await _rig.PassAsync(TimeSpan.FromMinutes(2));
        string notice = Assert.Single(await _rig.InboxAsync());
        Assert.Contains("joe@example.net", notice, StringComparison.Ordinal);
        Assert.Contains("ann@slow.test", notice, StringComparison.Ordinal);
        Assert.Equal(1, _rig.Client.Sent.Count(static sent => sent.Host == "example.net"));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_copy_of_a_notice_goes_to_whom_the_administrator_names_with_the_header_only()
    {
        _rig.Options = new() { NoticeCopies = "postmaster@example.test" };
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"), "Subject: secret plans\r\n\r\nthe body\r\n");
        await _rig.RestAsync();
        Assert.Contains("\r\n\r\nthe body\r\n", Assert.Single(await _rig.InboxAsync()), StringComparison.Ordinal);
        string copy = Assert.Single(await _rig.InboxAsync("postmaster"));
        Assert.StartsWith("Return-Path: <>\r\n", copy, StringComparison.Ordinal);
        foreach (string part in (string[])["\r\nTo: <postmaster@example.test>\r\n", "\r\nSubject: Copy of a notice: ", "\r\nContent-Type: text/rfc822-headers\r\n", "\r\nSubject: secret plans\r\n"])
            Assert.Contains(part, copy, StringComparison.Ordinal);
        Assert.DoesNotContain("the body", copy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_copied_of_a_message_without_a_sender()
    {
        _rig.Options = new() { NoticeCopies = "postmaster@example.test" };
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("", "joe@example.net"));
        await _rig.RestAsync();
        Assert.Empty(await _rig.InboxAsync("postmaster"));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task Of_an_alias_with_several_targets_the_sender_hears_that_it_was_expanded_and_no_more()
    {
        await _rig.StartAsync();
        Envelope envelope = new(QueueRig.PathOf("alice@example.test"));
        envelope.Add(new(new(new("list", "example.test")), new MailRoute([new(TempStore.Name("bob"), "bob@example.test")], [new("joe", "example.net")]))
        {
            Dsn = new(DsnNotify.Success | DsnNotify.Failure, null),
        });
        Assert.All(await _rig.SendAsync(envelope), static status => Assert.True(status.IsSuccess));
        await _rig.RestAsync();
        string notice = Assert.Single(await _rig.InboxAsync());
        Assert.Contains("\r\nFinal-Recipient: rfc822; list@example.test\r\nAction: expanded\r\nStatus: 2.1.5\r\n", notice, StringComparison.Ordinal);
        Assert.DoesNotContain("joe@example.net", notice, StringComparison.Ordinal);
        Assert.DoesNotContain("bob@example.test", notice, StringComparison.Ordinal);
        Assert.Single(await _rig.InboxAsync("bob"));
        Assert.Single(_rig.Client.Sent);
        Assert.Empty(_rig.Files);
    }

    private async Task SendAsync(params string[] recipients)
    {
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", recipients));
        await _rig.RestAsync();
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
    }
}
