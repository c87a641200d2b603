using System.Net;
using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Queue.Routing;

/// <summary>Who may send to other hosts through this one: who has logged in, programs of this host, and clients of the networks that the configuration names. Nobody else, ever.</summary>
/// <param name="networks">The networks.</param>
/// <param name="runs">Who may have mail sent that waits for a domain; none: those networks, for any.</param>
/// <param name="hasRead">Whether somebody at an address has logged in to read mail so lately that he may send (POP before SMTP); null: that does not count.</param>
public sealed class RelayRights(IReadOnlyList<IPNetwork> networks, IReadOnlyList<RunGrant>? runs = null, Func<IPAddress, bool>? hasRead = null)
{
    public bool MayRelay(SmtpPeer peer)
    {
        if (peer.Role == SmtpRole.Lmtp)
            return false; // A neighbour that hands over mail for mailboxes has a way out of its own.
        return peer.Account is not null || peer.Role == SmtpRole.Local || IsNear(peer.Address) || hasRead?.Invoke(peer.Address) == true;
    }

    /// <summary>Whether a client may have mail sent that waits for another host: the servers of the configuration's networks, as a branch that is connected now and then.</summary>
    public bool MayStartQueue(SmtpPeer peer)
        => peer.Role == SmtpRole.Relay && (runs is { Count: > 0 } ? runs.Any(run => run.Network.Contains(Plain(peer.Address))) : IsNear(peer.Address));

    /// <summary>Whether it may have that of a domain sent; of a domain and all below it, where that one is its own.</summary>
    public bool MayStartQueue(SmtpPeer peer, string domain)
        => MayStartQueue(peer) && (runs is not { Count: > 0 } || runs.Any(run => run.Network.Contains(Plain(peer.Address)) && IsWithin(domain, run.Domain)));

    /// <summary>Whether mail from a client bears an address that somebody answers for.</summary>
    public bool IsTrusted(SmtpPeer peer) => peer.Role == SmtpRole.Lmtp || MayRelay(peer);

    private bool IsNear(IPAddress address)
    {
        IPAddress plain = Plain(address);
        foreach (IPNetwork network in networks)
        {
            if (network.Contains(plain))
                return true;
        }

        return false;
    }

    private static bool IsWithin(string domain, string granted)
        => domain.Equals(granted, StringComparison.OrdinalIgnoreCase)
            || (domain.Length > granted.Length && domain[^(granted.Length + 1)] == '.' && domain.EndsWith(granted, StringComparison.OrdinalIgnoreCase));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
