using FullStack.Dns;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue.Relay.Sts;
using FullStack.Smtp.Client;
using FullStack.Unit.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue.Relay;

/// <summary>Policies fetched from a web server that does what it likes: RFC 8461 §3.3.</summary>
public sealed class StsWebTests : IAsyncDisposable
{
    private const string Policy = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\n";

    private readonly ScriptedDns _dns = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ScratchFolder _scratch = new();
    private readonly HostCertificates _certificates = new("mta-sts.example.org");
    private readonly Resolver _resolver;

    public StsWebTests()
    {
        _resolver = new(new() { Servers = [_dns.EndPoint.ToString()] }, _time, NullLogger<Resolver>.Instance);
        _dns.Add("mta-sts.example.org A 127.0.0.1\n_mta-sts.example.org TXT v=STSv1; id=1");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _resolver.Dispose();
        _dns.Dispose();
        _scratch.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("enforce", StsMode.Enforce)]
    [InlineData("testing", StsMode.Testing)]
    [InlineData("none", StsMode.None)]
    public async Task A_policy_is_fetched_from_the_host_of_its_domain(string mode, StsMode expected)
    {
        await using ScriptedWeb web = new(_certificates) { Answer = ScriptedWeb.Text(Policy.Replace("enforce", mode, StringComparison.Ordinal), type: "text/plain; charset=utf-8") };
        (StsPolicy? policy, TlsFinding? trouble) = await FindAsync(web);
        Assert.Equal(expected, policy!.Mode);
        Assert.Null(trouble);
        (string head, _) = Assert.Single(web.Requests);
        Assert.StartsWith("GET /.well-known/mta-sts.txt HTTP/1.1\n", head, StringComparison.Ordinal);
        Assert.Contains("Host: mta-sts.example.org", head, StringComparison.Ordinal);
    }

    [Fact]
    public Task What_is_not_there_is_no_policy() => FailsAsync(ScriptedWeb.Text(Policy, status: "404 Not Found"), TlsResult.StsPolicyFetchError, "404");

    [Fact]
    public Task A_redirection_is_not_followed() => FailsAsync(
        "HTTP/1.1 301 Moved Permanently\r\nLocation: /.well-known/mta-sts.txt\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", TlsResult.StsPolicyFetchError, "301");

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/octet-stream")]
    public Task Another_type_is_no_policy(string type) => FailsAsync(ScriptedWeb.Text(Policy, type: type), TlsResult.StsPolicyFetchError, "text/plain");

    [Fact]
    public Task A_body_beyond_the_limit_is_no_policy()
        => FailsAsync(ScriptedWeb.Text(Policy + new string('\n', StsPolicy.MaxOctets)), TlsResult.StsPolicyInvalid, "not a policy");

    [Theory]
    [InlineData("version: STSv2\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\n")]
    [InlineData("mode: enforce\nmx: mx.example.org\nmax_age: 604800\n")]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 604800\n")]
    public Task A_policy_of_another_version_or_with_gaps_is_none(string text) => FailsAsync(ScriptedWeb.Text(text), TlsResult.StsPolicyInvalid, "not a policy");

    [Theory]
    [InlineData("220 mx.example.org ESMTP\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\nversion: STSv1\n")]
    [InlineData("")]
    public Task What_is_no_http_or_breaks_off_is_no_policy(string answer) => FailsAsync(answer, TlsResult.StsPolicyFetchError, "");

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\nversion: STSv1\n")]
    public async Task A_slow_server_is_given_up(string answer)
    {
        await using ScriptedWeb web = new(_certificates) { Answer = answer, Stalls = true };
        Task<(StsPolicy? Policy, TlsFinding? Trouble)> finding = FindAsync(web);
        await web.Asked.WaitAsync(Ct);
        _time.Advance(StsPolicies.FetchTime);
        Assert.Equal(new(TlsResult.StsPolicyFetchError, "timed out"), (await finding).Trouble);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("authority")]
    [InlineData("date")]
    public async Task A_server_that_is_not_who_it_should_be_is_not_asked(string wrong)
    {
        HostCertificates shown = wrong switch { "name" => new("else.example.org"), "date" => new("mta-sts.example.org", expired: true), _ => new("mta-sts.example.org") };
        await using ScriptedWeb web = new(shown) { Answer = ScriptedWeb.Text(Policy) };
        (StsPolicy? policy, TlsFinding? trouble) = await FindAsync(web, trusted: wrong == "authority" ? _certificates : shown);
        Assert.Null(policy);
        Assert.Equal(TlsResult.StsWebPkiInvalid, trouble!.Value.Result);
        Assert.Empty(web.Requests);
    }

    /// <summary>Nobody who keeps a domain shall learn from us what listens inside: nothing is connected to, whatever DNS says.</summary>
    [Theory]
    [InlineData("A 127.0.0.1")]
    [InlineData("A 0.0.0.0")]
    [InlineData("AAAA ::ffff:127.0.0.1")]
    public async Task An_address_inside_is_not_connected_to(string record)
    {
        _dns.Remove("mta-sts.example.org");
        _dns.Add("mta-sts.example.org " + record);
        await using ScriptedWeb web = new(_certificates) { Answer = ScriptedWeb.Text(Policy) };
        (StsPolicy? policy, TlsFinding? trouble) = await FindAsync(web, mayReachInside: false);
        Assert.Null(policy);
        Assert.Equal(TlsResult.StsPolicyFetchError, trouble!.Value.Result);
        Assert.False(web.Asked.IsCompleted);
        Assert.Empty(web.Requests);
    }

    [Fact]
    public async Task Of_several_records_none_counts()
    {
        _dns.Add("_mta-sts.example.org TXT v=STSv1; id=2");
        await using ScriptedWeb web = new(_certificates) { Answer = ScriptedWeb.Text(Policy) };
        Assert.Equal((null, null), await FindAsync(web));
        Assert.Empty(web.Requests);
    }

    [Fact]
    public async Task A_host_that_is_not_in_dns_gives_no_policy()
    {
        _dns.Remove("mta-sts.example.org");
        await using ScriptedWeb web = new(_certificates);
        Assert.Equal(TlsResult.StsPolicyFetchError, (await FindAsync(web)).Trouble!.Value.Result);
    }

    private async Task FailsAsync(string answer, TlsResult result, string reason)
    {
        await using ScriptedWeb web = new(_certificates) { Answer = answer };
        (StsPolicy? policy, TlsFinding? trouble) = await FindAsync(web);
        Assert.Null(policy);
        Assert.Equal(result, trouble!.Value.Result);
        Assert.Contains(reason, trouble.Value.Reason, StringComparison.Ordinal);
        Assert.InRange(web.Requests.Count, 1, answer.Length == 0 ? 4 : 1); // HTTP asks again, a few times, where nothing at all came
    }

    private async Task<(StsPolicy? Policy, TlsFinding? Trouble)> FindAsync(ScriptedWeb server, HostCertificates? trusted = null, bool mayReachInside = true)
    {
        using StsWeb web = new(_resolver, mayReachInside, [(trusted ?? _certificates).Root]);
        StsPolicies policies = new(
            _resolver, (uri, ct) => web.FetchAsync(new UriBuilder(uri) { Port = server.Port }.Uri, ct), _scratch.File("mta-sts"), _time, NullLogger<StsPolicies>.Instance);
        StsPolicy? policy = await policies.FindAsync("example.org", Ct);
        return (policy, policies.TroubleOf("example.org"));
    }
}
