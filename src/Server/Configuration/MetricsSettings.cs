using FullStack.Net;

namespace FullStack.Server.Configuration;

/// <summary>The keys of what the server tells of itself.</summary>
internal static class MetricsSettings
{
    private static readonly MetricsConfiguration Defaults = new();

    public static readonly Setting<NetworkList> Networks = new NetworksSetting("metrics.networks", Defaults.Networks,
        "Who may read measurements (/metrics, Prometheus' text format) and the server's health (/healthz: it runs; /readyz: it takes mail)\n"
        + "at web.listeners. For others these pages are not there. docs/metrics.md names all that is measured.") { NeedsRestart = true };

    public static readonly Setting<string> Collector = new ScalarSetting<string>("metrics.collector", "", ValueForms.HttpAddress,
        "A collector of OpenTelemetry's that measurements are sent to by OTLP, such as http://127.0.0.1:4318/v1/metrics. \"\": none.") { NeedsRestart = true };

    public static readonly Setting<CollectorProtocol> Protocol = new ScalarSetting<CollectorProtocol>("metrics.protocol", Defaults.Protocol,
        ValueForms.OneOf(("http", CollectorProtocol.Http), ("grpc", CollectorProtocol.Grpc)), "How the collector takes them.") { NeedsRestart = true };

    public static readonly Setting<TimeSpan> Interval = new ScalarSetting<TimeSpan>("metrics.interval", Defaults.Interval,
        ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), "How often they are sent.") { NeedsRestart = true };

    public static IReadOnlyList<Setting> All => [Networks, Collector, Protocol, Interval];

    public static MetricsConfiguration Read(SettingValues values) => new()
    {
        Networks = values.Get(Networks),
        Collector = values.Get(Collector) is { Length: > 0 } address ? new Uri(address) : null,
        Protocol = values.Get(Protocol),
        Interval = values.Get(Interval),
    };
}
