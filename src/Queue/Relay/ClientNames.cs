using System.Net;
using FullStack.Dns;
using FullStack.Smtp;

namespace FullStack.Queue.Relay;

/// <summary>Finds the names of clients in DNS: from the address to names, and from these back.</summary>
/// <remarks>RFC 8601 §3 (iprev). Who has an address may write any name there; only who has the name can have it lead to the address.</remarks>
/// <param name="resolver">Asks DNS.</param>
/// <param name="timeout">How long all questions about one client may take.</param>
/// <param name="time">The clock.</param>
public sealed class ClientNames(Resolver resolver, TimeSpan timeout, TimeProvider time) : IClientNames
{
    /// <summary>Names of one address that are looked at: honest ones have one or two.</summary>
    private const int MaxNames = 5;

    public async ValueTask<ClientName> FindAsync(IPAddress address, CancellationToken ct)
    {
        using CancellationTokenSource late = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            return await FindAsync(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new(address.GetAddressBytes()), resolver, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(ClientNameState.Failed);
        }
    }

    private static async ValueTask<ClientName> FindAsync(IPAddress address, Resolver resolver, CancellationToken ct)
    {
        DnsAnswer<DnsName> names = await resolver.LookupPtrAsync(address, ct);
        if (!names.IsFound)
            return new(names.Outcome == DnsOutcome.Failed ? ClientNameState.Failed : ClientNameState.None);
        bool isUnsure = false;
        foreach (DnsName name in names.Records.Take(MaxNames))
        {
            DnsAnswer<IPAddress> addresses = await resolver.LookupAddressesAsync(name.ToString(), ct);
            if (addresses.Records.Contains(address))
                return new(ClientNameState.Confirmed, name.ToString());
            isUnsure |= addresses.Outcome == DnsOutcome.Failed;
        }

        return new(isUnsure ? ClientNameState.Failed : ClientNameState.Unconfirmed);
    }
}
