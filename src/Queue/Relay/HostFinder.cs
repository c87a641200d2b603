using System.Net;
using System.Net.Sockets;
using FullStack.Dns;
using FullStack.Queue.Relay.Sts;
using FullStack.Smtp;
using FullStack.Smtp.Client;

namespace FullStack.Queue.Relay;

/// <summary>Finds the hosts of a domain in DNS.</summary>
/// <remarks>RFC 5321 §5.1; null MX RFC 7505; what TLS needs see <see cref="HostSecurity"/>.</remarks>
public sealed class HostFinder : IHostFinder
{
    /// <summary>Addresses of one domain tried at most (RFC 5321 §5.1 asks for two at least).</summary>
    public const int MaxHosts = 24;

    private const int LmtpPort = 24;
    private const int ImplicitTlsPort = 465;

    private readonly Resolver _resolver;
    private readonly StsPolicies _policies;
    private volatile Setup _setup;

    public HostFinder(Resolver resolver, StsPolicies policies, OwnHosts own, RelayOptions options)
    {
        _resolver = resolver;
        _policies = policies;
        _setup = new(own, options);
    }

    private sealed record Setup(OwnHosts Own, RelayOptions Options);

    /// <summary>Hears of hosts that are not connected to because of a policy; null: nobody does.</summary>
    public ITlsSessions? TlsSessions { get; init; }

    /// <summary>Takes over other settings.</summary>
    public void Reload(OwnHosts own, RelayOptions options) => _setup = new(own, options);

    public async ValueTask<HostSearch> FindAsync(NextHop hop, TlsWish wish, CancellationToken ct)
    {
        if (hop.IsFetched)
            return HostSearch.Failed(SearchFailure.ToBeFetched);
        if (wish == TlsWish.Required && hop.Tls == TlsNeed.Never)
            return HostSearch.Failed(SearchFailure.TlsNeeded);
        if (hop.IsHost && hop.Name.StartsWith('/'))
            return HostSearch.Found([Host(hop, new UnixDomainSocketEndPoint(hop.Name), wish)]);
        int port = PortOf(hop);
        if (AddressLiteral.IsOne(hop.Name))
            return FindLiteral(hop, port, wish);
        if (DnsName.TryParse(hop.Name, out DnsName? name))
            hop = hop with { Name = name.ToString() }; // as certificates have it, too
        ExchangeList list = hop.IsHost ? ExchangeList.Single(hop.Name) : await ExchangeList.FindAsync(_resolver, hop.Name, _setup.Own, ct);
        if (list.Failure is { } failure)
            return HostSearch.Failed(failure);
        bool mayHavePolicy = _setup.Options.MtaSts && wish != TlsWish.Optional && hop is { Protocol: RemoteProtocol.Smtp, Tls: not TlsNeed.Never };
        StsPolicy? policy = mayHavePolicy ? await _policies.FindAsync(hop.Name, ct) : null;
        TlsFinding? trouble = mayHavePolicy && policy is null ? _policies.TroubleOf(hop.Name) : null;
        HostSecurity security = new(_resolver, _setup.Options.Dane, hop, list, policy, wish) { PolicyTrouble = trouble, TlsSessions = TlsSessions };
        return await FindAsync(hop, list, port, security, ct);
    }

    private HostSearch FindLiteral(NextHop hop, int port, TlsWish wish)
    {
        if (!AddressLiteral.TryParse(hop.Name, out IPAddress? address))
            return HostSearch.Failed(SearchFailure.BadLiteral);
        return IsOwn(hop, address, port) ? HostSearch.Failed(SearchFailure.Loop) : HostSearch.Found([Host(hop, new IPEndPoint(address, port), wish)]);
    }

    private async ValueTask<HostSearch> FindAsync(NextHop hop, ExchangeList list, int port, HostSecurity security, CancellationToken ct)
    {
        DnsAnswer<IPAddress>[] answers = await Task.WhenAll(list.Exchanges.Select(exchange => _resolver.LookupAddressesAsync(exchange.Name, ct).AsTask()));
        int ownPreference = list.Exchanges.Zip(answers).Where(pair => pair.Second.Records.Any(address => IsOwn(hop, address, port)))
            .Select(static pair => pair.First.Preference).DefaultIfEmpty(int.MaxValue).Min();
        (MailExchange Exchange, DnsAnswer<IPAddress> Addresses)[] left = [.. list.Exchanges.Zip(answers).Where(pair => pair.First.Preference < ownPreference)];
        if (left.Length == 0)
            return HostSearch.Failed(SearchFailure.Loop);

        bool anyFailed = left.Any(static pair => pair.Addresses.Outcome == DnsOutcome.Failed);
        (IReadOnlyList<IPAddress> Addresses, Task<HostVerdict> Verdict)[] reachable =
            [.. left.Select(pair => (pair.Exchange, pair.Addresses, Order: AddressOrder.Of(pair.Addresses.Records, _setup.Options.Addresses)))
                .Where(static found => found.Order.Count > 0)
                .Select(found => (found.Order, security.OfAsync(found.Exchange.Name, port, found.Addresses, ct).AsTask()))];
        List<RemoteHost> hosts = [];
        DeliveryStatus? refusal = null;
        foreach ((IReadOnlyList<IPAddress> addresses, Task<HostVerdict> verdict) in reachable)
        {
            (RemoteHost? pattern, DeliveryStatus? reason) = await verdict;
            if (pattern is not null)
                hosts.AddRange(addresses.Select(address => pattern with { EndPoint = new IPEndPoint(address, port) }));
            else if (refusal is null or { IsPermanent: true })
                refusal = reason; // one that may pass says that it may yet go well
        }

        if (hosts.Count > 0)
            return HostSearch.Found([.. hosts.Take(MaxHosts)]);
        return HostSearch.Failed(anyFailed ? SearchFailure.DnsFailed : refusal ?? (hop.IsHost ? SearchFailure.NoSuchHost : SearchFailure.NoHost));
    }

    private bool IsOwn(NextHop hop, IPAddress address, int port) => hop.Protocol == RemoteProtocol.Smtp && _setup.Own.IsAt(address, port);

    private int PortOf(NextHop hop)
        => hop.Port ?? (hop.Protocol == RemoteProtocol.Lmtp ? LmtpPort : hop.ImplicitTls ? ImplicitTlsPort : _setup.Options.Port);

    private static RemoteHost Host(NextHop hop, EndPoint endPoint, TlsWish wish) => new(hop.Name, endPoint)
    {
        Protocol = hop.Protocol, Tls = wish == TlsWish.Required ? TlsNeed.Verified : hop.Tls, ImplicitTls = hop.ImplicitTls, Credentials = hop.Credentials,
    };
}
