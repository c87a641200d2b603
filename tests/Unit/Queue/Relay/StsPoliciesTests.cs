using System.Text;
using FullStack.Dns;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue.Relay.Sts;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue.Relay;

/// <summary>When policies are fetched, how long they are kept: RFC 8461 §3.3, §5.1.</summary>
public sealed class StsPoliciesTests : IDisposable
{
    private readonly ScriptedDns _dns = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ScratchFolder _scratch = new();
    private readonly Resolver _resolver;
    private readonly List<string> _fetched = [];
    private Func<CancellationToken, ValueTask<StsDocument>> _web = static _ => throw new HttpRequestException("no such host");

    public StsPoliciesTests() => _resolver = new(new() { Servers = [_dns.EndPoint.ToString()] }, _time, NullLogger<Resolver>.Instance);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Folder => _scratch.File("mta-sts");

    public void Dispose()
    {
        _resolver.Dispose();
        _dns.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Without_a_record_nothing_is_fetched()
    {
        Assert.Null(await New().FindAsync("example.org", Ct));
        Assert.Empty(_fetched);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task A_policy_is_fetched_once_and_kept_across_a_restart()
    {
        Publish("1", "enforce", TimeSpan.FromDays(10));
        StsPolicies policies = New();
        Assert.Equal(StsMode.Enforce, (await policies.FindAsync("Example.ORG", Ct))!.Mode);
        Assert.Equal(StsMode.Enforce, (await policies.FindAsync("example.org", Ct))!.Mode);
        Assert.Equal(StsMode.Enforce, (await New().FindAsync("example.org", Ct))!.Mode);
        Assert.Equal(["https://mta-sts.example.org/.well-known/mta-sts.txt"], _fetched);
    }

    [Fact]
    public async Task Another_id_means_another_policy()
    {
        Publish("1", "enforce", TimeSpan.FromDays(10));
        StsPolicies policies = New();
        await policies.FindAsync("example.org", Ct);
        Publish("2", "none", TimeSpan.FromDays(10));
        Assert.Equal(StsMode.Enforce, (await policies.FindAsync("example.org", Ct))!.Mode); // DNS has not been asked again yet
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(StsMode.None, (await policies.FindAsync("example.org", Ct))!.Mode);
        Assert.Equal(2, _fetched.Count);
    }

    /// <summary>Who keeps the record or the web server away must not get rid of a policy.</summary>
    [Fact]
    public async Task A_policy_holds_until_it_ends_whatever_happens_to_its_host()
    {
        Publish("1", "enforce", TimeSpan.FromDays(3));
        await New().FindAsync("example.org", Ct);
        _web = static _ => throw new HttpRequestException("no such host");
        _dns.Remove("_mta-sts.example.org");
        StsPolicies policies = New();
        for (int day = 0; day < 2; day++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            Assert.NotNull(await policies.FindAsync("example.org", Ct));
        }

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await policies.FindAsync("example.org", Ct));
        Assert.Single(_fetched);
    }

    [Fact]
    public async Task A_policy_is_fetched_anew_each_day()
    {
        Publish("1", "enforce", TimeSpan.FromDays(3));
        StsPolicies policies = New();
        for (int day = 0; day < 10; day++)
        {
            Assert.NotNull(await policies.FindAsync("example.org", Ct));
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(10, _fetched.Count);
    }

    [Theory]
    [InlineData(404, "text/plain", false)]
    [InlineData(301, "text/plain", false)]
    [InlineData(200, "text/html", false)]
    [InlineData(200, "", false)]
    [InlineData(200, "TEXT/plain", true)]
    public async Task Only_text_that_is_there_counts(int status, string type, bool taken)
    {
        Publish("1", "enforce", TimeSpan.FromDays(1));
        StsDocument good = await _web(Ct);
        _web = _ => new(good with { Status = status, MediaType = type });
        Assert.Equal(taken, await New().FindAsync("example.org", Ct) is not null);
    }

    [Fact]
    public async Task After_a_failure_the_host_is_left_alone_for_minutes_unless_the_id_changes()
    {
        Publish("1", "enforce", TimeSpan.FromDays(1));
        Func<CancellationToken, ValueTask<StsDocument>> good = _web;
        _web = static _ => throw new HttpRequestException("refused");
        StsPolicies policies = New();
        Assert.Null(await policies.FindAsync("example.org", Ct));
        Assert.Null(await policies.FindAsync("example.org", Ct));
        Assert.Single(_fetched);
        _web = good;
        _time.Advance(StsPolicies.AfterFailure);
        Assert.NotNull(await policies.FindAsync("example.org", Ct));
        Assert.Equal(2, _fetched.Count);
    }

    [Fact]
    public async Task A_fetch_has_a_limit_in_time_and_is_shared()
    {
        _dns.Add("_mta-sts.example.org TXT v=STSv1; id=1");
        _web = static async ct =>
        {
            await Task.Delay(Timeout.Infinite, ct);
            throw new InvalidOperationException();
        };
        StsPolicies policies = New();
        Task<StsPolicy?>[] waiting = [.. Enumerable.Range(0, 5).Select(_ => policies.FindAsync("example.org", Ct).AsTask())];
        while (_fetched.Count == 0)
            await Task.Delay(1, Ct);
        _time.Advance(StsPolicies.FetchTime);
        foreach (Task<StsPolicy?> one in waiting)
            Assert.Null(await one);
        Assert.Single(_fetched);
    }

    [Theory]
    [InlineData("")]
    [InlineData("fullstack-mta-sts 1 1\n")]
    [InlineData("fullstack-mta-sts 1 1 x\nversion: STSv1\nmode: enforce\nmx: a\nmax_age: 1")]
    [InlineData("fullstack-mta-sts 1 1 99999999999999\nversion: STSv1\nmode: enforce\nmx: a\nmax_age: 1")]
    [InlineData("fullstack-mta-sts 1 1 1772445600\nversion: STSv1\nmode: enf")]
    [InlineData("fullstack-mta-sts 1 1 1700000000\nversion: STSv1\nmode: enforce\nmx: a\nmax_age: 1")]
    public async Task A_damaged_or_old_file_is_none(string text)
    {
        Directory.CreateDirectory(Folder);
        string file = Path.Combine(Folder, "example.org");
        await File.WriteAllTextAsync(file, text, Ct);
        Assert.Null(await New().FindAsync("example.org", Ct));
    }

    [Fact]
    public async Task Policies_that_have_ended_are_cleared_away()
    {
        Publish("1", "enforce", TimeSpan.FromDays(2));
        await New().FindAsync("example.org", Ct);
        File.WriteAllText(Path.Combine(Folder, "other.example.org~"), "half");
        New();
        Assert.Equal(["example.org"], Directory.EnumerateFiles(Folder).Select(Path.GetFileName));
        _time.Advance(TimeSpan.FromDays(2));
        New();
        Assert.Empty(Directory.EnumerateFiles(Folder));
    }

    /// <summary>RFC 8461 §10.2: a policy that ends while nobody sends leaves the next message to whoever keeps the record away.</summary>
    [Fact]
    public async Task A_policy_is_fetched_anew_behind_the_mail_as_long_as_mail_went_to_its_domain_lately()
    {
        Publish("1", "enforce", TimeSpan.FromDays(3));
        StsPolicies policies = New();
        await policies.FindAsync("example.org", Ct);
        using StsRefresh refresh = new(policies, static () => true, _time);
        await PassAsync(refresh, StsPolicies.InUse);
        Assert.InRange(_fetched.Count, 29, 32);
        int fetched = _fetched.Count;
        await PassAsync(refresh, TimeSpan.FromDays(2));
        Assert.InRange(_fetched.Count - fetched, 0, 1);
        Assert.NotNull(KeptFile());
        await PassAsync(refresh, TimeSpan.FromDays(3));
        Assert.InRange(_fetched.Count - fetched, 0, 1);
        _dns.Remove("_mta-sts.example.org");
        Assert.Null(await New().FindAsync("example.org", Ct));
    }

    [Fact]
    public async Task When_a_policy_was_used_is_known_after_a_restart()
    {
        Publish("1", "enforce", TimeSpan.FromDays(3));
        await New().FindAsync("example.org", Ct);
        for (int day = 0; day < 40; day++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            await New().RefreshAsync(Ct);
        }

        Assert.InRange(_fetched.Count, 30, 31);
    }

    [Fact]
    public async Task Nothing_is_fetched_behind_the_mail_that_is_not_old_or_where_policies_do_not_count()
    {
        Publish("1", "enforce", TimeSpan.FromDays(30));
        StsPolicies policies = New();
        await policies.FindAsync("example.org", Ct);
        await policies.RefreshAsync(Ct);
        using StsRefresh off = new(policies, static () => false, _time);
        await PassAsync(off, TimeSpan.FromDays(3));
        Assert.Single(_fetched);
    }

    [Fact]
    public async Task A_policy_whose_host_is_away_is_kept_until_it_ends()
    {
        Publish("1", "enforce", TimeSpan.FromDays(3));
        StsPolicies policies = New();
        await policies.FindAsync("example.org", Ct);
        _web = static _ => throw new HttpRequestException("no such host");
        using StsRefresh refresh = new(policies, static () => true, _time);
        await PassAsync(refresh, TimeSpan.FromDays(2));
        Assert.Equal(StsMode.Enforce, (await policies.FindAsync("example.org", Ct))!.Mode);
        Assert.Equal("no such host", policies.TroubleOf("example.org")!.Value.Reason);
    }

    [Theory]
    [InlineData("../example.org")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    [InlineData("a?b")]
    [InlineData("..")]
    [InlineData("")]
    public async Task A_domain_is_never_a_path(string domain)
    {
        _dns.Add("_mta-sts.a/b TXT v=STSv1; id=1\n_mta-sts.a@b TXT v=STSv1; id=1\n_mta-sts.a?b TXT v=STSv1; id=1");
        Assert.Null(await New().FindAsync(domain, Ct));
        Assert.Empty(_fetched);
    }

    private StsPolicies New() => new(_resolver, FetchAsync, Folder, _time, NullLogger<StsPolicies>.Instance);

    private string? KeptFile() => Directory.EnumerateFiles(Folder).Select(Path.GetFileName).SingleOrDefault();

    private async Task PassAsync(StsRefresh refresh, TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromHours(2))
        {
            _time.Advance(TimeSpan.FromHours(2));
            await refresh.Rest;
        }
    }

    private ValueTask<StsDocument> FetchAsync(Uri uri, CancellationToken ct)
    {
        lock (_fetched)
            _fetched.Add(uri.ToString());
        return _web(ct);
    }

    private void Publish(string id, string mode, TimeSpan age)
    {
        _dns.Remove("_mta-sts.example.org");
        _dns.Add($"_mta-sts.example.org TXT v=STSv1; id={id}");
        byte[] body = Encoding.ASCII.GetBytes($"version: STSv1\nmode: {mode}\nmx: *.example.org\nmax_age: {(long)age.TotalSeconds}\n");
        _web = _ => new(new StsDocument(200, "text/plain", body));
    }
}
