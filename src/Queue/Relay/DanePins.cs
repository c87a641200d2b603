using System.Net;
using FullStack.Dns;
using FullStack.Smtp.Client;

namespace FullStack.Queue.Relay;

/// <summary>What DNS says of a host's certificates, as far as DNSSEC proves it.</summary>
/// <remarks>RFC 7672 §2.2, §3.1.</remarks>
/// <param name="BaseDomain">The host's name that the certificates are for: the one whose records were found.</param>
/// <param name="Usable">Records that can be compared with a certificate.</param>
/// <param name="HasRecords">There are proved records; where none is usable the host still promises TLS.</param>
/// <param name="Failed">DNS does not answer: the host must not be used, for who listens in may have kept the answer back.</param>
internal sealed record DanePins(string BaseDomain, IReadOnlyList<TlsaPin> Usable, bool HasRecords, bool Failed)
{
    private const byte TrustAnchor = 2;
    private const byte EndEntity = 3;

    private static DanePins None(string host) => new(host, [], HasRecords: false, Failed: false);

    /// <param name="resolver">Asked.</param>
    /// <param name="host">A host for mail.</param>
    /// <param name="port">Its port.</param>
    /// <param name="addresses">The host's, for certificates are looked for only where DNSSEC proves these, or that the name is an alias.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<DanePins> FindAsync(Resolver resolver, string host, int port, DnsAnswer<IPAddress> addresses, CancellationToken ct)
    {
        string[] candidates = addresses switch
        {
            { IsSecure: true, IsAlias: true } => [addresses.Name.ToString(), host],
            { IsSecure: true } or { IsAlias: true } => [host],
            _ => [],
        };
        if (!addresses.IsSecure && addresses.IsAlias)
        {
            DnsAnswer<DnsName> alias = await resolver.LookupCnameAsync(host, ct);
            if (alias.Outcome == DnsOutcome.Failed)
                return None(host) with { Failed = true };
            if (!alias.IsSecure)
                return None(host);
        }

        foreach (string name in candidates)
        {
            DnsAnswer<TlsaData> answer = await resolver.LookupTlsaAsync(name, port, ct);
            if (answer.Outcome == DnsOutcome.Failed)
                return None(host) with { Failed = true };
            if (answer is { IsFound: true, IsSecure: true })
                return new(name, [.. answer.Records.Where(IsUsable).Select(static tlsa => new TlsaPin(tlsa.Usage, tlsa.Selector, tlsa.MatchingType, tlsa.Association))], HasRecords: true, Failed: false);
        }

        return None(host);
    }

    /// <summary>The usages that trust in other authorities are none for mail (RFC 7672 §3.1.3); lengths are those of the digests.</summary>
    private static bool IsUsable(TlsaData tlsa)
        => tlsa is { Usage: TrustAnchor or EndEntity, Selector: 0 or 1 } && tlsa.MatchingType switch
        {
            0 => tlsa.Association.Length > 0,
            1 => tlsa.Association.Length == 32,
            2 => tlsa.Association.Length == 64,
            _ => false,
        };
}
