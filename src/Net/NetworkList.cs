using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace FullStack.Net;

/// <summary>Networks of peers, as an administrator names them: <c>192.0.2.0/24</c>, <c>2001:db8::/32</c>, or one address.</summary>
public sealed class NetworkList
{
    private readonly IPNetwork[] _networks;

    public NetworkList(IEnumerable<IPNetwork> networks) => _networks = [.. networks];

    public static NetworkList None { get; } = new([]);

    /// <summary>This host itself.</summary>
    public static NetworkList Loopback { get; } = new([new(IPAddress.Parse("127.0.0.0"), 8), new(IPAddress.IPv6Loopback, 128)]);

    public IReadOnlyList<IPNetwork> All => _networks;

    /// <summary>Reads a network, or an address, which is the network of it alone. Bits beyond the prefix have to be zero.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IPNetwork network)
    {
        network = default;
        if (text is null || text.Contains('%', StringComparison.Ordinal))
            return false;
        if (text.Contains('/', StringComparison.Ordinal))
            return IPNetwork.TryParse(text, out network) && IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/', StringComparison.Ordinal)), out IPAddress? first) && first.Equals(network.BaseAddress);
        if (!IPAddress.TryParse(text, out IPAddress? address) || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text))
            return false; // "127.1" is not what it seems to be
        network = new(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    /// <summary>Whether one of the networks has the address; an IPv4 address that is written as an IPv6 one counts as itself.</summary>
    public bool Contains(IPAddress address)
    {
        if (_networks.Length == 0)
            return false;
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (IPNetwork network in _networks)
        {
            if (network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain))
                return true;
        }

        return false;
    }

    public override string ToString() => string.Join(", ", _networks);
}
