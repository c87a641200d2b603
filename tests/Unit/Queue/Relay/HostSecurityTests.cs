using System.Text;
using FullStack.Dns;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue.Relay;
using FullStack.Queue.Relay.Sts;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue.Relay;

/// <summary>What connections to a domain's hosts need: DANE (RFC 7672), MTA-STS (RFC 8461), REQUIRETLS (RFC 8689).</summary>
public sealed class HostSecurityTests : IDisposable
{
    private const string Digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly ScriptedDns _dns = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ScratchFolder _scratch = new();
    private readonly Resolver _resolver;
    private string? _policy;

    public HostSecurityTests()
    {
        _resolver = new(new() { Servers = [_dns.EndPoint.ToString()] }, _time, NullLogger<Resolver>.Instance);
        _dns.Add("""
            example.org MX 10 mx.example.org
            mx.example.org A 192.0.2.1
            """);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _resolver.Dispose();
        _dns.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Nothing_asked_for_is_tls_where_it_is_offered()
    {
        Assert.Equal("Opportunistic mx.example.org", await FindAsync());
        Assert.Equal(0, _dns.TimesAsked("_25._tcp.mx.example.org TLSA")); // RFC 7672 §2.2.2: not where the addresses are not proved
    }

    [Theory]
    [InlineData("3 1 1", Digest, "Dane mx.example.org")]
    [InlineData("3 0 2", Digest + Digest, "Dane mx.example.org")]
    [InlineData("2 0 1", Digest, "Dane mx.example.org")]
    [InlineData("3 1 0", "abcdef", "Dane mx.example.org")]
    [InlineData("0 1 1", Digest, "Encrypted mx.example.org")]
    [InlineData("1 1 1", Digest, "Encrypted mx.example.org")]
    [InlineData("3 2 1", Digest, "Encrypted mx.example.org")]
    [InlineData("3 1 3", Digest, "Encrypted mx.example.org")]
    [InlineData("3 1 1", "abcd", "Encrypted mx.example.org")]
    [InlineData("3 1 2", Digest, "Encrypted mx.example.org")]
    public async Task Proved_records_pin_the_certificate_or_at_least_promise_tls(string numbers, string data, string expected)
    {
        _dns.Add($"_25._tcp.mx.example.org TLSA {numbers} {data}").Sign("example.org");
        Assert.Equal(expected, await FindAsync());
    }

    /// <summary>What reports say of a connection (RFC 8460 §4.4).</summary>
    [Fact]
    public async Task Each_connection_knows_the_policy_that_it_is_made_under()
    {
        NextHop hop = new("example.org", IsHost: false);
        AppliedTlsPolicy none = (await SearchAsync(hop)).Hosts.Single().Policy!;
        Assert.Equal(("example.org", TlsPolicyKind.None, "example.org", null), (none.Subject, none.Kind, none.Domain, none.Objection));
        Assert.Null((await SearchAsync(hop, TlsWish.Optional)).Hosts.Single().Policy);
        Assert.Null((await SearchAsync(hop with { Tls = TlsNeed.Never })).Hosts.Single().Policy);
        _dns.Add($"_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("example.org");
        _time.Advance(TimeSpan.FromHours(1));
        AppliedTlsPolicy pinned = (await SearchAsync(hop)).Hosts.Single().Policy!;
        Assert.Equal(("example.org", TlsPolicyKind.Tlsa, "mx.example.org", $"3 1 1 {Digest.ToUpperInvariant()}"), (pinned.Subject, pinned.Kind, pinned.Domain, pinned.Text.Single()));
    }

    [Fact]
    public async Task Records_that_cannot_be_used_are_left_out()
    {
        _dns.Add($"_25._tcp.mx.example.org TLSA 1 1 1 {Digest}\n_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("example.org");
        RemoteHost host = (await SearchAsync(new("example.org", IsHost: false))).Hosts.Single();
        Assert.Equal((3, 1, 1), ((int, int, int))(host.Pins.Single().Usage, host.Pins.Single().Selector, host.Pins.Single().MatchingType));
        Assert.Equal(Digest, Convert.ToHexStringLower(host.Pins.Single().Data.Span));
        Assert.Equal(["example.org"], host.OtherNames);
    }

    /// <summary>RFC 7672 §2.1.2: no answer could be one that somebody kept back.</summary>
    [Theory]
    [InlineData(DnsTrouble.ServerFailure)]
    [InlineData(DnsTrouble.Damaged)]
    public async Task A_host_whose_records_cannot_be_asked_for_is_not_used(DnsTrouble trouble)
    {
        _dns.Add("example.org MX 20 second.example.org\nsecond.example.org A 192.0.2.2").Sign("example.org").Trouble("_25._tcp.mx.example.org", trouble);
        Assert.Equal("Opportunistic second.example.org", await FindAsync());
        _dns.Trouble("_25._tcp.second.example.org", trouble);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("451 4.4.3", await FindAsync());
    }

    /// <summary>Half an answer about addresses does not switch DANE off.</summary>
    [Fact]
    public async Task Addresses_of_one_kind_that_are_kept_back_do_not_hide_the_records()
    {
        _dns.Add($"_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("example.org").Trouble("mx.example.org", DnsTrouble.ServerFailure, "AAAA");
        Assert.Equal("Dane mx.example.org", await FindAsync());
    }

    [Fact]
    public async Task Records_that_nothing_proves_do_not_count()
    {
        _dns.Add($"_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("mx.example.org").Sign("other.org");
        _dns.Add("unproved.org MX 10 a.other.org\na.other.org A 192.0.2.3\n_25._tcp.a.other.org CNAME tlsa.elsewhere.org\ntlsa.elsewhere.org TLSA 3 1 1 " + Digest);
        Assert.Equal("Opportunistic a.other.org", await FindAsync(new("unproved.org", IsHost: false)));
    }

    /// <summary>RFC 7672 §2.2.1: a provider's proved records help domains that are not; their own names are no proof then.</summary>
    [Fact]
    public async Task A_host_that_pins_is_believed_though_the_mx_is_not_proved()
    {
        _dns.Add($"_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("mx.example.org");
        RemoteHost host = (await SearchAsync(new("example.org", IsHost: false))).Hosts.Single();
        Assert.Equal((TlsNeed.Dane, 0), (host.Tls, host.OtherNames.Count));
        Assert.Equal("451 4.7.5", await FindAsync(new("example.org", IsHost: false) { Tls = TlsNeed.Dane }));
        Assert.Equal("550 5.7.10", await FindAsync(wish: TlsWish.Required));
    }

    /// <summary>RFC 7672 §2.2.3: the expanded name first, then the name as it stands; where only the alias is proved, that one.</summary>
    [Fact]
    public async Task Aliases_are_tried_under_both_names()
    {
        _dns.Add($"""
            both.org MX 10 alias.both.org
            alias.both.org CNAME real.both.org
            real.both.org A 192.0.2.4
            _25._tcp.real.both.org TLSA 3 1 1 {Digest}
            first.org MX 10 alias.first.org
            alias.first.org CNAME real.first.org
            real.first.org A 192.0.2.5
            _25._tcp.alias.first.org TLSA 3 1 1 {Digest}
            half.org MX 10 alias.half.org
            alias.half.org CNAME real.unproved.org
            real.unproved.org A 192.0.2.6
            _25._tcp.alias.half.org TLSA 3 1 1 {Digest}
            """).Sign("both.org").Sign("first.org").Sign("half.org");
        Assert.Equal("Dane real.both.org", await FindAsync(new("both.org", IsHost: false)));
        Assert.Equal("Dane alias.first.org", await FindAsync(new("first.org", IsHost: false)));

        // The server answers for the alias and what it stands for at once, so what DNS proves of the alias alone is asked for by itself.
        Assert.Equal("Dane alias.half.org", await FindAsync(new("half.org", IsHost: false)));
    }

    [Fact]
    public async Task The_records_are_those_of_the_port()
    {
        _dns.Add($"smart.example.org A 192.0.2.7\n_587._tcp.smart.example.org TLSA 3 1 1 {Digest}").Sign("example.org");
        Assert.Equal("Dane smart.example.org", await FindAsync(new("smart.example.org", IsHost: true) { Port = 587 }));
        Assert.Equal("Opportunistic smart.example.org", await FindAsync(new("smart.example.org", IsHost: true)));
    }

    [Theory]
    [InlineData(TlsNeed.Never, "Never mx.example.org")]
    [InlineData(TlsNeed.Verified, "Verified mx.example.org")]
    [InlineData(TlsNeed.Encrypted, "Dane mx.example.org")]
    [InlineData(TlsNeed.Dane, "Dane mx.example.org")]
    public async Task What_a_route_says_of_tls_holds(TlsNeed need, string expected)
    {
        _dns.Add($"_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("example.org");
        Assert.Equal(expected, await FindAsync(new("example.org", IsHost: false) { Tls = need }));
    }

    [Fact]
    public async Task Dane_that_a_route_wants_and_dns_has_not_is_waited_for()
    {
        _dns.Sign("example.org");
        Assert.Equal("451 4.7.5", await FindAsync(new("example.org", IsHost: false) { Tls = TlsNeed.Dane }));
    }

    [Fact]
    public async Task Neither_counts_where_it_is_switched_off()
    {
        _dns.Add($"_25._tcp.mx.example.org TLSA 3 1 1 {Digest}\n_mta-sts.example.org TXT v=STSv1; id=1").Sign("example.org");
        _policy = "version: STSv1\nmode: enforce\nmx: other.example.org\nmax_age: 1000";
        Assert.Equal("Opportunistic mx.example.org", await FindAsync(options: new() { Dane = false, MtaSts = false }));
    }

    [Theory]
    [InlineData("enforce", "mx.example.org", "Verified mx.example.org")]
    [InlineData("enforce", "*.example.org", "Verified mx.example.org")]
    [InlineData("enforce", "other.example.org", "451 4.7.5")]
    [InlineData("testing", "other.example.org", "Opportunistic mx.example.org")]
    [InlineData("none", "other.example.org", "Opportunistic mx.example.org")]
    public async Task A_policy_says_which_hosts_and_that_they_are_verified(string mode, string pattern, string expected)
    {
        _dns.Add("_mta-sts.example.org TXT v=STSv1; id=1");
        _policy = $"version: STSv1\nmode: {mode}\nmx: {pattern}\nmax_age: 1000";
        Assert.Equal(expected, await FindAsync());
    }

    [Fact]
    public async Task Hosts_that_a_policy_does_not_name_are_passed_over_and_pins_stay()
    {
        _dns.Add($"_mta-sts.example.org TXT v=STSv1; id=1\nexample.org MX 5 stray.example.net\nstray.example.net A 192.0.2.8\n_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("example.org");
        _policy = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 1000";
        Assert.Equal("Dane mx.example.org", await FindAsync());
    }

    [Fact]
    public async Task A_message_that_requires_tls_goes_to_hosts_that_are_known_for_sure()
    {
        Assert.Equal("550 5.7.10", await FindAsync(wish: TlsWish.Required));
        Assert.Equal("550 5.7.10", await FindAsync(new("example.org", IsHost: false) { Tls = TlsNeed.Never }, TlsWish.Required));
        Assert.Equal("Verified mx.example.org", await FindAsync(new("mx.example.org", IsHost: true), TlsWish.Required));
        Assert.Equal("Verified [192.0.2.1]", await FindAsync(new("[192.0.2.1]", IsHost: false), TlsWish.Required));
        _dns.Add("_mta-sts.example.org TXT v=STSv1; id=1");
        _policy = "version: STSv1\nmode: testing\nmx: mx.example.org\nmax_age: 1000";
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("Verified mx.example.org", await FindAsync(wish: TlsWish.Required));
    }

    [Fact]
    public async Task A_proved_mx_is_known_for_sure()
    {
        _dns.Sign("example.org");
        Assert.Equal("Verified mx.example.org", await FindAsync(wish: TlsWish.Required));
    }

    [Fact]
    public async Task A_message_that_waives_tls_goes_though_policies_are_broken()
    {
        _dns.Add($"_mta-sts.example.org TXT v=STSv1; id=1\n_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("example.org");
        _policy = "version: STSv1\nmode: enforce\nmx: other.example.org\nmax_age: 1000";
        Assert.Equal("451 4.7.5", await FindAsync());
        Assert.Equal("Opportunistic mx.example.org", await FindAsync(wish: TlsWish.Optional));
        Assert.Equal("Never mx.example.org", await FindAsync(new("example.org", IsHost: false) { Tls = TlsNeed.Never }, TlsWish.Optional));
    }

    [Fact]
    public async Task What_a_route_needs_no_sender_waives()
    {
        NextHop hop = new("mx.example.org", IsHost: true);
        Assert.Equal("Encrypted mx.example.org", await FindAsync(hop with { Tls = TlsNeed.Encrypted }, TlsWish.Optional));
        Assert.Equal("Verified mx.example.org", await FindAsync(hop with { Tls = TlsNeed.Verified }, TlsWish.Optional));
        string without = await FindAsync(hop with { Tls = TlsNeed.Dane });
        Assert.Equal(without, await FindAsync(hop with { Tls = TlsNeed.Dane }, TlsWish.Optional));
        _dns.Add($"_25._tcp.mx.example.org TLSA 3 1 1 {Digest}").Sign("example.org");
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("Dane mx.example.org", await FindAsync(hop with { Tls = TlsNeed.Dane }, TlsWish.Optional));
    }

    private Task<HostSearch> SearchAsync(NextHop hop, TlsWish wish = TlsWish.None, RelayOptions? options = null)
    {
        StsPolicies policies = new(_resolver, FetchAsync, _scratch.File("mta-sts"), _time, NullLogger<StsPolicies>.Instance);
        HostFinder finder = new(_resolver, policies, new(["mail.example.test"], [], static () => [], _time), options ?? new());
        return finder.FindAsync(hop, wish, Ct).AsTask();

        ValueTask<StsDocument> FetchAsync(Uri uri, CancellationToken ct)
            => _policy is null ? throw new HttpRequestException("no such host") : new(new StsDocument(200, "text/plain", Encoding.ASCII.GetBytes(_policy)));
    }

    private async Task<string> FindAsync(NextHop? hop = null, TlsWish wish = TlsWish.None, RelayOptions? options = null)
    {
        HostSearch search = await SearchAsync(hop ?? new("example.org", IsHost: false), wish, options);
        return search.Failure is { } failure ? $"{failure.Code} {failure.Status}" : $"{search.Hosts[0].Tls} {search.Hosts[0].Name}";
    }
}
