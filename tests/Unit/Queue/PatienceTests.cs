using FullStack.Queue;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Smtp;

namespace FullStack.Unit.Queue;

/// <summary>When recipients are tried again, when senders are told, and when mail is given up, on a clock that tests move.</summary>
public sealed class PatienceTests : IAsyncDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("put off", new double[] { 2, 4, 8, 16 })]
    [InlineData("down", new double[] { 5, 10, 20, 30 })]
    [InlineData("closed", new double[] { 5, 10, 20, 30 })]
    [InlineData("dns", new double[] { 5, 10, 20, 30 })]
    [InlineData("policy", new double[] { 15, 30, 60, 0 })]
    public async Task Each_kind_of_failure_has_its_own_pauses(string kind, double[] minutes)
    {
        List<DateTimeOffset> tried = Fail(kind);
        await SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.PassAsync(TimeSpan.FromMinutes(minutes.Sum()), s_minute);

        // A destination that fails as a whole is let alone for half an hour at most, the recipient for as long as its own attempts say.
        Assert.Equal(minutes[..3], tried.Zip(tried.Skip(1), static (one, next) => (next - one).TotalMinutes).Take(3));
    }

    [Theory]
    [InlineData("put off", 7)]
    [InlineData("down", 8)]
    [InlineData("closed", 9)]
    [InlineData("dns", 10)]
    [InlineData("policy", 11)]
    public async Task The_first_pause_of_each_kind_can_be_set(string kind, int minutes)
    {
        List<DateTimeOffset> tried = Fail(kind);
        _rig.Options = new()
        {
            RetryPutOff = 7 * s_minute, RetryConnection = 8 * s_minute, RetrySession = 9 * s_minute, RetryDns = 10 * s_minute, RetryTls = 11 * s_minute,
        };
        await SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.PassAsync(minutes * s_minute, s_minute);
        Assert.Equal(2, tried.Count);
        Assert.Equal(minutes * s_minute, tried[1] - tried[0]);
    }

    [Fact]
    public async Task A_route_has_its_own_pauses_warning_and_end()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        _rig.Routes = new([new RelayRoute("example.net", "*", null)
        {
            Terms = new() { RetryFirst = s_minute, RetryMost = 3 * s_minute, Lifetime = 30 * s_minute, DelayWarning = 10 * s_minute },
        }]);
        await SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net", "ann@example.org"));
        await _rig.PassAsync(9 * s_minute);
        Assert.Equal([0, 1, 3, 6, 9], _rig.Client.Sent.Where(static sent => sent.Host == "example.net").Select(sent => (sent.At - _rig.Client.Sent.First().At).TotalMinutes));
        Assert.Empty(await _rig.InboxAsync());
        await _rig.PassAsync(s_minute);
        string late = Assert.Single(await _rig.InboxAsync());
        Assert.Contains("\r\nFinal-Recipient: rfc822; joe@example.net\r\nAction: delayed\r\n", late, StringComparison.Ordinal);
        Assert.Contains("\r\nWill-Retry-Until: Mon, 2 Mar 2026 10:30:00 +0000\r\n", late, StringComparison.Ordinal);
        Assert.DoesNotContain("ann@example.org", late, StringComparison.Ordinal);
        await _rig.PassAsync(21 * s_minute); // The other recipient is tried in the same minute: a notice waits that long for what comes of it.
        string failed = (await _rig.InboxAsync())[1];
        Assert.Contains("\r\nFinal-Recipient: rfc822; joe@example.net\r\nAction: failed\r\n", failed, StringComparison.Ordinal);
        Assert.DoesNotContain("ann@example.org", failed, StringComparison.Ordinal);

        // The other recipient goes on, as long as all mail, and its warning comes when theirs do.
        Assert.Single(_rig.Files);
        await _rig.PassAsync(TimeSpan.FromMinutes(210));
        Assert.Contains("\r\nFinal-Recipient: rfc822; ann@example.org\r\nAction: delayed\r\n", (await _rig.InboxAsync())[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 60, 2 * 24)]
    [InlineData(0, 4 * 60, 5 * 24)]
    [InlineData(-4, 12 * 60, 7 * 24)]
    public async Task Urgent_mail_is_warned_of_and_given_up_early_and_other_mail_late(int priority, int warning, int endHours)
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        _rig.Options = new() { LifetimeUrgent = TimeSpan.FromDays(2), LifetimeLow = TimeSpan.FromDays(7) };
        await SendAsync(QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { Priority = priority }, "joe@example.net"));
        await _rig.PassAsync((warning - 1) * s_minute, 10 * s_minute);
        Assert.Empty(await _rig.InboxAsync());
        await _rig.PassAsync(s_minute);
        Assert.Contains("\r\nAction: delayed\r\n", Assert.Single(await _rig.InboxAsync()), StringComparison.Ordinal);
        await _rig.PassAsync(TimeSpan.FromHours(endHours) - (warning + 1) * s_minute, TimeSpan.FromHours(1));
        Assert.Single(await _rig.InboxAsync());
        await _rig.PassAsync(s_minute);
        Assert.Contains("\r\nAction: failed\r\nStatus: ", (await _rig.InboxAsync())[1], StringComparison.Ordinal);
        Assert.Empty(_rig.Files);
    }

    [Theory]
    [InlineData(DeliverByMode.Return, "failed")]
    [InlineData(DeliverByMode.Notify, "delayed")]
    public async Task A_deadline_ends_or_warns_to_the_minute(DeliverByMode mode, string action)
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await SendAsync(QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { DeliverBy = new(_rig.Time.GetUtcNow() + 25 * s_minute, mode, Trace: false) }, "joe@example.net"));
        await _rig.PassAsync(24 * s_minute);
        Assert.Empty(await _rig.InboxAsync());
        await _rig.PassAsync(s_minute);
        Assert.Contains($"\r\nAction: {action}\r\n", Assert.Single(await _rig.InboxAsync()), StringComparison.Ordinal);
        Assert.Equal(mode == DeliverByMode.Notify ? 1 : 0, _rig.Files.Length);
        await _rig.PassAsync(TimeSpan.FromHours(5), 10 * s_minute);
        Assert.Single(await _rig.InboxAsync()); // The warning at the deadline takes the place of the usual one.
    }

    [Fact]
    public async Task Time_that_a_sender_asked_to_wait_counts_for_nothing()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await SendAsync(QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { HoldUntil = _rig.Time.GetUtcNow() + TimeSpan.FromDays(2) }, "joe@example.net"));
        await _rig.PassAsync(TimeSpan.FromDays(2) - s_minute, TimeSpan.FromHours(1));
        Assert.Empty(_rig.Client.Sent);
        await _rig.PassAsync(s_minute);
        Assert.Single(_rig.Client.Sent);
        await _rig.PassAsync(TimeSpan.FromHours(4) - s_minute, 10 * s_minute);
        Assert.Empty(await _rig.InboxAsync());
        await _rig.PassAsync(s_minute);
        Assert.Contains("\r\nAction: delayed\r\n", Assert.Single(await _rig.InboxAsync()), StringComparison.Ordinal);
        await _rig.PassAsync(TimeSpan.FromDays(5) - TimeSpan.FromHours(4) - s_minute, TimeSpan.FromHours(1));
        Assert.Single(await _rig.InboxAsync());
        await _rig.PassAsync(s_minute);
        Assert.Equal(2, (await _rig.InboxAsync()).Count);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_notice_that_cannot_be_delivered_is_dropped_after_its_own_time_and_nobody_is_told()
    {
        _rig.Client.Says = static (host, _) => host == "example.org" ? ScriptedClient.Unknown : ScriptedClient.Later;
        _rig.Options = new() { NoticeLifetime = TimeSpan.FromHours(3) };
        await SendAsync(QueueRig.Envelope("joe@example.net", "nobody@example.org"));
        Assert.Single(_rig.Files);
        await _rig.PassAsync(TimeSpan.FromHours(3) - s_minute, 10 * s_minute);
        Assert.Single(_rig.Files);
        await _rig.PassAsync(s_minute);
        Assert.Empty(_rig.Files);
        Assert.Equal(1, _rig.Client.Sent.Count(static sent => !sent.Sender.IsNull));
    }

    /// <summary>Makes all attempts fail in some way.</summary>
    /// <returns>When they were made.</returns>
    private List<DateTimeOffset> Fail(string kind)
    {
        List<DateTimeOffset> tried = [];
        _rig.Client.FindFails = _ =>
        {
            tried.Add(_rig.Time.GetUtcNow());
            return kind switch { "dns" => SearchFailure.DnsFailed, "policy" => SearchFailure.PolicyFailed, _ => null };
        };
        _rig.Client.IsDown = _ => kind == "down";
        _rig.Client.IsClosed = _ => kind == "closed";
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        return tried;
    }

    private async Task SendAsync(Envelope envelope)
    {
        await _rig.StartAsync();
        Assert.All(await _rig.SendAsync(envelope), static status => Assert.True(status.IsSuccess));
        await _rig.RestAsync();
    }
}
