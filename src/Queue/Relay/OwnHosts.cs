using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace FullStack.Queue.Relay;

/// <summary>Under which names and at which addresses this server takes mail: where mail that it sends must not go.</summary>
/// <remarks>RFC 5321 §5.1.</remarks>
public sealed class OwnHosts
{
    /// <summary>How long it is not looked whether the machine's addresses have changed.</summary>
    private static readonly TimeSpan s_unchecked = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _names;
    private readonly HashSet<IPAddress> _further;
    private readonly Func<IReadOnlyList<IPEndPoint>> _listeners;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private HashSet<IPAddress> _interfaces = [];
    private long? _checked;

    /// <param name="names">The server's name, and others that lead to it.</param>
    /// <param name="further">Addresses of others that pass all on to it, whatever the port.</param>
    /// <param name="listeners">Where it listens for mail from other hosts now.</param>
    /// <param name="time">The clock.</param>
    public OwnHosts(IEnumerable<string> names, IEnumerable<IPAddress> further, Func<IReadOnlyList<IPEndPoint>> listeners, TimeProvider time)
    {
        _names = new(names.Select(static name => name.TrimEnd('.')), StringComparer.OrdinalIgnoreCase);
        _further = [.. further];
        _listeners = listeners;
        _time = time;
    }

    public bool HasName(string name) => _names.Contains(name);

    /// <summary>Whether a connection to there would come back to this server.</summary>
    public bool IsAt(IPAddress address, int port)
    {
        if (_further.Contains(address))
            return true;
        foreach (IPEndPoint listener in _listeners())
        {
            if (listener.Port == port && (listener.Address.Equals(address) || (IsAny(listener.Address, address) && IsOfThisMachine(address))))
                return true;
        }

        return false;
    }

    // A socket for every IPv6 address may take IPv4 too.
    private static bool IsAny(IPAddress listener, IPAddress address)
        => listener.Equals(IPAddress.IPv6Any) || (listener.Equals(IPAddress.Any) && address.AddressFamily == AddressFamily.InterNetwork);

    private bool IsOfThisMachine(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
            return true;
        lock (_gate)
        {
            if (_checked is not { } then || _time.GetElapsedTime(then) >= s_unchecked)
            {
                _checked = _time.GetTimestamp();
                _interfaces = [.. NetworkInterface.GetAllNetworkInterfaces()
                    .SelectMany(static own => own.GetIPProperties().UnicastAddresses).Select(static unicast => unicast.Address)];
            }

            return _interfaces.Contains(address);
        }
    }
}
