using System.Net;
using FullStack.Dns;
using FullStack.Harness;
using FullStack.Harness.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Dns;

/// <summary>The resolver against a scripted server on loopback.</summary>
public sealed class ResolverTests : IDisposable
{
    private readonly ScriptedDns _dns = new();
    private readonly ManualTimeProvider _time = new();
    private readonly List<IDisposable> _used = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _used.ForEach(static used => used.Dispose());
        _dns.Dispose();
    }

    [Fact]
    public async Task Hosts_of_a_domain_come_as_the_server_has_them()
    {
        _dns.Add("""
            example.org 600 MX 20 mx2.example.org
            example.org 600 MX 10 mx1.example.org
            """);
        DnsAnswer<MxData> answer = await NewResolver().LookupMxAsync("Example.ORG.", Ct);
        Assert.Equal(DnsOutcome.Found, answer.Outcome);
        Assert.Equal(["20 mx2.example.org", "10 mx1.example.org"], answer.Records.Select(static mx => $"{mx.Preference} {mx.Exchange}"));
        Assert.Equal("example.org", answer.Name.ToString());
        Assert.False(answer.IsAlias);
        Assert.False(answer.IsSecure);
        Assert.Equal(TimeSpan.FromMinutes(10), answer.TimeToLive);
    }

    [Fact]
    public async Task Every_type_is_read()
    {
        _dns.Add("""
            host.example.org A 192.0.2.1
            host.example.org A 192.0.2.2
            host.example.org AAAA 2001:db8::1
            text.example.org TXT "v=spf1 " "-all"
            alias.example.org CNAME host.example.org
            1.2.0.192.in-addr.arpa PTR host.example.org
            1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR six.example.org
            _25._tcp.host.example.org TLSA 3 1 1 0123456789abcdef
            _submission._tcp.example.org SRV 0 1 587 host.example.org
            null.example.org MX 0 .
            """);
        Resolver resolver = NewResolver();
        Assert.Equal(["2001:db8::1", "192.0.2.1", "192.0.2.2"], (await resolver.LookupAddressesAsync("host.example.org", Ct)).Records.Select(static a => a.ToString()));
        Assert.Equal(["v=spf1 -all"], (await resolver.LookupTxtAsync("text.example.org", Ct)).Records);
        Assert.Equal("host.example.org", (await resolver.LookupCnameAsync("alias.example.org", Ct)).Records.Single().ToString());
        Assert.Equal("host.example.org", (await resolver.LookupPtrAsync(IPAddress.Parse("192.0.2.1"), Ct)).Records.Single().ToString());
        Assert.Equal("host.example.org", (await resolver.LookupPtrAsync(IPAddress.Parse("::ffff:192.0.2.1"), Ct)).Records.Single().ToString());
        Assert.Equal("six.example.org", (await resolver.LookupPtrAsync(IPAddress.Parse("2001:db8::1"), Ct)).Records.Single().ToString());
        TlsaData tlsa = (await resolver.LookupTlsaAsync("host.example.org", 25, Ct)).Records.Single();
        Assert.Equal("3 1 1 0123456789ABCDEF", $"{tlsa.Usage} {tlsa.Selector} {tlsa.MatchingType} {Convert.ToHexString(tlsa.Association.Span)}");
        Assert.Equal(new SrvData(0, 1, 587, NameOf("host.example.org")), (await resolver.LookupSrvAsync("submission", "example.org", Ct)).Records.Single());
        Assert.True((await resolver.LookupMxAsync("null.example.org", Ct)).Records.Single().Exchange.IsRoot);
    }

    [Fact]
    public async Task Nothing_has_three_kinds()
    {
        _dns.Add("example.org A 192.0.2.1").Trouble("broken.example.org", DnsTrouble.ServerFailure);
        Resolver resolver = NewResolver();
        Assert.Equal(DnsOutcome.NoData, (await resolver.LookupMxAsync("example.org", Ct)).Outcome);
        Assert.Equal(DnsOutcome.NoSuchName, (await resolver.LookupMxAsync("none.example.org", Ct)).Outcome);
        DnsAnswer<MxData> failed = await resolver.LookupMxAsync("broken.example.org", Ct);
        Assert.Equal(DnsOutcome.Failed, failed.Outcome);
        Assert.Contains("ServerFailure", failed.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".org")]
    [InlineData("with space.org")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234.org")]
    public async Task A_name_that_cannot_be_is_not_asked_for(string name)
    {
        Assert.Equal(DnsOutcome.NoSuchName, (await NewResolver().LookupMxAsync(name, Ct)).Outcome);
        Assert.Empty(_dns.Queries);
    }

    [Fact]
    public async Task Names_in_other_scripts_are_asked_for_as_a_labels()
    {
        _dns.Add("xn--bcher-kva.example.org MX 10 mx.example.org");
        Assert.True((await NewResolver().LookupMxAsync("BÜCHER.example.org", Ct)).IsFound);
    }

    [Fact]
    public async Task Aliases_are_followed_within_an_answer()
    {
        _dns.Add("""
            one.example.org CNAME two.example.org
            two.example.org CNAME three.example.org
            three.example.org MX 10 mx.example.org
            """);
        DnsAnswer<MxData> answer = await NewResolver().LookupMxAsync("one.example.org", Ct);
        Assert.True(answer.IsFound && answer.IsAlias);
        Assert.Equal("three.example.org", answer.Name.ToString());
        Assert.Single(_dns.Queries);
    }

    /// <summary>Servers stop at some length; the resolver asks on, and stops itself.</summary>
    [Fact]
    public async Task A_long_chain_of_aliases_is_asked_on_and_an_endless_one_is_a_failure()
    {
        _dns.NegativeTtl = null;
        for (int i = 0; i < 12; i++)
            _dns.Add($"n{i}.example.org CNAME n{i + 1}.example.org");
        _dns.Add("n12.example.org A 192.0.2.1\nround.example.org CNAME about.example.org\nabout.example.org CNAME round.example.org");
        Resolver resolver = NewResolver();
        Assert.Equal("192.0.2.1", (await resolver.LookupAddressesAsync("n0.example.org", Ct)).Records.Single().ToString());
        Assert.Equal(1, _dns.TimesAsked("n8.example.org A"));
        Assert.Equal(DnsOutcome.Failed, (await resolver.LookupMxAsync("round.example.org", Ct)).Outcome);
    }

    [Fact]
    public async Task An_answer_that_is_cut_off_is_fetched_by_tcp()
    {
        for (int i = 0; i < 200; i++)
            _dns.Add($"large.example.org MX {i} a-long-name-of-a-host-number-{i}.example.org");
        _dns.Trouble("large.example.org", DnsTrouble.Truncated);
        Assert.Equal(200, (await NewResolver().LookupMxAsync("large.example.org", Ct)).Records.Count);
        Assert.Equal(["udp large.example.org MX", "tcp large.example.org MX"], _dns.Queries);
    }

    [Fact]
    public async Task Forged_answers_are_not_taken()
    {
        _dns.Add("example.org MX 10 mx.example.org").Trouble("example.org", DnsTrouble.Forged);
        Assert.Equal("mx.example.org", (await NewResolver().LookupMxAsync("example.org", Ct)).Records.Single().Exchange.ToString());
    }

    [Fact]
    public async Task Letters_in_mixed_case_come_back_as_they_were()
    {
        _dns.Add("example.org MX 10 mx.example.org");
        Assert.True((await NewResolver(new() { Servers = [_dns.EndPoint.ToString()], MixedCase = true }).LookupMxAsync("example.org", Ct)).IsFound);
    }

    [Fact]
    public async Task A_server_without_extensions_is_asked_without()
    {
        _dns.Add("example.org MX 10 mx.example.org").Trouble("example.org", DnsTrouble.NoExtensions);
        Assert.True((await NewResolver().LookupMxAsync("example.org", Ct)).IsFound);
        Assert.Equal(2, _dns.Queries.Count);
    }

    [Fact]
    public async Task A_server_that_drips_by_tcp_is_given_up()
    {
        _dns.Add("slow.example.org MX 10 mx.example.org").Trouble("slow.example.org", DnsTrouble.Dripping);
        Task<DnsAnswer<MxData>> asking = NewResolver(new() { Servers = [_dns.EndPoint.ToString()], Attempts = 1, Timeout = TimeSpan.FromSeconds(2) })
            .LookupMxAsync("slow.example.org", Ct).AsTask();
        await WaitAsync(() => _dns.Queries.Contains("tcp slow.example.org MX"));
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        DnsAnswer<MxData> answer = await asking;
        Assert.Equal(DnsOutcome.Failed, answer.Outcome);
        Assert.Contains("timed out", answer.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_answer_is_none()
    {
        _dns.Add("example.org MX 10 mx.example.org").Trouble("example.org", DnsTrouble.Damaged);
        Assert.Equal(DnsOutcome.Failed, (await NewResolver().LookupMxAsync("example.org", Ct)).Outcome);
    }

    [Fact]
    public async Task An_answer_is_kept_as_long_as_it_says()
    {
        _dns.Add("example.org 60 MX 10 mx.example.org");
        Resolver resolver = NewResolver();
        await resolver.LookupMxAsync("example.org", Ct);
        _time.Advance(TimeSpan.FromSeconds(59));
        DnsAnswer<MxData> kept = await resolver.LookupMxAsync("EXAMPLE.org", Ct);
        Assert.Equal(TimeSpan.FromSeconds(1), kept.TimeToLive);
        Assert.Equal(1, _dns.TimesAsked("example.org MX"));
        _time.Advance(TimeSpan.FromSeconds(1));
        await resolver.LookupMxAsync("example.org", Ct);
        Assert.Equal(2, _dns.TimesAsked("example.org MX"));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(4_000_000, 86400)]
    [InlineData(3_000_000_000, 5)]
    public async Task Times_to_live_have_bounds(uint said, int kept)
    {
        _dns.Add($"example.org {said} MX 10 mx.example.org");
        Assert.Equal(TimeSpan.FromSeconds(kept), (await NewResolver().LookupMxAsync("example.org", Ct)).TimeToLive);
    }

    /// <summary>RFC 2308 §5: the SOA says how long; without one nothing is kept.</summary>
    [Fact]
    public async Task That_there_is_nothing_is_kept_as_long_as_the_soa_says()
    {
        Resolver resolver = NewResolver();
        await resolver.LookupMxAsync("none.example.org", Ct);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(DnsOutcome.NoSuchName, (await resolver.LookupMxAsync("none.example.org", Ct)).Outcome);
        Assert.Equal(1, _dns.TimesAsked("none.example.org MX"));
        _time.Advance(TimeSpan.FromSeconds(1));
        _dns.NegativeTtl = null;
        await resolver.LookupMxAsync("none.example.org", Ct);
        await resolver.LookupMxAsync("none.example.org", Ct);
        Assert.Equal(3, _dns.TimesAsked("none.example.org MX"));
    }

    [Fact]
    public async Task A_failure_is_kept_for_seconds()
    {
        _dns.Trouble("example.org", DnsTrouble.ServerFailure);
        Resolver resolver = NewResolver();
        await resolver.LookupMxAsync("example.org", Ct);
        await resolver.LookupMxAsync("example.org", Ct);
        Assert.Equal(1, _dns.TimesAsked("example.org MX"));
        _dns.Add("example.org MX 10 mx.example.org").Trouble("example.org", DnsTrouble.None);
        _time.Advance(Resolver.FailureTime);
        Assert.True((await resolver.LookupMxAsync("example.org", Ct)).IsFound);
    }

    [Fact]
    public async Task Who_asks_the_same_at_once_shares_one_question()
    {
        _dns.Trouble("slow.example.org", DnsTrouble.Silent);
        Resolver resolver = NewResolver();
        using CancellationTokenSource impatient = new();
        Task<DnsAnswer<MxData>> first = resolver.LookupMxAsync("slow.example.org", impatient.Token).AsTask();
        Task<DnsAnswer<MxData>>[] others = [.. Enumerable.Range(0, 20).Select(_ => resolver.LookupMxAsync("slow.example.org", Ct).AsTask())];
        await WaitAsync(() => _dns.TimesAsked("slow.example.org MX") == 1);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.All(others, static other => Assert.False(other.IsCompleted));
        _dns.Add("slow.example.org MX 10 mx.example.org").Trouble("slow.example.org", DnsTrouble.None);
        _time.Advance(TimeSpan.FromSeconds(5));
        foreach (Task<DnsAnswer<MxData>> other in others)
            Assert.True((await other).IsFound);
        Assert.Equal(2, _dns.TimesAsked("slow.example.org MX"));
    }

    [Fact]
    public async Task Silence_ends_after_all_attempts()
    {
        _dns.Trouble("", DnsTrouble.Silent);
        Task<DnsAnswer<MxData>> asking = NewResolver(new() { Servers = [_dns.EndPoint.ToString()], Attempts = 3, Timeout = TimeSpan.FromSeconds(2) })
            .LookupMxAsync("example.org", Ct).AsTask();
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            await WaitAsync(() => _dns.Queries.Count == attempt);
            Assert.False(asking.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        DnsAnswer<MxData> answer = await asking;
        Assert.Equal(DnsOutcome.Failed, answer.Outcome);
        Assert.Contains("timed out", answer.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_server_is_asked_and_the_dead_one_rests()
    {
        using ScriptedDns dead = new();
        dead.Trouble("", DnsTrouble.Silent);
        _dns.Add("example.org MX 10 mx.example.org\nother.example.org MX 10 mx.example.org");
        Resolver resolver = NewResolver(new() { Servers = [dead.EndPoint.ToString(), _dns.EndPoint.ToString()] });
        Task<DnsAnswer<MxData>> asking = resolver.LookupMxAsync("example.org", Ct).AsTask();
        await WaitAsync(() => dead.Queries.Count == 1);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True((await asking).IsFound);
        Assert.True((await resolver.LookupMxAsync("other.example.org", Ct)).IsFound);
        Assert.Single(dead.Queries);

        dead.Trouble("", DnsTrouble.None);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(DnsOutcome.NoSuchName, (await resolver.LookupMxAsync("third.example.org", Ct)).Outcome);
        Assert.Equal(2, dead.Queries.Count);
    }

    [Theory]
    [InlineData(DnsTrouble.ServerFailure)]
    [InlineData(DnsTrouble.Refused)]
    public async Task The_next_server_is_asked_where_one_cannot_tell(DnsTrouble trouble)
    {
        using ScriptedDns lame = new();
        lame.Trouble("", trouble);
        _dns.Add("example.org MX 10 mx.example.org");
        Assert.True((await NewResolver(new() { Servers = [lame.EndPoint.ToString(), _dns.EndPoint.ToString()] }).LookupMxAsync("example.org", Ct)).IsFound);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_known_at_once()
    {
        ScriptedDns gone = new();
        gone.Dispose();
        _dns.Add("example.org MX 10 mx.example.org");
        Assert.True((await NewResolver(new() { Servers = [gone.EndPoint.ToString(), _dns.EndPoint.ToString()] }).LookupMxAsync("example.org", Ct)).IsFound);
    }

    [Fact]
    public async Task A_proof_counts_from_a_trusted_server_and_for_all_of_the_answer()
    {
        _dns.Add("""
            safe.test MX 10 mx.safe.test
            mx.safe.test A 192.0.2.1
            mx.safe.test AAAA 2001:db8::1
            alias.safe.test CNAME mx.unsafe.test
            mx.unsafe.test MX 10 mx.safe.test
            """).Sign("safe.test");
        Resolver resolver = NewResolver();
        Assert.True((await resolver.LookupMxAsync("safe.test", Ct)).IsSecure);
        Assert.True((await resolver.LookupAddressesAsync("mx.safe.test", Ct)).IsSecure);
        Assert.True((await resolver.LookupTlsaAsync("mx.safe.test", 25, Ct)) is { Outcome: DnsOutcome.NoSuchName, IsSecure: true });
        Assert.True((await resolver.LookupMxAsync("alias.safe.test", Ct)) is { IsFound: true, IsSecure: false });
        Resolver sceptic = NewResolver(new() { Servers = [_dns.EndPoint.ToString()], SecureServers = SecureServers.None });
        Assert.True((await sceptic.LookupMxAsync("safe.test", Ct)) is { IsFound: true, IsSecure: false });
    }

    [Fact]
    public async Task One_kind_of_address_is_enough()
    {
        _dns.Add("""
            four.example.org A 192.0.2.1
            six.example.org AAAA 2001:db8::1
            half.example.org A 192.0.2.2
            lost.example.org TXT x
            """);
        _dns.Trouble("half.example.org", DnsTrouble.ServerFailure, "AAAA").Trouble("lost.example.org", DnsTrouble.ServerFailure, "A");
        Resolver resolver = NewResolver();
        Assert.Equal("192.0.2.1", (await resolver.LookupAddressesAsync("four.example.org", Ct)).Records.Single().ToString());
        Assert.Equal("2001:db8::1", (await resolver.LookupAddressesAsync("six.example.org", Ct)).Records.Single().ToString());
        Assert.Equal("192.0.2.2", (await resolver.LookupAddressesAsync("half.example.org", Ct)).Records.Single().ToString());
        Assert.Equal(DnsOutcome.Failed, (await resolver.LookupAddressesAsync("lost.example.org", Ct)).Outcome);
        Assert.Equal(DnsOutcome.NoSuchName, (await resolver.LookupAddressesAsync("none.example.org", Ct)).Outcome);
    }

    [Fact]
    public async Task Closing_ends_what_is_under_way()
    {
        _dns.Trouble("", DnsTrouble.Silent);
        Resolver resolver = NewResolver();
        Task asking = resolver.LookupMxAsync("example.org", Ct).AsTask();
        await WaitAsync(() => _dns.Queries.Count == 1);
        resolver.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => resolver.LookupMxAsync("example.org", Ct).AsTask());
    }

    private static DnsName NameOf(string text) => DnsName.TryParse(text, out DnsName? name) ? name : throw new ArgumentException(text, nameof(text));

    private Resolver NewResolver(DnsOptions? options = null)
    {
        Resolver resolver = new(options ?? new() { Servers = [_dns.EndPoint.ToString()] }, _time, NullLogger<Resolver>.Instance);
        _used.Add(resolver);
        return resolver;
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(1, Ct);
    }
}
