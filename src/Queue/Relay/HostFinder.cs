using System.Net;
using System.Net.Sockets;
using FullStack.Dns;
using FullStack.Smtp;
using FullStack.Smtp.Client;

namespace FullStack.Queue.Relay;

/// <summary>Finds the hosts of a domain in DNS.</summary>
/// <remarks>RFC 5321 §5.1; null MX RFC 7505.</remarks>
public sealed class HostFinder : IHostFinder
{
    /// <summary>Addresses of one domain tried at most (RFC 5321 §5.1 asks for two at least).</summary>
    public const int MaxHosts = 24;

    private const int LmtpPort = 24;
    private const int ImplicitTlsPort = 465;

    private readonly Resolver _resolver;
    private volatile Setup _setup;

    public HostFinder(Resolver resolver, OwnHosts own, RelayOptions options)
    {
        _resolver = resolver;
        _setup = new(own, options);
    }

    private sealed record Setup(OwnHosts Own, RelayOptions Options);

    /// <summary>Takes over other settings.</summary>
    public void Reload(OwnHosts own, RelayOptions options) => _setup = new(own, options);

    public async ValueTask<HostSearch> FindAsync(NextHop hop, bool requireTls, CancellationToken ct)
    {
        if (hop.IsHost && hop.Name.StartsWith('/'))
            return HostSearch.Found([Host(hop, hop.Name, new UnixDomainSocketEndPoint(hop.Name))]);
        int port = PortOf(hop);
        if (AddressLiteral.IsOne(hop.Name))
            return FindLiteral(hop, port);
        ExchangeList list = hop.IsHost ? ExchangeList.Single(hop.Name) : await ExchangeList.FindAsync(_resolver, hop.Name, _setup.Own, ct);
        return list.Failure is { } failure ? HostSearch.Failed(failure) : await FindAsync(hop, list, port, ct);
    }

    private HostSearch FindLiteral(NextHop hop, int port)
    {
        if (!AddressLiteral.TryParse(hop.Name, out IPAddress? address))
            return HostSearch.Failed(SearchFailure.BadLiteral);
        return IsOwn(hop, address, port) ? HostSearch.Failed(SearchFailure.Loop) : HostSearch.Found([Host(hop, hop.Name, new IPEndPoint(address, port))]);
    }

    private async ValueTask<HostSearch> FindAsync(NextHop hop, ExchangeList list, int port, CancellationToken ct)
    {
        Task<DnsAnswer<IPAddress>>[] lookups = [.. list.Exchanges.Select(exchange => _resolver.LookupAddressesAsync(exchange.Name, ct).AsTask())];
        DnsAnswer<IPAddress>[] answers = await Task.WhenAll(lookups);
        int ownPreference = list.Exchanges.Zip(answers).Where(pair => pair.Second.Records.Any(address => IsOwn(hop, address, port)))
            .Select(static pair => pair.First.Preference).DefaultIfEmpty(int.MaxValue).Min();
        List<RemoteHost> hosts = [];
        bool anyFailed = false;
        bool anyLeft = false;
        foreach ((MailExchange exchange, DnsAnswer<IPAddress> answer) in list.Exchanges.Zip(answers))
        {
            if (exchange.Preference >= ownPreference)
                continue;
            anyLeft = true;
            anyFailed |= answer.Outcome == DnsOutcome.Failed;
            hosts.AddRange(AddressOrder.Of(answer.Records, _setup.Options.Addresses).Select(address => Host(hop, exchange.Name, new IPEndPoint(address, port))));
        }

        if (hosts.Count > 0)
            return HostSearch.Found([.. hosts.Take(MaxHosts)]);
        return HostSearch.Failed(!anyLeft ? SearchFailure.Loop : anyFailed ? SearchFailure.DnsFailed : hop.IsHost ? SearchFailure.NoSuchHost : SearchFailure.NoHost);
    }

    private bool IsOwn(NextHop hop, IPAddress address, int port) => hop.Protocol == RemoteProtocol.Smtp && _setup.Own.IsAt(address, port);

    private int PortOf(NextHop hop)
        => hop.Port ?? (hop.Protocol == RemoteProtocol.Lmtp ? LmtpPort : hop.ImplicitTls ? ImplicitTlsPort : _setup.Options.Port);

    private static RemoteHost Host(NextHop hop, string name, EndPoint endPoint) => new(name, endPoint)
    {
        Protocol = hop.Protocol, Tls = hop.Tls, ImplicitTls = hop.ImplicitTls, Credentials = hop.Credentials,
    };
}
