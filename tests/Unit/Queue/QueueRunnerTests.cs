using System.Net;
using FullStack.Auth.Throttling;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;

namespace FullStack.Unit.Queue;

/// <summary>What a host gets that asks for its mail, by the queue's own connection while it works.</summary>
public sealed class QueueRunnerTests : IAsyncDisposable
{
    private readonly QueueRig _rig = new();
    private readonly RateTable _rates;

    public QueueRunnerTests() => _rates = new(_rig.Time);

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    private static SmtpPeer Host => QueueRig.Peer(account: null, SmtpRole.Relay);

    [Theory]
    [InlineData(QueueRunScope.Domain, "EXAMPLE.net", "joe@example.net")]
    [InlineData(QueueRunScope.Queue, "Example.net", "joe@example.net")]
    [InlineData(QueueRunScope.Subdomains, "example.NET", "ann@sub.example.net joe@example.net")]
    [InlineData(QueueRunScope.Subdomains, "sub.example.net", "ann@sub.example.net")]
    public async Task Mail_for_a_host_that_was_down_leaves_at_once_and_no_other(QueueRunScope scope, string name, string expected)
    {
        _rig.Client.IsDown = static _ => true;
        await _rig.StartAsync();
        foreach (string recipient in (string[])["joe@example.net", "ann@sub.example.net", "eve@anexample.net", "tom@example.org"])
            await _rig.SendAsync(QueueRig.Envelope("alice@example.test", recipient));
        await _rig.RestAsync();
        int tried = _rig.Client.Sent.Count;
        _rig.Client.IsDown = static _ => false;
        QueueRun run = await RunAsync(scope, name);
        Assert.Equal(new(QueueRunOutcome.Started, expected.Split(' ').Length), run);
        await _rig.RestAsync();
        Assert.Equal(expected, string.Join(' ', _rig.Client.Sent.Skip(tried).Select(static sent => sent.Recipients.Single()).Order(StringComparer.Ordinal)));
        Assert.Equal(new(QueueRunOutcome.NothingWaiting), await RunAsync(scope, name));
    }

    [Fact]
    public async Task One_recipient_of_a_message_goes_and_the_other_waits_on()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net", "tom@example.org"));
        await _rig.RestAsync();
        _rig.Client.Says = static (_, _) => ScriptedClient.Taken;
        Assert.Equal(1, (await RunAsync(QueueRunScope.Domain, "example.net")).Messages);
        await _rig.RestAsync();
        Assert.Equal("joe@example.net", Assert.Single(_rig.Client.Sent.Skip(2)).Recipients.Single());
        Assert.Single(_rig.Files);
    }

    [Fact]
    public async Task Held_mail_and_mail_for_later_stay()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        using (QueueBook book = new(_rig.Folder, SyncMode.None))
            Assert.Single(book.Hold([Assert.Single(book.List()).Message.Id], _rig.Time.GetUtcNow()));
        await _rig.SendAsync(QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { HoldUntil = _rig.Time.GetUtcNow().AddHours(1) }, "ann@example.net"));
        Assert.Equal(new(QueueRunOutcome.NothingWaiting), await RunAsync(QueueRunScope.Domain, "example.net"));
        await _rig.RestAsync();
        Assert.Single(_rig.Client.Sent);
    }

    [Fact]
    public async Task Only_servers_of_the_networks_that_may_relay_may_ask()
    {
        await _rig.StartAsync();
        QueueRunner runner = Runner();
        Assert.True(runner.MayAsk(Host));
        Assert.All(
            [Host with { Address = IPAddress.Parse("192.0.2.1") }, Host with { Role = SmtpRole.Submission }, Host with { Role = SmtpRole.Lmtp }],
            peer => Assert.False(runner.MayAsk(peer)));
        QueueRun run = await runner.StartAsync(QueueRunScope.Domain, "example.net", Host with { Address = IPAddress.Parse("192.0.2.1") }, TestContext.Current.CancellationToken);
        Assert.Equal(QueueRunOutcome.NotAllowed, run.Outcome);
    }

    private QueueRunner Runner() => new(_rig.Queue, new([IPNetwork.Parse("127.0.0.0/8")]), (_rates, 60), _rig.Time, _rig.Log.CreateLogger("queue"));

    private async Task<QueueRun> RunAsync(QueueRunScope scope, string name) => await Runner().StartAsync(scope, name, Host, TestContext.Current.CancellationToken);
}
