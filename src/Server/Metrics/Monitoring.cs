using FullStack.Server.Hosting;
using FullStack.Server.Supervision;

namespace FullStack.Server.Metrics;

/// <summary>How a running server is watched from outside.</summary>
internal sealed class Monitoring : IDisposable
{
    private readonly MetricsExport? _export;

    /// <param name="configuration">Who may watch, and how.</param>
    /// <param name="parts">What is measured.</param>
    /// <param name="watched">What is asked whether it works.</param>
    /// <param name="connections">The sessions.</param>
    public Monitoring(ServerConfiguration configuration, ServerParts parts, IReadOnlyList<WatchedPart> watched, OpenConnections connections)
    {
        MetricsConfiguration metrics = configuration.Metrics;
        bool isRead = configuration.Web.Listeners.Count > 0 && metrics.Networks.All.Count > 0;
        if (isRead || metrics.Collector is not null)
            _export = new(parts.Metrics.Meter, metrics, configuration.HostName);
        Requests = new(metrics.Networks, _export, new(watched, connections, parts.Time));
    }

    /// <summary>Answers those who ask by HTTP.</summary>
    public MonitoringRequests Requests { get; }

    public void Dispose() => _export?.Dispose();
}
