using System.Net;
using FullStack.Dns;
using FullStack.Queue.Relay;
using FullStack.Queue.Relay.Sts;
using FullStack.Queue.TlsReports;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>How the server finds other hosts: DNS, and the way from a domain to the hosts that take its mail.</summary>
internal sealed class OutboundLookups : IDisposable
{
    private readonly TimeProvider _time;
    private readonly StsWeb _web;
    private readonly StsRefresh _refresh;
    private volatile RelayOptions _options;
    private Func<IReadOnlyList<BoundListener>> _listeners = static () => [];

    public OutboundLookups(ServerConfiguration configuration, ITlsSessions sessions, TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        _options = configuration.Relay;
        Resolver = new(configuration.Dns, time, loggers.CreateLogger<Resolver>());
        _web = new(Resolver);
        Reports = new(Resolver);
        StsPolicies policies = new(Resolver, _web.FetchAsync, Path.Combine(configuration.Data, "mta-sts"), time, loggers.CreateLogger<StsPolicies>());
        _refresh = new(policies, () => _options.MtaSts, time);
        Hosts = new(Resolver, policies, OwnHosts(configuration), configuration.Relay) { TlsSessions = sessions };
    }

    public Resolver Resolver { get; }

    public HostFinder Hosts { get; }

    /// <summary>Hands reports about TLS to web servers.</summary>
    public TlsReportWeb Reports { get; }

    /// <summary>Where the server listens, once it does: no mail is sent there.</summary>
    public void ListensAt(Func<IReadOnlyList<BoundListener>> listeners) => _listeners = listeners;

    public void Reload(ServerConfiguration configuration)
    {
        Resolver.Reload(configuration.Dns);
        Hosts.Reload(OwnHosts(configuration), configuration.Relay);
        _options = configuration.Relay;
    }

    public void Dispose()
    {
        _refresh.Dispose();
        Resolver.Dispose();
        Reports.Dispose();
        _web.Dispose();
    }

    private OwnHosts OwnHosts(ServerConfiguration configuration) => new(
        [configuration.HostName, .. configuration.Relay.OwnNames], configuration.Relay.OwnAddresses.Select(IPAddress.Parse),
        () => [.. _listeners().Where(static listener => listener.Protocol == ListenerProtocol.Smtp).Select(static listener => listener.Address).OfType<IPEndPoint>()], _time);
}
