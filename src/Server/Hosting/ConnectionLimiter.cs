using System.Net;
using FullStack.Auth.Throttling;
using FullStack.Server.Configuration;

namespace FullStack.Server.Hosting;

/// <summary>Counts connections, in all and by network, and says when there are too many at once or too many in a minute.</summary>
/// <remarks>Open ones are a count and nothing else: unlike the framework's partitioned limiters it needs no timer to forget idle networks.</remarks>
internal sealed class ConnectionLimiter(TimeProvider time)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, int> _byNetwork = [];
    private readonly RateTable _rates = new(time);
    private int _total;

    /// <summary>Counts a connection in. Give it back by <see cref="Release"/> where the answer is null.</summary>
    /// <param name="remote">Who connects.</param>
    /// <param name="limits">How many there may be, by the configuration that the connection is served by. Those that are over a lowered limit stay.</param>
    /// <returns>Why the connection is not served; null where it is.</returns>
    public string? TryAcquire(IPAddress remote, ConnectionLimits limits)
    {
        lock (_lock)
        {
            if (_total >= limits.Connections)
                return "too many connections, try again later";
            if (!limits.ExemptNetworks.Contains(remote))
            {
                UInt128 network = ThrottleKey.OfNetwork(remote);
                int count = _byNetwork.GetValueOrDefault(network);
                if (count >= limits.ConnectionsPerNetwork)
                    return "too many connections from your network";
                if (_rates.Take(network, limits.ConnectionsPerMinute, s_minute) > TimeSpan.Zero)
                    return "too many connections from your network lately, try again later";
                _byNetwork[network] = count + 1;
            }

            _total++;
            return null;
        }
    }

    public void Release(IPAddress remote)
    {
        lock (_lock)
        {
            _total--;
            UInt128 network = ThrottleKey.OfNetwork(remote);
            int count = _byNetwork.GetValueOrDefault(network); // none where the network was exempt when the connection came
            if (count <= 1)
                _byNetwork.Remove(network);
            else
                _byNetwork[network] = count - 1;
        }
    }
}
