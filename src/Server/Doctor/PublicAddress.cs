using System.Net;

namespace FullStack.Server.Doctor;

/// <summary>Addresses that others can reach.</summary>
internal static class PublicAddress
{
    /// <summary>Networks that are of their own owner's only (RFC 1918, RFC 6598, RFC 4193, RFC 3927), or nobody's (RFC 5737, RFC 3849).</summary>
    private static readonly IPNetwork[] s_private =
        [.. ((string[])["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
            "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"]).Select(static text => IPNetwork.Parse(text))];

    public static bool Is(IPAddress address) => !Array.Exists(s_private, network => network.Contains(address));
}
