namespace FullStack.Server.Configuration;

/// <summary>How many connections are served at once.</summary>
public sealed class ConnectionLimits
{
    /// <summary>Connections of all listeners together.</summary>
    public int Connections { get; init; } = 20000;

    /// <summary>Connections from one IPv4 address or one IPv6 /64. This host itself is exempt.</summary>
    public int ConnectionsPerNetwork { get; init; } = 100;
}
