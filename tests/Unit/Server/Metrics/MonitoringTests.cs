using System.Net;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Unit.Server.Metrics;

/// <summary>What those see who watch a server.</summary>
public sealed class MonitoringTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_sessions_do_is_measured()
    {
        await using TestMailServer server = await StartAsync();
        await using (LineClient smtp = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Smtp).EndPoint, Ct))
        {
            await smtp.ReadLineAsync(Ct);
            foreach (string command in (string[])["HELO client.example", "NONSENSE", "MAIL FROM:<friend@elsewhere.example>", "RCPT TO:<nobody@example.test>", "RCPT TO:<alice@example.test>", "DATA", "Subject: one\r\n\r\nText\r\n.", "QUIT"])
            {
                await smtp.SendLineAsync(command, Ct);
                await smtp.ReadLineAsync(Ct);
            }

            Assert.Null(await smtp.ReadLineAsync(Ct));
        }

        await using LineClient pop = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Pop3).EndPoint, Ct);
        await pop.ReadLineAsync(Ct);
        Dictionary<string, double> found = await ReadAsync(server, static all => all.GetValueOrDefault("fullstack_session_duration_seconds_count{protocol=\"smtp\"}") == 1);
        Assert.Equal(0, found["fullstack_session_active{protocol=\"smtp\"}"]);
        Assert.Equal(1, found["fullstack_session_active{protocol=\"pop3\"}"]);
        Assert.Equal(1, found["fullstack_session_command_duration_seconds_count{command=\"DATA\",outcome=\"ok\",protocol=\"smtp\"}"]);
        Assert.Equal(1, found["fullstack_session_command_duration_seconds_bucket{command=\"MAIL\",outcome=\"ok\",protocol=\"smtp\",le=\"+Inf\"}"]);
        Assert.Equal(1, found["fullstack_session_command_refused_total{command=\"unknown\",protocol=\"smtp\",reason=\"5.5.2\"}"]);
        Assert.Equal(1, found["fullstack_session_command_refused_total{command=\"RCPT\",protocol=\"smtp\",reason=\"5.1.1\"}"]);
        Assert.Equal(1, found["fullstack_message_received_bytes_count{protocol=\"smtp\"}"]);
        Assert.Equal(1, found["fullstack_store_delivery_duration_seconds_count{outcome=\"delivered\"}"]);
        Assert.Equal(1, found["fullstack_event_total{event=\"MessageAccepted\",level=\"information\"}"]);
        Assert.True(found["fullstack_session_sent_bytes_total{protocol=\"pop3\"}"] > 10);
    }

    [Fact]
    public async Task What_waits_in_the_queue_is_counted()
    {
        await using TestMailServer server = await StartAsync(new() { ["smtp.relay_networks"] = "[127.0.0.0/8]" });
        Dictionary<string, double> found = await ReadAsync(server, static _ => true);
        Assert.Equal((0, 0), (Waiting(found), found["fullstack_queue_oldest_age_seconds"]));
        await using LineClient smtp = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Smtp).EndPoint, Ct);
        await smtp.ReadLineAsync(Ct);
        foreach (string command in (string[])["HELO client.example", "MAIL FROM:<alice@example.test>", "RCPT TO:<one@[127.0.0.1]>", "RCPT TO:<two@[127.0.0.1]>", "DATA", "Subject: two\r\n\r\nText\r\n."])
        {
            await smtp.SendLineAsync(command, Ct);
            Assert.Matches("^(220|250|354)", await smtp.ReadLineAsync(Ct));
        }

        server.Time.Advance(TimeSpan.FromSeconds(11));
        found = await ReadAsync(server, static all => all["fullstack_queue_oldest_age_seconds"] > 0);
        Assert.Equal((2, 0), (Waiting(found), found["fullstack_queue_recipient_waiting{state=\"held\"}"]));
    }

    /// <summary>All that <c>docs/metrics.md</c> lists has a value of its own once there was something to measure.</summary>
    [Fact]
    public async Task Each_instrument_tells_what_happened()
    {
        Dictionary<string, string> settings = new()
        {
            ["web.listeners"] = "[{ address: \"127.0.0.1:0\" }]",
            ["limits.connections"] = "4",
            ["store.sync"] = "full",
            ["relay.recipient_domains"] = "any",
            ["routes"] = "[{ to: waits.example, host: \"[127.0.0.1]:1\" }]",
        };
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = settings }, Ct);
        server.Dns.Add("gone.example MX 0 .");
        await MailSender.SendAsync(
            server.Listener(ListenerProtocol.Submission).EndPoint, "alice", "alice@example.test", "Subject: three ways\r\n\r\nText", "alice@example.test", "joe@waits.example", "joe@gone.example");
        foreach (string recipient in (string[])["joe@waits.example", "joe@gone.example"])
        {
            while (!server.Log.Latest.Any(entry => entry.Message.Contains($"to=<{recipient}>", StringComparison.Ordinal)))
                await Task.Delay(10, Ct);
        }

        await using LineClient first = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Pop3).EndPoint, Ct);
        await first.ReadLineAsync(Ct);
        await first.SendLineAsync("NONSENSE", Ct);
        await first.ReadLineAsync(Ct);
        List<LineClient> held = [];
        try
        {
            string? greeting;
            do
            {
                held.Add(await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct));
                greeting = await held[^1].ReadLineAsync(Ct);
            }
            while (greeting?.StartsWith("* OK ", StringComparison.Ordinal) == true);
            Assert.StartsWith("* BYE ", greeting, StringComparison.Ordinal);
            await CheckListedAsync(server);
        }
        finally
        {
            foreach (LineClient client in held)
                await client.DisposeAsync();
        }
    }

    private static async Task CheckListedAsync(TestMailServer server)
    {
        string[] listed = [.. (await File.ReadAllLinesAsync(SourceTree.PathOf("docs", "metrics.md"), Ct))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static line => line.Split('`')[3])];
        Assert.Contains("fullstack_queue_destination_paused", listed);
        Dictionary<string, double> found = await ReadAsync(server, all => listed.All(name => HasValue(all, name)));
        Assert.InRange(found["fullstack_certificate_remaining_seconds{name=\"mail.example.test\"}"], 86400, 100 * 366 * 86400d);
        Assert.Equal(1, found["fullstack_connection_refused_total{protocol=\"imap\"}"]);
        Assert.Equal(1, found["fullstack_queue_attempt_total{outcome=\"deferred\",way=\"remote\"}"]);
        Assert.Equal(1, found["fullstack_queue_attempt_total{outcome=\"failed\",way=\"remote\"}"]);
        Assert.Equal(1, found["fullstack_queue_delay_seconds_count{outcome=\"failed\",way=\"remote\"}"]);
        Assert.Equal(1, found["fullstack_queue_destination_paused"]);
        Assert.Equal(1, found["fullstack_queue_recipient_waiting{state=\"later\"}"]);
        Assert.Equal(1, found["fullstack_event_total{event=\"LoggedIn\",level=\"information\"}"]);
        Assert.True(found["fullstack_store_sync_duration_seconds_sum{what=\"file\"}"] > 0);
    }

    /// <summary>Whether there is a sample of an instrument, of whatever labels, that is not nought.</summary>
    private static bool HasValue(Dictionary<string, double> samples, string name)
        => samples.Any(sample => sample.Value != 0 && (sample.Key.Split('{')[0] is { } of && (of == name || of == name + "_count")));

    private static double Waiting(Dictionary<string, double> found)
        => found["fullstack_queue_recipient_waiting{state=\"due\"}"] + found["fullstack_queue_recipient_waiting{state=\"later\"}"];

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Others_find_nothing(string path)
    {
        await using TestMailServer server = await StartAsync(new() { ["metrics.networks"] = "[192.0.2.1]" });
        using HttpClient client = ClientOf(server);
        using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_server_whose_store_is_gone_runs_and_is_not_ready()
    {
        await using TestMailServer server = await StartAsync();
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync(server, "/readyz"));
        Directory.Delete(Path.Combine(server.Data, "mail"), recursive: true);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "the mail store: cannot be used\n"), await GetAsync(server, "/readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(server, "/healthz"));
    }

    private static Task<TestMailServer> StartAsync(Dictionary<string, string>? settings = null)
        => TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string>(settings ?? []) { ["web.listeners"] = "[{ address: \"127.0.0.1:0\" }]" } }, Ct);

    private static HttpClient ClientOf(TestMailServer server) => new() { BaseAddress = new($"http://{server.WebListeners[0].EndPoint}") };

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(TestMailServer server, string path)
    {
        using HttpClient client = ClientOf(server);
        using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }

    /// <summary>Reads all samples, again until a condition holds: a session counts as ended a moment after its client knows.</summary>
    private static async Task<Dictionary<string, double>> ReadAsync(TestMailServer server, Predicate<Dictionary<string, double>> isEnough)
    {
        while (true)
        {
            (HttpStatusCode status, string text) = await GetAsync(server, "/metrics");
            Assert.Equal(HttpStatusCode.OK, status);
            Dictionary<string, double> samples = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#')
                .ToDictionary(static line => line[..line.LastIndexOf(' ')], static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
            if (isEnough(samples))
                return samples;
            await Task.Delay(10, Ct);
        }
    }
}
