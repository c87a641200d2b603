using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FullStack.Dns;

/// <summary>Where in DNS the names of an address are.</summary>
/// <remarks>RFC 1035 §3.5; IPv6 RFC 3596 §2.5.</remarks>
public static class ReverseName
{
    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        byte[] octets = address.GetAddressBytes();
        Array.Reverse(octets);
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return string.Create(CultureInfo.InvariantCulture, $"{octets[0]}.{octets[1]}.{octets[2]}.{octets[3]}.in-addr.arpa");
        StringBuilder name = new();
        foreach (byte octet in octets)
            name.Append(CultureInfo.InvariantCulture, $"{octet & 0xF:x}.{octet >> 4:x}.");
        return name.Append("ip6.arpa").ToString();
    }
}
