using System.Net;
using FullStack.Dns;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue.Relay;
using FullStack.Queue.Relay.Sts;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue.Relay;

/// <summary>From a domain to its hosts: RFC 5321 §5.1, RFC 7505.</summary>
public sealed class HostFinderTests : IDisposable
{
    private readonly ScriptedDns _dns = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Resolver _resolver;

    public HostFinderTests() => _resolver = new(new() { Servers = [_dns.EndPoint.ToString()] }, _time, NullLogger<Resolver>.Instance);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _resolver.Dispose();
        _dns.Dispose();
    }

    [Fact]
    public async Task Better_hosts_come_first_and_both_kinds_of_addresses_in_turn()
    {
        _dns.Add("""
            example.org MX 20 b.example.org
            example.org MX 10 a.example.org.
            a.example.org A 192.0.2.1
            a.example.org A 192.0.2.2
            a.example.org AAAA 2001:db8::1
            b.example.org A 192.0.2.9
            """);
        Assert.Equal(
            ["a.example.org [2001:db8::1]:25", "a.example.org 192.0.2.1:25", "a.example.org 192.0.2.2:25", "b.example.org 192.0.2.9:25"],
            await FoundAsync("example.org"));
        Assert.Equal(["a.example.org 192.0.2.1:25", "a.example.org 192.0.2.2:25", "b.example.org 192.0.2.9:25"], await FoundAsync("example.org", new() { Addresses = AddressKinds.IPv4 }));
        Assert.Equal(["a.example.org [2001:db8::1]:25"], await FoundAsync("example.org", new() { Addresses = AddressKinds.IPv6 }));
    }

    [Fact]
    public async Task Hosts_of_one_preference_come_in_any_order()
    {
        for (int i = 1; i <= 4; i++)
            _dns.Add($"example.org MX 10 m{i}.example.org\nm{i}.example.org A 192.0.2.{i}");
        HashSet<string> firsts = [];
        for (int i = 0; i < 300 && firsts.Count < 4; i++)
            firsts.Add((await FoundAsync("example.org"))[0]);
        Assert.Equal(4, firsts.Count);
    }

    [Fact]
    public async Task A_domain_without_mx_is_its_own_host()
    {
        _dns.Add("example.org A 192.0.2.1");
        Assert.Equal(["example.org 192.0.2.1:25"], await FoundAsync("example.org"));
    }

    [Fact]
    public async Task Names_in_other_scripts_become_those_that_certificates_have()
    {
        _dns.Add("xn--bcher-kva.example A 192.0.2.1");
        Assert.Equal(["xn--bcher-kva.example 192.0.2.1:25"], await FoundAsync("BÜCHER.example"));
        Assert.Equal(["xn--bcher-kva.example 192.0.2.1:25"], Texts(await NewFinder().FindAsync(new("bücher.example", IsHost: true), TlsWish.None, Ct)));
    }

    [Fact]
    public async Task An_alias_is_followed_to_mx_and_to_addresses()
    {
        _dns.Add("""
            mail.example.org CNAME example.net
            example.net MX 10 alias.example.net
            alias.example.net CNAME mx.example.net
            mx.example.net A 192.0.2.1
            www.example.org CNAME host.example.net
            host.example.net A 192.0.2.2
            """);
        Assert.Equal(["alias.example.net 192.0.2.1:25"], await FoundAsync("mail.example.org"));
        Assert.Equal(["www.example.org 192.0.2.2:25"], await FoundAsync("www.example.org"));
    }

    [Theory]
    [InlineData("null.example.org", "556 5.1.10")]
    [InlineData("none.example.org", "550 5.1.2")]
    [InlineData("no..name", "550 5.1.2")]
    [InlineData("text.example.org", "550 5.4.4")]
    [InlineData("lost.example.org", "550 5.4.4")]
    [InlineData("broken.example.org", "451 4.4.3")]
    [InlineData("half.example.org", "451 4.4.3")]
    [InlineData("nowhere.example.org", "550 5.4.4")]
    [InlineData("[192.0.2]", "550 5.1.2")]
    [InlineData("[x400:abc]", "550 5.1.2")]
    public async Task Why_there_is_no_host(string domain, string expected)
    {
        _dns.Add("""
            null.example.org MX 0 .
            text.example.org TXT nothing else
            lost.example.org MX 10 gone.example.org
            half.example.org MX 10 gone.example.org
            half.example.org MX 20 unknown.example.org
            nowhere.example.org MX 10 zero.example.org
            zero.example.org A 0.0.0.0
            zero.example.org AAAA ::
            """).Trouble("broken.example.org", DnsTrouble.ServerFailure).Trouble("unknown.example.org", DnsTrouble.ServerFailure);
        Assert.Equal(expected, await FailureAsync(domain));
    }

    [Fact]
    public async Task Hosts_that_can_be_found_do_without_those_that_cannot()
    {
        _dns.Add("""
            example.org MX 10 unknown.example.org
            example.org MX 20 b.example.org
            example.org MX 0 .
            b.example.org A 192.0.2.9
            """).Trouble("unknown.example.org", DnsTrouble.ServerFailure);
        Assert.Equal(["b.example.org 192.0.2.9:25"], await FoundAsync("example.org"));
    }

    [Theory]
    [InlineData("[192.0.2.1]", "[192.0.2.1] 192.0.2.1:25")]
    [InlineData("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1] [2001:db8::1]:25")]
    public async Task An_address_literal_is_where_it_says(string domain, string expected)
    {
        Assert.Equal([expected], await FoundAsync(domain));
        Assert.Empty(_dns.Queries);
    }

    /// <summary>RFC 5321 §5.1: this host and all that are no better go; what is left is tried.</summary>
    [Theory]
    [InlineData("mail.example.test")]
    [InlineData("MX.Example.Test.")]
    [InlineData("other.example.org")]
    public async Task Mail_does_not_come_back(string ownName)
    {
        _dns.Add($"""
            example.org MX 10 best.example.org
            example.org MX 20 {ownName}
            example.org MX 20 equal.example.org
            example.org MX 30 worse.example.org
            best.example.org A 192.0.2.1
            {ownName} A 192.0.2.25
            equal.example.org A 192.0.2.3
            worse.example.org A 192.0.2.4
            only.example.org MX 5 {ownName}
            {ownName} MX 5 elsewhere.example.org
            """);
        Assert.Equal(["best.example.org 192.0.2.1:25"], await FoundAsync("example.org"));
        Assert.Equal("554 5.4.6", await FailureAsync("only.example.org"));
    }

    [Theory]
    [InlineData("127.0.0.1", 25, "127.0.0.1", true)]
    [InlineData("127.0.0.1", 2525, "127.0.0.1", false)]
    [InlineData("0.0.0.0", 25, "127.0.0.1", true)]
    [InlineData("0.0.0.0", 25, "192.0.2.1", false)]
    [InlineData("::", 25, "127.0.0.1", true)]
    [InlineData("::", 25, "::1", true)]
    [InlineData("127.0.0.1", 25, "::1", false)]
    [InlineData("0.0.0.0", 25, "::1", false)]
    public void Own_are_the_addresses_where_someone_listens(string listens, int port, string address, bool own)
        => Assert.Equal(own, new OwnHosts([], [], () => [new(IPAddress.Parse(listens), port)], _time).IsAt(IPAddress.Parse(address), 25));

    [Fact]
    public async Task A_literal_of_this_host_is_a_loop_and_a_host_of_the_administrators_is_not_because_of_its_name()
    {
        Assert.Equal("554 5.4.6", await FailureAsync("[192.0.2.25]"));
        _dns.Add("mail.example.test A 192.0.2.1\nmail.example.test MX 1 elsewhere.example.test");
        Assert.Equal(["mail.example.test 192.0.2.1:10025"], Texts(await NewFinder().FindAsync(new("mail.example.test", IsHost: true) { Port = 10025 }, TlsWish.None, Ct)));
    }

    [Fact]
    public async Task A_host_that_the_administrator_named_and_dns_does_not_know_is_waited_for()
        => Assert.Equal("451 4.4.4", Failure(await NewFinder().FindAsync(new("smart.example.test", IsHost: true), TlsWish.None, Ct)));

    [Fact]
    public async Task What_the_hop_says_goes_to_every_host()
    {
        _dns.Add("smart.example.test A 192.0.2.1");
        NetworkCredential credentials = new("user", "secret");
        NextHop hop = new("smart.example.test", IsHost: true) { ImplicitTls = true, Tls = TlsNeed.Verified, Credentials = credentials };
        RemoteHost host = (await NewFinder().FindAsync(hop, TlsWish.None, Ct)).Hosts.Single();
        Assert.Equal((465, TlsNeed.Verified, true, credentials), (((IPEndPoint)host.EndPoint).Port, host.Tls, host.ImplicitTls, host.Credentials));
        RemoteHost lmtp = (await NewFinder().FindAsync(new("[192.0.2.25]", IsHost: true) { Protocol = RemoteProtocol.Lmtp }, TlsWish.None, Ct)).Hosts.Single();
        Assert.Equal((24, RemoteProtocol.Lmtp), (((IPEndPoint)lmtp.EndPoint).Port, lmtp.Protocol));
    }

    [Fact]
    public async Task Very_many_hosts_are_a_few()
    {
        for (int i = 1; i <= 60; i++)
        {
            _dns.Add($"example.org MX {i} m{i}.example.org");
            for (int k = 1; k <= 10; k++)
                _dns.Add($"m{i}.example.org A 192.0.{i}.{k}");
        }

        IReadOnlyList<string> found = await FoundAsync("example.org");
        Assert.Equal(HostFinder.MaxHosts, found.Count);
        Assert.Equal(4, found.Select(static host => host.Split(' ')[0]).Distinct().Count());
        Assert.Equal(0, _dns.TimesAsked("m17.example.org A"));
    }

    private HostFinder NewFinder(RelayOptions? options = null)
    {
        OwnHosts own = new(["mail.example.test", "mx.example.test"], [IPAddress.Parse("192.0.2.25")], static () => [], _time);
        StsPolicies policies = new(_resolver, static (_, _) => throw new HttpRequestException("no web here"), "/nonexistent", _time, NullLogger<StsPolicies>.Instance);
        return new(_resolver, policies, own, options ?? new());
    }

    private async Task<IReadOnlyList<string>> FoundAsync(string domain, RelayOptions? options = null)
        => Texts(await NewFinder(options).FindAsync(new(domain, IsHost: false), TlsWish.None, Ct));

    private async Task<string> FailureAsync(string domain) => Failure(await NewFinder().FindAsync(new(domain, IsHost: false), TlsWish.None, Ct));

    private static IReadOnlyList<string> Texts(HostSearch search)
    {
        Assert.Null(search.Failure);
        return [.. search.Hosts.Select(static host => $"{host.Name} {host.EndPoint}")];
    }

    private static string Failure(HostSearch search)
    {
        Assert.Empty(search.Hosts);
        return $"{search.Failure!.Code} {search.Failure.Status}";
    }
}
