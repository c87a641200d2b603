using System.Collections.Concurrent;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Unit.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue.Relay;

/// <summary>What a backup makes of what the next hop says of an address, and for how long.</summary>
public sealed class CallAheadTests : IHostFinder, IRecipientProbe
{
    private static readonly DeliveryStatus s_refused = new(451, new(4, 4, 1), "connection refused");

    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly CallAhead _ahead;
    private HostSearch _hosts = HostSearch.Found([new("mx1", new System.Net.IPEndPoint(1, 25)), new("mx2", new System.Net.IPEndPoint(2, 25))]);
    private Func<string, Task<RecipientResult>> _says = static _ => Said(250, 2, 1, 5);

    public CallAheadTests() => _ahead = new(new()
    {
        Routes = static () => new([]), Hosts = this, Probe = this, Time = _time, Log = NullLogger.Instance,
    });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask<HostSearch> FindAsync(NextHop hop, TlsWish wish, CancellationToken ct) => new(_hosts);

    public async ValueTask<RecipientResult> ProbeAsync(RemoteHost host, ForwardPath recipient, CancellationToken ct)
    {
        _asked.Enqueue($"{host.Name} {recipient.Address}");
        return await _says(host.Name).WaitAsync(ct);
    }

    [Fact]
    public async Task An_address_that_the_hop_knows_is_taken_and_not_asked_about_again_for_a_day()
    {
        Assert.Null(await AskAsync("joe"));
        _time.Advance(CallAhead.KnownFresh - TimeSpan.FromSeconds(1));
        Assert.Null(await AskAsync("joe"));
        Assert.Equal(["mx1 joe@example.net"], _asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        _says = static _ => Said(550, 5, 1, 1);
        Assert.Equal("550 5.1.1", await AskAsync("joe"));
    }

    [Fact]
    public async Task An_address_that_the_hop_does_not_know_is_refused_for_an_hour()
    {
        _says = static _ => Said(550, 5, 1, 1);
        Assert.Equal("550 5.1.1", await AskAsync("joe"));
        _says = static _ => Said(250, 2, 1, 5);
        _time.Advance(CallAhead.UnknownFor - TimeSpan.FromSeconds(1));
        Assert.Equal("550 5.1.1", await AskAsync("joe"));
        Assert.Single(_asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await AskAsync("joe"));
        Assert.Null(await AskAsync("Joe")); // which may be somebody else there
        Assert.Equal("mx1 Joe@example.net", _asked.Last());
    }

    [Theory]
    [InlineData(450, 4, 2, 0, true, "450 4.2.0")] // the hop put it off
    [InlineData(451, 4, 4, 1, false, "451 4.4.1")] // it is down
    [InlineData(554, 5, 7, 1, false, "451 4.4.1")] // it does not want to talk to us: nothing about the address
    public async Task What_the_hop_does_not_say_now_is_for_later_and_asked_again(int code, byte c, ushort s, ushort d, bool isRemote, string expected)
    {
        _says = _ => Task.FromResult(new RecipientResult(new(code, new(c, s, d), "no"), false, isRemote));
        Assert.Equal(expected, await AskAsync("joe"));
        Assert.Equal(["mx1 joe@example.net", "mx2 joe@example.net"], _asked);
        _says = static _ => Said(250, 2, 1, 5);
        Assert.Null(await AskAsync("joe"));
    }

    [Fact]
    public async Task The_next_host_is_asked_where_the_first_one_is_down()
    {
        _says = static name => name == "mx1" ? Task.FromResult(new RecipientResult(s_refused, false, false)) : Said(550, 5, 1, 1);
        Assert.Equal("550 5.1.1", await AskAsync("joe"));
    }

    [Fact]
    public async Task Without_a_host_it_is_for_later()
    {
        _hosts = HostSearch.Failed(SearchFailure.DnsFailed);
        Assert.Equal("451 4.4.1", await AskAsync("joe"));
    }

    /// <summary>A backup is for when the other host is down.</summary>
    [Fact]
    public async Task An_address_that_was_known_is_believed_for_a_week_while_the_hop_is_down()
    {
        Assert.Null(await AskAsync("joe"));
        _says = static _ => Task.FromResult(new RecipientResult(s_refused, false, false));
        _time.Advance(CallAhead.KnownAtAll - TimeSpan.FromSeconds(1));
        Assert.Null(await AskAsync("joe"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("451 4.4.1", await AskAsync("joe"));
    }

    [Fact]
    public async Task A_hop_that_takes_its_time_is_waited_for_a_while_and_asked_once()
    {
        TaskCompletionSource<RecipientResult> never = new();
        _says = _ => never.Task;
        Task<string?>[] asking = [AskAsync("joe"), AskAsync("joe"), AskAsync("joe")];
        while (_asked.IsEmpty)
            await Task.Delay(1, Ct);
        _time.Advance(CallAhead.Patience);
        Assert.All(await Task.WhenAll(asking), static answer => Assert.Equal("451 4.4.1", answer));
        Assert.Single(_asked);
    }

    [Fact]
    public async Task A_host_is_asked_with_the_sender_of_notices_and_gets_no_message()
    {
        await using ScriptedHost host = new("S: 220 mx\nC: EHLO *\nS: 250 mx\nC: MAIL FROM:<>\nS: 250 Ok\nC: RCPT TO:<joe@example.net>\nS: 550 5.1.1 who\n"
            + "C: RSET\nS: 250 Ok\nC: MAIL FROM:<>\nS: 250 Ok\nC: RCPT TO:<sue@example.net>\nS: 250 2.1.5 Ok\nC: QUIT\nS: 221 bye");
        MailClient client = new(ClientConversation.EnvironmentOf(new() { HostName = "client.example.test" }));
        RemoteHost remote = new("mx.example.net", host.EndPoint);
        Assert.Equal((550, true), Brief(await client.ProbeAsync(remote, ClientConversation.PathOf("joe@example.net"), Ct)));
        Assert.Equal((250, true), Brief(await client.ProbeAsync(remote, ClientConversation.PathOf("sue@example.net"), Ct)));
        await client.DisposeAsync();
        await host.FinishAsync();
        Assert.Empty(host.Messages);
    }

    [Theory]
    [InlineData("S: 554 5.7.1 not you")]
    [InlineData("S: 220 mx\nC: EHLO *\nS: 250 mx\nC: MAIL FROM:<>\nS: 550 5.7.1 no notices here")]
    [InlineData("S: 220 mx\nC: EHLO *\nS: 250 mx\nC: MAIL FROM:<>\nS: 250 Ok\nC: RCPT *\n@close")]
    public async Task What_is_not_said_of_the_address_is_nothing_about_it(string script)
    {
        await using ScriptedHost host = new(script);
        await using MailClient client = new(ClientConversation.EnvironmentOf(ClientConversation.Options));
        Assert.False((await client.ProbeAsync(new("mx.example.net", host.EndPoint), ClientConversation.PathOf("joe@example.net"), Ct)).IsRemote);
    }

    private static (int Code, bool IsRemote) Brief(RecipientResult result) => (result.Status.Code, result.IsRemote);

    private static Task<RecipientResult> Said(int code, byte c, ushort s, ushort d) => Task.FromResult(new RecipientResult(new(code, new(c, s, d), "said"), false, true));

    private async Task<string?> AskAsync(string user)
        => await _ahead.RefusalAsync(ClientConversation.PathOf($"{user}@example.net"), Ct) is { } refusal ? $"{refusal.Code} {refusal.Status}" : null;
}
