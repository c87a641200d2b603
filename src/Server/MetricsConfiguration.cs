using FullStack.Net;

namespace FullStack.Server;

/// <summary>How a collector takes measurements.</summary>
public enum CollectorProtocol
{
    /// <summary>OTLP in HTTP requests.</summary>
    Http,

    /// <summary>OTLP by gRPC.</summary>
    Grpc,
}

/// <summary>Who learns what the server measures, and how it is.</summary>
public sealed class MetricsConfiguration
{
    /// <summary>Who may read them by HTTP, where there is a listener for it.</summary>
    public NetworkList Networks { get; init; } = NetworkList.Loopback;

    /// <summary>The collector that they are sent to, by OTLP; null: none.</summary>
    public Uri? Collector { get; init; }

    public CollectorProtocol Protocol { get; init; } = CollectorProtocol.Http;

    /// <summary>How often they are sent.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);
}
