using System.Net;
using FullStack.Dns;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Doctor;
using FullStack.Server.Zone;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Server.Doctor;

/// <summary>What is said of DNS, and of who may send through the server.</summary>
public sealed class NetworkChecksTests : IDisposable
{
    private static readonly IPAddress s_own = IPAddress.Parse("8.8.8.8");

    private readonly ScriptedDns _dns = new();
    private readonly List<Resolver> _resolvers = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (Resolver resolver in _resolvers)
            resolver.Dispose();
        _dns.Dispose();
    }

    [Theory]
    [InlineData("8.8.8.8.in-addr.arpa PTR mail.example.test\nmail.example.test A 8.8.8.8", "reverse.ok")]
    [InlineData("8.8.8.8.in-addr.arpa PTR mail.example.test\nmail.example.test A 8.8.4.4", "reverse.unconfirmed")]
    [InlineData("8.8.8.8.in-addr.arpa PTR host8.provider.test\nmail.example.test A 8.8.8.8", "reverse.other")]
    [InlineData("mail.example.test A 8.8.8.8", "reverse.none")]
    public async Task The_reverse_name_has_to_lead_here_and_back(string zone, string expected)
    {
        _dns.Add(zone);
        Assert.Equal(expected, await HostChecksTests.NamesAsync(new ReverseNameCheck("mail.example.test", [s_own], ResolverOf())));
    }

    [Fact]
    public async Task Nothing_is_said_of_addresses_that_others_do_not_see()
        => Assert.Equal("reverse.unknown", await HostChecksTests.NamesAsync(new ReverseNameCheck("mail.example.test", [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00::1")], ResolverOf())));

    [Fact]
    public async Task A_resolver_that_checks_and_is_believed_is_right()
    {
        _dns.Add("signed.test MX 10 mx.signed.test").Sign("signed.test").Trouble("forged.test", DnsTrouble.ServerFailure);
        Assert.Equal("resolver.ok", await ResolverAsync(SecureServers.Loopback));
    }

    [Fact]
    public async Task A_resolver_that_is_not_believed_is_told()
    {
        _dns.Add("signed.test MX 10 mx.signed.test").Sign("signed.test").Trouble("forged.test", DnsTrouble.ServerFailure);
        Assert.Equal("resolver.not_believed", await ResolverAsync(SecureServers.None));
    }

    [Fact]
    public async Task A_resolver_that_strips_dnssec_is_told()
    {
        _dns.Add("signed.test MX 10 mx.signed.test");
        Assert.Equal("resolver.no_dnssec", await ResolverAsync(SecureServers.Loopback));
    }

    [Fact]
    public async Task A_resolver_that_takes_forged_answers_is_told()
    {
        _dns.Add("signed.test MX 10 mx.signed.test\nforged.test A 192.0.2.1").Sign("signed.test");
        Assert.Equal("resolver.forged", await ResolverAsync(SecureServers.Loopback));
    }

    [Fact]
    public async Task Without_an_answer_nothing_is_said()
    {
        _dns.Trouble("signed.test", DnsTrouble.ServerFailure);
        Assert.Equal("resolver.unknown", await ResolverAsync(SecureServers.Loopback));
    }

    [Fact]
    public async Task Records_are_judged_by_what_they_are_for()
    {
        AdvisedRecord mx = new("example.test", AdvisedType.Mx, "10 mail.example.test.", "");
        AdvisedRecord spf = new("example.test", AdvisedType.Txt, "v=spf1 mx -all", "");
        AdvisedRecord key = new("_25._tcp.mail.example.test", AdvisedType.Tlsa, "3 1 1 " + new string('a', 64), "");
        AdvisedRecord none = new("_pop3s._tcp.example.test", AdvisedType.Srv, "0 0 0 .", "");
        DnsRecordsCheck check = new([mx, spf, key, none], new RecordCheck(ResolverOf()).CheckAsync);
        Assert.Equal("dns.mail dns.missing", await HostChecksTests.NamesAsync(check));
        _dns.Add($"example.test MX 10 mail.example.test\nexample.test TXT \"v=spf1 mx -all\"\n_25._tcp.mail.example.test TLSA 3 1 1 {new string('b', 64)}");
        Assert.Equal("dns.ok dns.ok dns.tlsa", await HostChecksTests.NamesAsync(check with { Look = new RecordCheck(ResolverOf()).CheckAsync }));
        _dns.Trouble("example.test", DnsTrouble.ServerFailure);
        Assert.Equal("dns.unknown dns.unknown dns.tlsa", await HostChecksTests.NamesAsync(check with { Look = new RecordCheck(ResolverOf()).CheckAsync }));
    }

    [Fact]
    public async Task A_server_that_relays_for_strangers_is_told()
    {
        await using TestMailServer closed = await TestMailServer.StartAsync(ct: Ct);
        Assert.Equal("relay.ok", await HostChecksTests.NamesAsync(new RelayCheck("mail.example.test", [closed.Listener(ListenerProtocol.Smtp).EndPoint], [])));
        await using TestMailServer open = await TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["smtp.relay_networks"] = "[127.0.0.0/8]" } }, Ct);
        open.Dns.Add("relay-check.example.org MX 10 mx.example.org\nmx.example.org A 192.0.2.1");
        RelayCheck check = new("mail.example.test", [open.Listener(ListenerProtocol.Smtp).EndPoint], []);
        Assert.Equal("relay.private", await HostChecksTests.NamesAsync(check));
        await open.StopAsync();
        Assert.Equal("relay.unknown", await HostChecksTests.NamesAsync(check));
    }

    private Task<string> ResolverAsync(SecureServers believed)
        => HostChecksTests.NamesAsync(new ResolverCheck(ResolverOf(SecureServers.All), ResolverOf(believed), "signed.test", "forged.test"));

    private Resolver ResolverOf(SecureServers believed = SecureServers.Loopback)
    {
        Resolver resolver = new(new DnsOptions { Servers = [_dns.EndPoint.ToString()], Timeout = TimeSpan.FromSeconds(20), SecureServers = believed }, TimeProvider.System, NullLogger<Resolver>.Instance);
        _resolvers.Add(resolver);
        return resolver;
    }
}
