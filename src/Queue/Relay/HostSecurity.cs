using System.Net;
using FullStack.Dns;
using FullStack.Queue.Relay.Sts;
using FullStack.Smtp;
using FullStack.Smtp.Client;

namespace FullStack.Queue.Relay;

/// <summary>What the connection to one of a domain's hosts needs; or why the host is not to be used.</summary>
/// <param name="Pattern">The host as it is spoken to, at whatever address; null where it is not used.</param>
/// <param name="Refusal">Null where it is.</param>
internal readonly record struct HostVerdict(RemoteHost? Pattern, DeliveryStatus? Refusal);

/// <summary>Brings together what the route, the message, DNS and the domain's policy ask of connections to its hosts.</summary>
/// <remarks>
/// DANE RFC 7672 §2.2; MTA-STS RFC 8461 §5, which does not let a host pass that DANE refuses (§2); REQUIRETLS RFC 8689 §4.2.1, TLS-Required §4.2.2. The port, the name and all that is not
/// about TLS come from the hop.
/// </remarks>
internal sealed class HostSecurity(Resolver resolver, bool useDane, NextHop hop, ExchangeList list, StsPolicy? policy, TlsWish wish)
{
    private static readonly IPEndPoint s_nowhere = new(IPAddress.None, 0);
    private static readonly TlsFinding s_notNamed = new(TlsResult.ValidationFailure, "the policy does not name the host");

    /// <summary>Why the policy that the domain says it has is not there.</summary>
    public TlsFinding? PolicyTrouble { get; init; }

    /// <summary>Hears of hosts that are not connected to because of a policy; null: nobody does.</summary>
    public ITlsSessions? TlsSessions { get; init; }

    /// <param name="host">One of the list.</param>
    /// <param name="port">Where it takes mail.</param>
    /// <param name="addresses">The host's.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<HostVerdict> OfAsync(string host, int port, DnsAnswer<IPAddress> addresses, CancellationToken ct)
    {
        bool isNamed = policy is { Mode: not StsMode.None } && policy.Names(host);
        if (policy is { Mode: StsMode.Enforce } && !isNamed)
            return Refuse(host, OwnPolicy(isNamed), s_notNamed, SearchFailure.PolicyFailed);
        if (wish == TlsWish.Required && (hop.Tls == TlsNeed.Never || !(list.IsSecure || !list.IsFromMx || isNamed)))
            return new(null, SearchFailure.TlsNeeded);
        RemoteHost pattern = new(host, s_nowhere) { Protocol = hop.Protocol, Tls = hop.Tls, ImplicitTls = hop.ImplicitTls, Credentials = hop.Credentials, Policy = OwnPolicy(isNamed) };
        if (hop.Tls == TlsNeed.Never)
            return new(pattern, null);

        TlsNeed need = wish == TlsWish.Required || policy is { Mode: StsMode.Enforce } ? TlsNeed.Verified : hop.Tls;
        bool isAsked = wish != TlsWish.Optional || hop.Tls == TlsNeed.Dane; // what the administrator wants of a route, no sender waives
        bool mayPin = useDane && isAsked && hop.Protocol == RemoteProtocol.Smtp && hop.Tls != TlsNeed.Verified;
        DanePins? pins = mayPin ? await DanePins.FindAsync(resolver, host, port, addresses, ct) : null;
        if (pins is { Failed: true })
            return Refuse(host, PinnedPolicy(pins), new(TlsResult.DnssecInvalid, "DNS does not answer for TLSA records"), SearchFailure.DnsFailed);
        if (pins is { Usable.Count: > 0 } && (hop.Tls != TlsNeed.Dane || list.IsSecure))
        {
            return new(pattern with
            {
                Name = pins.BaseDomain, Tls = TlsNeed.Dane, Pins = pins.Usable, OtherNames = OtherNames(pins.BaseDomain), Policy = PinnedPolicy(pins),
            }, null);
        }

        if (hop.Tls == TlsNeed.Dane)
            return Refuse(host, PinnedPolicy(pins), new(TlsResult.DaneRequired, "no TLSA records that DNSSEC proves"), SearchFailure.PolicyFailed);
        if (pins is not { HasRecords: true })
            return new(pattern with { Tls = need }, null);
        AppliedTlsPolicy? unusable = PinnedPolicy(pins) is { } pinned ? pinned with { Objection = new(TlsResult.TlsaInvalid, "no TLSA record can be used") } : null;
        return new(pattern with { Tls = need == TlsNeed.Opportunistic ? TlsNeed.Encrypted : need, Policy = unusable }, null);
    }

    /// <summary>A message for which policies are waived tells nothing about them, and so no report tells of a report's own way.</summary>
    private bool IsTold => wish != TlsWish.Optional && hop is { Protocol: RemoteProtocol.Smtp, Tls: not TlsNeed.Never };

    /// <summary>What is said of a connection under the domain's own policy, or under none.</summary>
    private AppliedTlsPolicy? OwnPolicy(bool isNamed)
    {
        if (!IsTold)
            return null;
        if (policy is not { Mode: not StsMode.None })
            return new(hop.Name, PolicyTrouble is null ? TlsPolicyKind.None : TlsPolicyKind.Sts, hop.Name) { Objection = PolicyTrouble };
        return new(hop.Name, TlsPolicyKind.Sts, hop.Name)
        {
            Text = policy.Lines, Hosts = policy.Patterns, IsRehearsal = policy.Mode == StsMode.Testing, Objection = isNamed ? null : s_notNamed,
        };
    }

    private AppliedTlsPolicy? PinnedPolicy(DanePins? pins)
        => IsTold ? new(hop.Name, TlsPolicyKind.Tlsa, pins?.BaseDomain ?? hop.Name) { Text = [.. (pins?.Usable ?? []).Select(static pin => pin.ToString())] } : null;

    /// <summary>Leaves a host out, and tells its domain so.</summary>
    private HostVerdict Refuse(string host, AppliedTlsPolicy? applied, TlsFinding finding, DeliveryStatus refusal)
    {
        if (applied is not null)
            TlsSessions?.Note(new(applied, host, finding));
        return new(null, refusal);
    }

    /// <summary>Names besides the host's that its certificate may have where an authority is pinned (RFC 7672 §3.2.2).</summary>
    private string[] OtherNames(string baseDomain)
    {
        if (list.IsFromMx && !list.IsSecure)
            return [];
        string[] names = [hop.Name, list.Domain];
        return [.. names.Where(name => !name.Equals(baseDomain, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
