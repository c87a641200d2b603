using System.Net;
using FullStack.Dns;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Interop;

/// <summary>The resolver and Debian's name servers: nsd, which answers for its zones, and unbound, which searches and checks signatures.</summary>
public sealed class DnsServersTests(PrivateDns servers) : IClassFixture<PrivateDns>, IDisposable
{
    private readonly List<Resolver> _used = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _used.ForEach(static resolver => resolver.Dispose());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_type_is_found(bool bySearch)
    {
        PrivateDns.Require();
        Resolver resolver = New(bySearch ? servers.Searcher : servers.Authority);
        DnsAnswer<MxData> mx = await resolver.LookupMxAsync("Plain.Test", Ct);
        Assert.Equal(["10 mx1.plain.test", "20 mx2.plain.test"], mx.Records.Select(static record => $"{record.Preference} {record.Exchange}").Order());
        Assert.InRange(mx.TimeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(300));
        Assert.Equal(["2001:db8::1", "192.0.2.1"], (await resolver.LookupAddressesAsync("mx1.plain.test", Ct)).Records.Select(static address => address.ToString()));
        Assert.Equal(["v=spf1 mx -all"], (await resolver.LookupTxtAsync("plain.test", Ct)).Records);
        Assert.Equal(3, (await resolver.LookupTlsaAsync("mx1.plain.test", 25, Ct)).Records.Single().Usage);
        Assert.Equal("mx1.plain.test", (await resolver.LookupSrvAsync("submission", "plain.test", Ct)).Records.Single().Target.ToString());
        Assert.True((await resolver.LookupMxAsync("null.plain.test", Ct)).Records.Single().Exchange.IsRoot);
        Assert.Equal("farther.plain.test", (await resolver.LookupCnameAsync("alias.plain.test", Ct)).Records.Single().ToString());
        DnsAnswer<IPAddress> alias = await resolver.LookupAddressesAsync("alias.plain.test", Ct);
        Assert.True(alias.IsAlias && alias.Name.ToString() == "mx1.plain.test" && alias.Records.Count == 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_not_there_is_told_apart(bool bySearch)
    {
        PrivateDns.Require();
        Resolver resolver = New(bySearch ? servers.Searcher : servers.Authority);
        DnsAnswer<MxData> noName = await resolver.LookupMxAsync("none.plain.test", Ct);
        DnsAnswer<MxData> noData = await resolver.LookupMxAsync("mx2.plain.test", Ct);
        Assert.Equal((DnsOutcome.NoSuchName, DnsOutcome.NoData), (noName.Outcome, noData.Outcome));
        Assert.InRange(noName.TimeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.InRange(noData.TimeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_answer_comes_by_tcp(bool bySearch)
    {
        PrivateDns.Require();
        DnsAnswer<string> texts = await New(bySearch ? servers.Searcher : servers.Authority).LookupTxtAsync("large.plain.test", Ct);
        Assert.Equal(200, texts.Records.Distinct().Count());
    }

    [Fact]
    public async Task Letters_in_mixed_case_are_repeated()
    {
        PrivateDns.Require();
        Assert.True((await New(servers.Searcher, new() { Servers = [servers.Searcher.ToString()], MixedCase = true }).LookupMxAsync("plain.test", Ct)).IsFound);
    }

    [Fact]
    public async Task Unbound_says_what_is_proved()
    {
        PrivateDns.Require();
        Resolver resolver = New(servers.Searcher);
        Assert.True((await resolver.LookupMxAsync("signed.test", Ct)) is { IsFound: true, IsSecure: true });
        Assert.True((await resolver.LookupAddressesAsync("mx1.signed.test", Ct)) is { IsFound: true, IsSecure: true });
        Assert.True((await resolver.LookupTlsaAsync("mx1.signed.test", 25, Ct)) is { IsFound: true, IsSecure: true });
        Assert.True((await resolver.LookupTlsaAsync("mx2.signed.test", 25, Ct)) is { Outcome: DnsOutcome.NoSuchName, IsSecure: true });
        Assert.True((await resolver.LookupMxAsync("plain.test", Ct)) is { IsFound: true, IsSecure: false });
        DnsOptions sceptic = new() { Servers = [servers.Searcher.ToString()], SecureServers = SecureServers.None };
        Assert.True((await New(servers.Searcher, sceptic).LookupMxAsync("signed.test", Ct)) is { IsFound: true, IsSecure: false });
    }

    [Fact]
    public async Task What_is_signed_wrongly_is_no_answer()
    {
        PrivateDns.Require();
        Assert.Equal(DnsOutcome.Failed, (await New(servers.Searcher).LookupMxAsync("forged.test", Ct)).Outcome);
    }

    /// <summary>nsd answers REFUSED for zones that are not its own; the next server is asked then.</summary>
    [Fact]
    public async Task A_server_that_refuses_is_passed_over()
    {
        PrivateDns.Require();
        DnsOptions both = new() { Servers = [servers.Authority.ToString(), servers.Searcher.ToString()] };
        Assert.Equal(DnsOutcome.Failed, (await New(servers.Authority).LookupMxAsync("elsewhere.example", Ct)).Outcome);
        Assert.Equal(DnsOutcome.NoSuchName, (await New(servers.Authority, both).LookupMxAsync("elsewhere.invalid", Ct)).Outcome);
    }

    private Resolver New(IPEndPoint server, DnsOptions? options = null)
    {
        Resolver resolver = new(options ?? new() { Servers = [server.ToString()] }, TimeProvider.System, NullLogger<Resolver>.Instance);
        _used.Add(resolver);
        return resolver;
    }
}
