using System.Collections.Concurrent;
using System.Net;
using FullStack.Auth.Passwords;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;

namespace FullStack.Unit.Server;

/// <summary>What a reload must not forget.</summary>
public sealed class ReloadTests : IAsyncDisposable
{
    private readonly DataFolder _folder = new();
    private readonly ObservedClock _time = new();
    private readonly ServerConfiguration _configuration;
    private MailServer? _server;

    public ReloadTests() => _configuration = ConfigurationFile.Parse(
        $$"""
        hostname: mail.example.test
        data: {{_folder.FullPath}}
        domains: [example.test]
        store: { sync: none }
        listeners: [{ protocol: smtp, address: "127.0.0.1:0" }, { protocol: pop3, address: "127.0.0.1:0" }]
        """,
        _folder.File("fullstack.yaml")).Configuration!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.StopAsync(new CancellationToken(canceled: true)); // a login that waits for the clock would wait for ever
        _folder.Dispose();
    }

    [Fact]
    public async Task Failed_logins_are_remembered()
    {
        MailServer server = await StartAsync();
        await FailToLogInAsync(server, TimeSpan.FromSeconds(1));
        await FailToLogInAsync(server, TimeSpan.FromSeconds(2));
        server.Reload(_configuration);
        await FailToLogInAsync(server, TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Queue_ids_do_not_begin_anew()
    {
        MailServer server = await StartAsync(); // its clock stands still, so that only memory keeps ids apart
        string first = await SendAsync(server);
        server.Reload(_configuration);
        string second = await SendAsync(server);
        Assert.StartsWith("250 2.0.0 Ok: queued as ", first, StringComparison.Ordinal);
        Assert.True(string.CompareOrdinal(first, second) < 0, $"{second} after {first}");
    }

    private async Task<MailServer> StartAsync()
    {
        _server = await MailServer.StartAsync(_configuration, new CapturedLog(), _time, Ct);
        _server.Directory.AddUser("alice@example.test", PasswordHash.Create("secret"));
        return _server;
    }

    private static IPEndPoint PortOf(MailServer server, ListenerProtocol protocol) => server.Listeners.Single(l => l.Protocol == protocol).EndPoint;

    /// <summary>Gives a wrong password, another one each time, and checks for how long the answer is kept back.</summary>
    private async Task FailToLogInAsync(MailServer server, TimeSpan delay)
    {
        await using LineClient client = await LineClient.ConnectAsync(PortOf(server, ListenerProtocol.Pop3), Ct);
        await client.ReadLineAsync(Ct);
        await client.SendLineAsync("USER alice", Ct);
        await client.ReadLineAsync(Ct);
        _time.Waits.Clear();
        await client.SendLineAsync($"PASS wrong{delay.TotalSeconds}", Ct);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(LineClient.Patience);
        while (!_time.Waits.TryDequeue(out TimeSpan wait) || wait != delay) // others are limits, and the end of the client before
            await Task.Delay(1, patience.Token);
        _time.Inner.Advance(delay);
        Assert.StartsWith("-ERR [AUTH]", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
    }

    private static async Task<string> SendAsync(MailServer server)
    {
        await using LineClient client = await LineClient.ConnectAsync(PortOf(server, ListenerProtocol.Smtp), Ct);
        foreach (string line in (string[])["EHLO client.example.org", "MAIL FROM:<>", "RCPT TO:<alice@example.test>", "DATA"])
            await client.SendLineAsync(line, Ct);
        await client.ReadLinesAsync(static line => line.StartsWith("354 ", StringComparison.Ordinal), Ct);
        await client.SendLineAsync("Subject: x\r\n\r\nx\r\n.", Ct);
        return await client.ReadLineAsync(Ct) ?? "";
    }

    /// <summary>A manual clock that tells what is waited for.</summary>
    private sealed class ObservedClock : TimeProvider
    {
        public ManualTimeProvider Inner { get; } = new();

        public ConcurrentQueue<TimeSpan> Waits { get; } = new();

        public override TimeZoneInfo LocalTimeZone => Inner.LocalTimeZone;

        public override long TimestampFrequency => Inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => Inner.GetUtcNow();

        public override long GetTimestamp() => Inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = Inner.CreateTimer(callback, state, dueTime, period);
            if (dueTime > TimeSpan.Zero)
                Waits.Enqueue(dueTime);
            return timer;
        }
    }
}
