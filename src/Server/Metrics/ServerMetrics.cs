using System.Diagnostics.Metrics;
using FullStack.Net.Metrics;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Metrics;

/// <summary>What is measured of one server. The parts add their own instruments to its meter.</summary>
internal sealed class ServerMetrics : IDisposable
{
    /// <summary>The meter's name, by which exporters find it.</summary>
    public const string MeterName = "FullStack.Mail";

    private readonly Dictionary<ListenerProtocol, SessionMetrics> _sessions;
    private readonly Counter<long> _refused;

    public ServerMetrics(ILoggerFactory loggers, TimeProvider time)
    {
        Store = new(Meter, time);
        SessionInstruments sessions = new(Meter, time);
        _sessions = Enum.GetValues<ListenerProtocol>().ToDictionary(static protocol => protocol, protocol => new SessionMetrics(sessions, NameOf(protocol)));
        _refused = Meter.CreateCounter<long>("fullstack.connection.refused", "{connection}", "Connections that were turned away because there were too many, by protocol");
        loggers.AddProvider(new EventCounter(Meter));
    }

    public Meter Meter { get; } = new(MeterName);

    public StoreMetrics Store { get; }

    public SessionMetrics For(ListenerProtocol protocol) => _sessions[protocol];

    public void ConnectionRefused(ListenerProtocol protocol) => _refused.Add(1, new KeyValuePair<string, object?>("protocol", NameOf(protocol)));

    public void Dispose() => Meter.Dispose();

    private static string NameOf(ListenerProtocol protocol) => protocol.ToString().ToLowerInvariant();
}
