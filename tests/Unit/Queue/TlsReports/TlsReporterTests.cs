using System.Text.Json.Nodes;
using FullStack.Dns;
using FullStack.Harness.Servers;
using FullStack.Queue.Notices;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Queue.TlsReports;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Unit.Queue.Relay;
using FullStack.Unit.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue.TlsReports;

/// <summary>When reports go where, and what is kept of sessions until then.</summary>
public sealed class TlsReporterTests : IAsyncDisposable
{
    private static readonly AppliedTlsPolicy s_policy = new("example.net", TlsPolicyKind.None, "example.net");

    private readonly QueueRig _rig = new();
    private readonly Dictionary<string, string[]?> _texts = new() { ["_smtp._tls.example.net"] = ["v=TLSRPTv1;rua=mailto:tls@example.net"] };
    private readonly List<(Uri Place, byte[] Report)> _posted = [];
    private RelayOptions _options = new() { TlsReportContact = "tls@example.test", TlsReportOrganization = "Example Ltd" };
    private string? _postTrouble;
    private TlsReporter? _reporter;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TlsReporter Reporter => _reporter ??= new(new()
    {
        Mail = new()
        {
            Store = _rig.Temp.Store, Queue = _rig.Queue, Options = () => _rig.Options, Routes = () => _rig.Routes,
            ResolveAsync = static (address, _) => new((MailRoute)QueueRig.RouteOf(address.ToString())),
            HostName = "mail.example.test", QueueIds = _rig.QueueIds, Time = _rig.Time, Log = _rig.Log.CreateLogger("queue"),
        },
        Options = () => _options,
        LookupTextAsync = (name, _) => new(_texts.TryGetValue(name, out string[]? texts) ? texts : []),
        PostAsync = (place, report, _) =>
        {
            _posted.Add((place, report.ToArray()));
            return new(_postTrouble);
        },
    });

