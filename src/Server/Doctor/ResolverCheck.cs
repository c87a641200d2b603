using FullStack.Dns;

namespace FullStack.Server.Doctor;

/// <summary>Whether the resolver checks DNSSEC, says so, and is believed: without that there is no DANE.</summary>
/// <param name="Believing">DNS, with whatever servers believed when they say that an answer is proved.</param>
/// <param name="Configured">DNS as the server asks it.</param>
/// <param name="Signed">A domain that is signed and has MX records.</param>
/// <param name="Forged">A domain whose signatures are wrong on purpose.</param>
internal sealed record ResolverCheck(Resolver Believing, Resolver Configured, string Signed = "ietf.org", string Forged = "dnssec-failed.org") : IDoctorCheck
{
    public static readonly FindingKind NoProof = new("resolver.no_dnssec", FindingLevel.Warning, "The resolver does not say that a signed domain is proved: it does not check DNSSEC, or what is between strips it. Mail goes out without DANE.", "Run a resolver that checks, such as unbound, on this host, and name it in dns.servers.");
    public static readonly FindingKind Believes = new("resolver.forged", FindingLevel.Error, "The resolver says that answers are proved, and gives out some whose signatures are wrong.", "Turn its check on (unbound: a trust anchor, and no val-permissive-mode).");
    public static readonly FindingKind NotBelieved = new("resolver.not_believed", FindingLevel.Warning, "The resolver checks DNSSEC, but it is on another host, and dns.secure_servers does not have it believed.", "Run one on this host; or, if nobody can come between, set dns.secure_servers: all.");

    public string Name => "resolver";

    public IReadOnlyList<FindingKind> Kinds => [NoProof, Believes, NotBelieved];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        DnsAnswer<MxData> signed = await Believing.LookupMxAsync(Signed, ct);
        if (!signed.IsFound)
            return [new(FindingKind.Unknown(Name), $"{Signed} MX: {(signed.Failure.Length > 0 ? signed.Failure : "not found")}")];
        if (!signed.IsSecure)
            return [new(NoProof, $"{Signed}, which is signed, comes without the AD bit")];
        DnsAnswer<System.Net.IPAddress> forged = await Believing.LookupAddressesAsync(Forged, ct);
        if (forged.IsFound)
            return [new(Believes, $"{Forged}, whose signatures are wrong, has the address {forged.Records[0]}")];
        DnsAnswer<MxData> asServer = await Configured.LookupMxAsync(Signed, ct);
        return [new(asServer.IsSecure ? FindingKind.Ok(Name) : NotBelieved, $"{Signed} comes with the AD bit, {Forged} is refused")];
    }
}
