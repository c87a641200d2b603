using FullStack.Net;

namespace FullStack.Server.Configuration;

/// <summary>How many connections are served.</summary>
public sealed class ConnectionLimits
{
    /// <summary>Connections of all listeners together.</summary>
    public int Connections { get; init; } = 20000;

    /// <summary>Connections at once from one IPv4 address or one IPv6 /64.</summary>
    public int ConnectionsPerNetwork { get; init; } = 100;

    /// <summary>New connections in a minute from one of these; 0: any number.</summary>
    public int ConnectionsPerMinute { get; init; } = 600;

    /// <summary>Networks for which only <see cref="Connections"/> holds.</summary>
    public NetworkList ExemptNetworks { get; init; } = NetworkList.Loopback;
}
