using System.Net;
using FullStack.Dns;

namespace FullStack.Server.Doctor;

/// <summary>Whether the addresses that mail leaves from have this host's name, and the name has the addresses: many hosts take no mail otherwise.</summary>
/// <param name="HostName">This host's name.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Resolver">DNS.</param>
internal sealed record ReverseNameCheck(string HostName, IReadOnlyList<IPAddress> Addresses, Resolver Resolver) : IDoctorCheck
{
    public static readonly FindingKind None = new("reverse.none", FindingLevel.Error, "An address of this host has no name in DNS (PTR): many hosts refuse mail from it.", "Have whoever gave you the address set its reverse name to the host name.");
    public static readonly FindingKind Other = new("reverse.other", FindingLevel.Warning, "An address of this host has another name than the one that the server says of itself.", "Have the reverse name set to the host name, or set hostname to it.");
    public static readonly FindingKind Unconfirmed = new("reverse.unconfirmed", FindingLevel.Warning, "The name of an address does not lead back to the address.", "Publish an address record for that name.");

    public string Name => "reverse";

    public IReadOnlyList<FindingKind> Kinds => [None, Other, Unconfirmed];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        IPAddress[] reached = [.. Addresses.Where(PublicAddress.Is)];
        if (reached.Length == 0)
            return [new(FindingKind.Unknown(Name), "this host has no address that others can reach: which one they see is not known here")];
        return await Task.WhenAll(reached.Select(address => JudgeAsync(address, ct)));
    }

    private async Task<Finding> JudgeAsync(IPAddress address, CancellationToken ct)
    {
        DnsAnswer<DnsName> names = await Resolver.LookupPtrAsync(address, ct);
        if (names.Outcome == DnsOutcome.Failed)
            return new(FindingKind.Unknown(Name), $"{address}: {names.Failure}");
        if (!names.IsFound)
            return new(None, $"{address} has no name");
        string[] texts = [.. names.Records.Select(static name => name.ToString().TrimEnd('.'))];
        string seen = $"{address} has the name {string.Join(", ", texts)}";
        if (!texts.Contains(HostName, StringComparer.OrdinalIgnoreCase))
            return new(Other, $"{seen}; this host is {HostName}");
        DnsAnswer<IPAddress> back = await Resolver.LookupAddressesAsync(HostName, ct);
        return back.Outcome == DnsOutcome.Failed ? new(FindingKind.Unknown(Name), $"{HostName}: {back.Failure}")
            : back.Records.Contains(address) ? new(FindingKind.Ok(Name), $"{seen}, and that leads back")
            : new(Unconfirmed, $"{seen}, which has {(back.IsFound ? string.Join(", ", back.Records) : "no address")}");
    }
}
