using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server.Metrics;

namespace FullStack.Unit.Server.Metrics;

/// <summary>docs/metrics.md and the dashboard name what there is. With UPDATE_GOLDEN=1 the page is written anew.</summary>
public sealed partial class InstrumentTableTests
{
    private const string Head = """
        # What is measured

        The server measures itself by OpenTelemetry's instruments. They are read at `/metrics` of a listener under `web.listeners`, in Prometheus' text format, by the
        networks that `metrics.networks` names, or sent by OTLP to `metrics.collector`. `conf/grafana-dashboard.json` shows the most important ones. Beside these, the
        .NET runtime's own are told (`dotnet.*`: garbage collection, threads, exceptions). Nobody's address, account or message is in any label.

        What has no instrument of its own is an event of the log: logins are `fullstack.event` with `event` `LoggedIn` or `LoginRefused`, refused recipients `RecipientRefused`.

        | instrument | in Prometheus | kind | what |
        | --- | --- | --- | --- |

        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_instrument_is_in_the_documentation()
    {
        string file = SourceTree.PathOf("docs", "metrics.md");
        StringBuilder page = new(Head);
        foreach (Instrument instrument in await InstrumentsAsync())
            page.Append($"| `{instrument.Name}` | `{NameOf(instrument)}` | {KindOf(instrument)} | {instrument.Description}. |\n");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            await File.WriteAllTextAsync(file, page.ToString(), Ct);
        Assert.Equal(page.ToString(), await File.ReadAllTextAsync(file, Ct));
    }

    [Fact]
    public async Task The_dashboard_shows_only_what_there_is()
    {
        HashSet<string> known = [.. (await InstrumentsAsync()).Select(NameOf)];
        string dashboard = await File.ReadAllTextAsync(SourceTree.PathOf("conf", "grafana-dashboard.json"), Ct);
        string[] shown = [.. Shown().Matches(dashboard).Select(static match => Part().Replace(match.Value, "")).Distinct()];
        Assert.NotEmpty(shown);
        Assert.Empty(shown.Except(known));
    }

    [GeneratedRegex("fullstack_[a-z_]+")]
    private static partial Regex Shown();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Part();

    private static async Task<IReadOnlyList<Instrument>> InstrumentsAsync()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        Dictionary<string, Instrument> found = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, _) =>
            {
                lock (found)
                {
                    if (instrument.Meter.Name == ServerMetrics.MeterName)
                        found.TryAdd(instrument.Name, instrument);
                }
            },
        };
        listener.Start();
        lock (found)
            return [.. found.Values.OrderBy(static instrument => instrument.Name, StringComparer.Ordinal)];
    }

    private static string NameOf(Instrument instrument) => PrometheusText.NameOf(instrument.Name, instrument.Unit ?? "", KindOf(instrument) == "counter");

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> => "counter",
        UpDownCounter<long> or ObservableGauge<long> or ObservableGauge<double> => "gauge",
        Histogram<long> or Histogram<double> => "histogram",
        _ => throw new ArgumentException(instrument.GetType().Name, nameof(instrument)),
    };
}
