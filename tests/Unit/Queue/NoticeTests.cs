using FullStack.Queue;
using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Queue;

/// <summary>What senders are told.</summary>
public sealed class NoticeTests : IAsyncDisposable
{
    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_refused_recipient_comes_back_with_the_remote_s_words_and_the_message()
    {
        _rig.Client.Says = static (_, user) => user == "nobody" ? ScriptedClient.Unknown : ScriptedClient.Taken;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "nobody@example.net", "joe@example.net"), "Subject: lost\r\n\r\nbody text\r\n");
        await _rig.RestAsync();
        string notice = Assert.Single(await _rig.InboxAsync());
        Assert.StartsWith("Return-Path: <>\r\nDelivered-To: alice@example.test\r\n", notice, StringComparison.Ordinal);
        foreach (string part in (string[])[
            "\r\nAuto-Submitted: auto-replied\r\n", "report-type=delivery-status", "\r\nFinal-Recipient: rfc822; nobody@example.net\r\n", "\r\nAction: failed\r\n",
            "\r\nStatus: 5.1.1\r\n", "\r\nRemote-MTA: dns; mx.example.net\r\n", "\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user there\r\n",
            "\r\nContent-Type: message/rfc822\r\n", "\r\nSubject: lost\r\n\r\nbody text\r\n", "\r\nReporting-MTA: dns; mail.example.test\r\n"])
            Assert.Contains(part, notice, StringComparison.Ordinal);
        Assert.DoesNotContain("joe@example.net", notice, StringComparison.Ordinal);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_notice_has_the_time_of_the_attempt_that_it_is_about()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await _rig.PassAsync(TimeSpan.FromMinutes(2));
        string notice = Assert.Single(await _rig.InboxAsync());
        Assert.Contains("\r\nArrival-Date: Mon, 2 Mar 2026 10:00:00 +0000\r\n", notice, StringComparison.Ordinal);
        Assert.Contains("\r\nLast-Attempt-Date: Mon, 2 Mar 2026 10:02:00 +0000\r\n", notice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notice_that_cannot_be_delivered_makes_no_other()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("joe@example.net", "nobody@example.org"));
        await _rig.RestAsync();
        Assert.Equal(["<joe@example.net>", "<>"], _rig.Client.Sent.Select(static sent => sent.Sender.ToString()));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task The_sender_hears_after_four_hours_that_a_message_is_late_and_after_five_days_that_it_is_given_up()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.PassAsync(TimeSpan.FromMinutes(239), TimeSpan.FromMinutes(5));
        Assert.Empty(await _rig.InboxAsync());
        await _rig.PassAsync(TimeSpan.FromMinutes(2));
        string late = Assert.Single(await _rig.InboxAsync());
        Assert.Contains("\r\nAction: delayed\r\nStatus: 4.7.1\r\n", late, StringComparison.Ordinal);
        Assert.Contains("\r\nWill-Retry-Until: Sat, 7 Mar 2026 10:00:00 +0000\r\n", late, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: text/rfc822-headers\r\n", late, StringComparison.Ordinal);
        await _rig.PassAsync(TimeSpan.FromDays(4.8), TimeSpan.FromMinutes(10));
        Assert.Single(await _rig.InboxAsync());
        await _rig.PassAsync(TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(5));
        List<string> both = await _rig.InboxAsync();
        Assert.Equal(2, both.Count);
        Assert.Contains("\r\nAction: failed\r\n", both[1], StringComparison.Ordinal);
        Assert.Contains("come again", both[1], StringComparison.Ordinal);
        Assert.Empty(_rig.Files);
    }

    [Theory]
    [InlineData(DsnNotify.Never, 0)]
    [InlineData(DsnNotify.Success, 0)]
    [InlineData(DsnNotify.Delay, 0)]
    [InlineData(DsnNotify.Failure, 1)]
    [InlineData(DsnNotify.Failure | DsnNotify.Success, 1)]
    public async Task A_failure_is_told_to_those_who_want_to_know(DsnNotify notify, int notices)
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await _rig.StartAsync();
        await _rig.SendAsync(Wanting(notify, "nobody@example.net"));
        await _rig.RestAsync();
        Assert.Equal(notices, (await _rig.InboxAsync()).Count);
        Assert.Empty(_rig.Files);
    }

    [Theory]
    [InlineData(false, "joe@example.net", "relayed")]
    [InlineData(true, "joe@example.net", null)]
    [InlineData(false, "bob@example.test", "delivered")]
    public async Task A_success_is_told_where_nobody_else_will(bool takesDsn, string recipient, string? action)
    {
        _rig.Client.TakesDsn = takesDsn;
        await _rig.StartAsync();
        await _rig.SendAsync(Wanting(DsnNotify.Success, recipient));
        await _rig.RestAsync();
        List<string> notices = await _rig.InboxAsync();
        Assert.Equal(action is null ? 0 : 1, notices.Count);
        if (action is not null)
            Assert.Contains($"\r\nOriginal-Recipient: rfc822; first@example.org\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: 2.", notices[0], StringComparison.Ordinal);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task Notices_to_strangers_are_bounded()
    {
        _rig.Options = new QueueOptions { NoticesToStrangers = 2 };
        _rig.Client.Says = static (host, _) => host == "example.net" ? ScriptedClient.Unknown : ScriptedClient.Taken;
        await _rig.StartAsync();
        for (int i = 0; i < 5; i++)
            await _rig.SendAsync(QueueRig.Envelope("forged@example.org", "nobody@example.net"), peer: QueueRig.Peer(null, SmtpRole.Relay));
        await _rig.RestAsync();
        Assert.Equal(2, _rig.Client.Sent.Count(static sent => sent.Sender.IsNull));
        Assert.Empty(_rig.Files);
    }

    private static Envelope Wanting(DsnNotify notify, string recipient)
    {
        Envelope envelope = new(QueueRig.PathOf("alice@example.test")) { Dsn = new(null, "an id") };
        int at = recipient.LastIndexOf('@');
        envelope.Add(new(new(recipient[..at], recipient[(at + 1)..]), QueueRig.RouteOf(recipient)) { Dsn = new(notify, new("rfc822", "first@example.org")) });
        return envelope;
    }
}