    public async ValueTask DisposeAsync()
    {
        if (_reporter is not null)
            await _reporter.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_report_goes_by_mail_whose_own_way_no_policy_stops_and_no_report_tells_of()
    {
        await CountAsync(3);
        TlsReportOutcome outcome = Assert.Single(await SendNextDayAsync());
        Assert.Equal((new DateOnly(2026, 3, 2), "example.net", true, "sent to mailto:tls@example.net"), (outcome.Day, outcome.Subject, outcome.IsDone, outcome.Text));
        await _rig.RestAsync();
        SentMessage sent = Assert.Single(_rig.Client.Sent);
        Assert.Equal(("<tls@example.test>", "tls@example.net"), (sent.Sender.ToString(), sent.Recipients.Single()));
        Assert.Equal(TlsWish.Optional, _rig.Client.Wishes.Single());
        Assert.Contains("TLS-Report-Domain: example.net", sent.Text, StringComparison.Ordinal);
        Assert.Empty(await Reporter.ShowAsync(null));
        Assert.Empty(await Reporter.SendAsync(null, Ct));
    }

    [Fact]
    public async Task A_report_that_comes_back_makes_no_notice()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Unknown;
        await CountAsync(1);
        await SendNextDayAsync();
        await _rig.RestAsync();
        Assert.Single(_rig.Client.Sent);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_report_goes_by_https_and_is_the_same_the_next_time()
    {
        _texts["_smtp._tls.example.net"] = ["v=TLSRPTv1;rua=https://reports.example.net/tls"];
        _postTrouble = "HTTP status 503";
        await CountAsync(2);
        Assert.Equal((false, "https://reports.example.net/tls: HTTP status 503"), Brief(Assert.Single(await SendNextDayAsync())));
        _postTrouble = null;
        Assert.Equal((true, "sent to https://reports.example.net/tls"), Brief(Assert.Single(await Reporter.SendAsync(null, Ct))));
        Assert.Empty(await Reporter.ShowAsync(null));
        JsonNode[] reports = [.. _posted.Select(static one => TlsReportTests.Uncompressed(one.Report))];
        Assert.Equal(2, reports.Length);
        Assert.True(JsonNode.DeepEquals(reports[0], reports[1]));
        Assert.Equal(("Example Ltd", "tls@example.test", "2026-03-02.example.net@example.test"),
            (reports[0]["organization-name"]!.GetValue<string>(), reports[0]["contact-info"]!.GetValue<string>(), reports[0]["report-id"]!.GetValue<string>()));
        Assert.Equal(2, reports[0]["policies"]![0]!["summary"]!["total-successful-session-count"]!.GetValue<long>());
    }

    [Fact]
    public async Task The_next_place_gets_the_report_that_the_first_one_does_not_take()
    {
        _texts["_smtp._tls.example.net"] = ["v=TLSRPTv1;rua=https://reports.example.net/tls,mailto:tls@example.net"];
        _postTrouble = "refused";
        await CountAsync(1);
        Assert.Equal((true, "sent to mailto:tls@example.net"), Brief(Assert.Single(await SendNextDayAsync())));
    }

    [Fact]
    public async Task A_domain_that_wants_no_report_gets_none_and_nothing_is_kept_of_it()
    {
        _texts.Clear();
        await CountAsync(1);
        Assert.Equal((true, "the domain wants no reports"), Brief(Assert.Single(await SendNextDayAsync())));
        Assert.Empty(await Reporter.ShowAsync(null));
    }

    [Fact]
    public async Task Where_dns_does_not_answer_the_report_waits_and_is_given_up_in_the_end()
    {
        _texts["_smtp._tls.example.net"] = null;
        await CountAsync(1);
        Assert.Equal((false, "DNS does not answer"), Brief(Assert.Single(await SendNextDayAsync())));
        _rig.Time.Advance(TimeSpan.FromHours(28));
        Assert.Equal((true, "DNS does not answer"), Brief(Assert.Single(await Reporter.SendAsync(null, Ct))));
        Assert.Empty(await Reporter.ShowAsync(null));
    }

    [Fact]
    public async Task A_day_is_reported_when_it_is_over_and_each_domain_by_itself()
    {
        await CountAsync(1);
        Reporter.Sessions.Note(new(s_policy with { Subject = "example.org" }, "mx", new(TlsResult.Success, "")));
        Assert.Empty(await Reporter.SendAsync(null, Ct));
        _rig.Time.Advance(TimeSpan.FromDays(1));
        Reporter.Sessions.Note(new(s_policy, "mx", new(TlsResult.Success, "")));
        Assert.Equal("example.net", Assert.Single(await Reporter.SendAsync("example.net", Ct)).Subject);
        Assert.Equal(["2026-03-02 example.org", "2026-03-03 example.net"], (await Reporter.ShowAsync(null)).Select(static one => $"{one.Day:yyyy-MM-dd} {one.Subject}"));
    }

    [Fact]
    public async Task What_was_counted_outlives_a_restart_and_is_added_to()
    {
        await CountAsync(2);
        Reporter.Sessions.Note(new(s_policy, "mx", new(TlsResult.StartTlsNotSupported, "")));
        await Reporter.DisposeAsync();
        _reporter = null;
        await _rig.RestartAsync();
        Reporter.Sessions.Note(new(s_policy, "mx", new(TlsResult.Success, "")));
        TlsReportSummary summary = Assert.Single(await Reporter.ShowAsync("example.net"));
        Assert.Equal(("no-policy-found", 3, 1, "starttls-not-supported (1)"), (summary.PolicyType, summary.Successes, summary.Failures, summary.Results.Single()));
    }

    [Fact]
    public async Task Without_a_contact_nobody_is_told_not_even_of_what_was_counted_before()
    {
        await CountAsync(1);
        await Reporter.ShowAsync(null);
        _options = new();
        Reporter.Sessions.Note(new(s_policy, "mx", new(TlsResult.Success, "")));
        Assert.Equal((true, "reports are off"), Brief(Assert.Single(await SendNextDayAsync())));
        Assert.Empty(_rig.Client.Sent);
    }

    /// <summary>RFC 8460 §4.1: after midnight, and within some hours.</summary>
    [Fact]
    public async Task Reports_go_by_themselves_in_the_night()
    {
        await CountAsync(1);
        Reporter.Start();
        while (_rig.Client.Sent.IsEmpty)
        {
            _rig.Time.Advance(TimeSpan.FromMinutes(10));
            await Task.Delay(1, Ct); // for the reporter, which has a thread of its own
            await _rig.RestAsync();
        }

        Assert.InRange(_rig.Client.Sent.Single().At, new DateTimeOffset(2026, 3, 3, 0, 0, 0, TimeSpan.Zero), DateTimeOffset.MaxValue);
    }

    [Fact]
    public async Task A_web_server_gets_the_octets_and_says_whether_it_took_them()
    {
        using ScriptedDns dns = new ScriptedDns().Add("reports.example.net A 127.0.0.1");
        using Resolver resolver = new(new() { Servers = [dns.EndPoint.ToString()] }, _rig.Time, NullLogger<Resolver>.Instance);
        HostCertificates certificates = new("reports.example.net");
        await using ScriptedWeb web = new(certificates) { Answer = ScriptedWeb.Text("", status: "201 Created") };
        Uri place = new($"https://reports.example.net:{web.Port}/v1/tlsrpt");
        using TlsReportWeb client = new(resolver, mayReachInside: true, [certificates.Root]);
        Assert.Null(await client.PostAsync(place, new byte[] { 0x1F, 0x8B, 0xFF }, Ct));
        (string head, byte[] body) = Assert.Single(web.Requests);
        Assert.StartsWith("POST /v1/tlsrpt HTTP/1.1\n", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/tlsrpt+gzip\n", head, StringComparison.Ordinal);
        Assert.Equal([0x1F, 0x8B, 0xFF], body);
        web.Answer = ScriptedWeb.Text("", status: "500 Oops");
        Assert.Equal("HTTP status 500", await client.PostAsync(place, new byte[] { 1 }, Ct));
    }

    /// <summary>Whoever keeps a domain decides where its reports go, and is not to decide what this host connects to within its own network.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("192.168.0.1")]
    public async Task Nothing_is_posted_to_the_inside(string address)
    {
        using ScriptedDns dns = new ScriptedDns().Add($"reports.example.net A {address}");
        using Resolver resolver = new(new() { Servers = [dns.EndPoint.ToString()] }, _rig.Time, NullLogger<Resolver>.Instance);
        using TlsReportWeb client = new(resolver);
        Assert.NotNull(await client.PostAsync(new("https://reports.example.net:1/"), new byte[] { 1 }, Ct));
        Assert.NotNull(await client.PostAsync(new($"https://{address}:1/"), new byte[] { 1 }, Ct));
    }

    private static (bool IsDone, string Text) Brief(TlsReportOutcome outcome) => (outcome.IsDone, outcome.Text);

    private async Task CountAsync(int sessions)
    {
        await _rig.StartAsync();
        for (int i = 0; i < sessions; i++)
            Reporter.Sessions.Note(new(s_policy, "mx.example.net", new(TlsResult.Success, "")));
    }

    private Task<IReadOnlyList<TlsReportOutcome>> SendNextDayAsync()
    {
        _rig.Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromHours(9)); // 01:00 of the next day
        return Reporter.SendAsync(null, Ct);
    }
}
