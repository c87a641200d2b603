using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop.Service;

/// <summary>What is sent to a collector by OTLP, as Debian's protoc reads it.</summary>
public sealed class CollectorTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_collector_is_told_what_sessions_did()
    {
        ExternalProgram.Require("protoc");
        ExternalProgram home = new(_folder.FullPath);
        home.Write("metrics.proto", await File.ReadAllTextAsync(SourceTree.PathOf("tests", "Interop", "Service", "metrics.proto"), Ct));
        await using ScriptedCollector collector = new();
        await using TestMailServer server = await TestMailServer.StartAsync(
            new() { Settings = new Dictionary<string, string> { ["metrics.collector"] = collector.Address, ["metrics.interval"] = "1s" } }, Ct);
        await using (LineClient smtp = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Smtp).EndPoint, Ct))
        {
            await smtp.SendLineAsync("QUIT", Ct);
            Assert.StartsWith("220 ", await smtp.ReadLineAsync(Ct), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await smtp.ReadLineAsync(Ct), StringComparison.Ordinal);
        }

        CollectedRequest request;
        string text, sessions;
        int told = 0;
        do // a session counts as ended a moment after its client knows
        {
            request = await collector.ReadAsync(Ct);
            text = await DecodeAsync(home, request.Body);
            sessions = MetricOf(text, "fullstack.session.duration");
        }
        while (sessions.Length == 0 && ++told < 60);

        Assert.StartsWith("POST /v1/metrics HTTP/1.1\r\n", request.Head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/x-protobuf\r\n", request.Head, StringComparison.Ordinal);
        Assert.Contains("key: \"service.name\" value { string_value: \"fullstack\" }", text, StringComparison.Ordinal);
        Assert.Contains("key: \"service.instance.id\" value { string_value: \"mail.example.test\" }", text, StringComparison.Ordinal);
        foreach (string part in (string[])["unit: \"s\"", "histogram { data_points {", " count: 1 ", "attributes { key: \"protocol\" value { string_value: \"smtp\" } }", "aggregation_temporality: CUMULATIVE"])
            Assert.Contains(part, sessions, StringComparison.Ordinal);
        Assert.Equal(Regex.Count(sessions, "explicit_bounds: ") + 1, Regex.Count(sessions, "bucket_counts: "));
        string active = MetricOf(text, "fullstack.session.active");
        Assert.Contains("sum { data_points {", active, StringComparison.Ordinal);
        Assert.DoesNotContain("is_monotonic", active, StringComparison.Ordinal);
        Assert.Contains("is_monotonic: true", MetricOf(text, "fullstack.session.sent"), StringComparison.Ordinal);
    }

    /// <summary>The request as text on one line.</summary>
    private static async Task<string> DecodeAsync(ExternalProgram home, byte[] request)
    {
        await File.WriteAllBytesAsync(Path.Combine(home.Home, "request"), request, Ct);
        ProgramResult decoded = await home.RunAsync("sh", "-c", "protoc --decode=ExportMetricsServiceRequest metrics.proto < request");
        decoded.ShouldSucceed();
        Assert.DoesNotContain(decoded.Output.Split('\n'), static line => line.TrimStart() is [>= '0' and <= '9', ..]); // a field that the schema does not have, or not of this type, has a number for a name
        return string.Join(' ', decoded.Output.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>What is said of one metric; empty where it is not there.</summary>
    private static string MetricOf(string text, string name)
    {
        int from = text.IndexOf($"metrics {{ name: \"{name}\" ", StringComparison.Ordinal);
        if (from < 0)
            return "";
        int to = text.IndexOf(" metrics { name: ", from + 1, StringComparison.Ordinal);
        return to < 0 ? text[from..] : text[from..to];
    }
}
