using System.Net;
using FullStack.Dns;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue.Relay;
using FullStack.Smtp;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue.Relay;

/// <summary>From addresses to names and back, over a DNS of the test's own.</summary>
public sealed class ClientNamesTests : IDisposable
{
    private readonly ScriptedDns _dns = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _dns.Dispose();

    [Theory]
    [InlineData("192.0.2.1", ClientNameState.Confirmed, "mx.example.org")]
    [InlineData("::ffff:192.0.2.1", ClientNameState.Confirmed, "mx.example.org")]
    [InlineData("2001:db8::1", ClientNameState.Confirmed, "six.example.org")]
    [InlineData("192.0.2.2", ClientNameState.Unconfirmed, "")]
    [InlineData("192.0.2.3", ClientNameState.None, "")]
    [InlineData("192.0.2.4", ClientNameState.Unconfirmed, "")]
    [InlineData("192.0.2.5", ClientNameState.Failed, "")]
    [InlineData("192.0.2.6", ClientNameState.Failed, "")]
    [InlineData("192.0.2.7", ClientNameState.Unconfirmed, "")]
    public async Task A_name_counts_where_it_leads_back(string address, ClientNameState state, string name)
    {
        _dns.Add("""
            1.2.0.192.in-addr.arpa PTR other.example.org
            1.2.0.192.in-addr.arpa PTR mx.example.org
            other.example.org A 192.0.2.99
            mx.example.org A 192.0.2.98
            mx.example.org A 192.0.2.1
            1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR six.example.org
            six.example.org AAAA 2001:db8::1
            2.2.0.192.in-addr.arpa PTR mx.example.org
            4.2.0.192.in-addr.arpa PTR nowhere.example.org
            6.2.0.192.in-addr.arpa PTR broken.example.org
            """);
        for (int i = 0; i < 6; i++)
            _dns.Add($"7.2.0.192.in-addr.arpa PTR n{i}.example.org\nn{i}.example.org A 192.0.2.{(i == 5 ? 7 : 99)}"); // one name more than is looked at
        _dns.Trouble("5.2.0.192.in-addr.arpa", DnsTrouble.ServerFailure);
        _dns.Trouble("broken.example.org", DnsTrouble.ServerFailure);
        using Resolver resolver = NewResolver(TimeProvider.System);
        ClientName found = await new ClientNames(resolver, TimeSpan.FromMinutes(5), TimeProvider.System).FindAsync(IPAddress.Parse(address), Ct);
        Assert.Equal(new ClientName(state, name), found);
    }

    [Fact]
    public async Task A_dns_that_is_silent_is_not_waited_for_longer_than_allowed()
    {
        ManualTimeProvider time = new();
        _dns.Trouble("5.2.0.192.in-addr.arpa", DnsTrouble.Silent);
        using Resolver resolver = NewResolver(TimeProvider.System);
        Task<ClientName> finding = new ClientNames(resolver, TimeSpan.FromSeconds(3), time).FindAsync(IPAddress.Parse("192.0.2.5"), Ct).AsTask();
        Assert.Equal(1, time.ArmedTimers);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ClientNameState.Failed, (await finding).State);
    }

    [Fact]
    public async Task Who_stops_waiting_gets_no_answer()
    {
        _dns.Trouble("5.2.0.192.in-addr.arpa", DnsTrouble.Silent);
        using Resolver resolver = NewResolver(TimeProvider.System);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task<ClientName> finding = new ClientNames(resolver, TimeSpan.FromMinutes(5), TimeProvider.System).FindAsync(IPAddress.Parse("192.0.2.5"), stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding);
    }

    private Resolver NewResolver(TimeProvider time)
        => new(new DnsOptions { Servers = [_dns.EndPoint.ToString()], Attempts = 1, Timeout = TimeSpan.FromMinutes(1) }, time, NullLogger<Resolver>.Instance);
}
