using System.Net;
using FullStack.Dns;
using FullStack.Queue.Relay;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>How the server finds other hosts: DNS, and the way from a domain to the hosts that take its mail.</summary>
internal sealed class OutboundLookups : IDisposable
{
    private readonly TimeProvider _time;
    private Func<IReadOnlyList<BoundListener>> _listeners = static () => [];

    public OutboundLookups(ServerConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        Resolver = new(configuration.Dns, time, loggers.CreateLogger<Resolver>());
        Hosts = new(Resolver, OwnHosts(configuration), configuration.Relay);
    }

    public Resolver Resolver { get; }

    public HostFinder Hosts { get; }

    /// <summary>Where the server listens, once it does: no mail is sent there.</summary>
    public void ListensAt(Func<IReadOnlyList<BoundListener>> listeners) => _listeners = listeners;

    public void Reload(ServerConfiguration configuration)
    {
        Resolver.Reload(configuration.Dns);
        Hosts.Reload(OwnHosts(configuration), configuration.Relay);
    }

    public void Dispose() => Resolver.Dispose();

    private OwnHosts OwnHosts(ServerConfiguration configuration) => new(
        [configuration.HostName, .. configuration.Relay.OwnNames], configuration.Relay.OwnAddresses.Select(IPAddress.Parse),
        () => [.. _listeners().Where(static listener => listener.Protocol == ListenerProtocol.Smtp).Select(static listener => listener.EndPoint)], _time);
}
