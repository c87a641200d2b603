using System.Net;
using System.Net.Sockets;

namespace FullStack.Queue.Relay;

/// <summary>In which order the addresses of one host are tried.</summary>
/// <remarks>RFC 8305 §4: the two kinds in turn, so that one that leads nowhere costs one attempt; IPv6 first. Each kind in the order of DNS (RFC 5321 §5.1).</remarks>
internal static class AddressOrder
{
    /// <summary>Addresses of one host tried at most.</summary>
    public const int MaxAddresses = 6;

    /// <param name="addresses">As DNS has them.</param>
    /// <param name="kinds">Which of them are used.</param>
    /// <returns>Those that can be another host's, in order.</returns>
    public static IReadOnlyList<IPAddress> Of(IReadOnlyList<IPAddress> addresses, AddressKinds kinds)
    {
        IPAddress[] six = kinds == AddressKinds.IPv4 ? [] : [.. addresses.Where(static a => a.AddressFamily == AddressFamily.InterNetworkV6 && IsHost(a))];
        IPAddress[] four = kinds == AddressKinds.IPv6 ? [] : [.. addresses.Where(static a => a.AddressFamily == AddressFamily.InterNetwork && IsHost(a))];
        List<IPAddress> ordered = [];
        for (int i = 0; i < Math.Max(six.Length, four.Length) && ordered.Count < MaxAddresses; i++)
        {
            if (i < six.Length)
                ordered.Add(six[i]);
            if (i < four.Length && ordered.Count < MaxAddresses)
                ordered.Add(four[i]);
        }

        return ordered;
    }

    /// <summary>Not "no address", which the system takes for this host, nor an address of many hosts.</summary>
    private static bool IsHost(IPAddress address)
        => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.IsIPv6Multicast && !address.IsIPv6LinkLocal && !address.IsIPv4MappedToIPv6
            && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224);
}
