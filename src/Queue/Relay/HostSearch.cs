using FullStack.Smtp;
using FullStack.Smtp.Client;

namespace FullStack.Queue.Relay;

/// <summary>What a search for a domain's hosts came to.</summary>
public sealed record HostSearch
{
    private HostSearch(IReadOnlyList<RemoteHost> hosts, DeliveryStatus? failure) => (Hosts, Failure) = (hosts, failure);

    /// <summary>The hosts at their addresses, in the order in which to try them, each with what its TLS needs. Empty where the search failed.</summary>
    public IReadOnlyList<RemoteHost> Hosts { get; }

    /// <summary>
    /// Why there are none: for good where the domain does not exist (5.1.2), takes no mail (5.1.10, RFC 7505) or leads back to this host (5.4.6), for now
    /// where DNS does not answer (4.4.3). Null where there are some.
    /// </summary>
    public DeliveryStatus? Failure { get; }

    public static HostSearch Found(IReadOnlyList<RemoteHost> hosts) => new(hosts, null);

    public static HostSearch Failed(DeliveryStatus failure) => new([], failure);
}
