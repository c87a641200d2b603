using System.Net;
using FullStack.Auth.Sasl;

namespace FullStack.Auth.Backends;

/// <summary>What a directory says of an account's logins beside its password.</summary>
/// <param name="Networks">From where it may log in; null: from everywhere.</param>
/// <param name="Services">What it may log in to.</param>
public sealed record LoginRules(IReadOnlyList<IPNetwork>? Networks, LoginService Services)
{
    /// <summary>Those of an account of which a directory says nothing.</summary>
    public static LoginRules None { get; } = new(null, LoginService.All);

    /// <summary>Whether an address is in one of the networks.</summary>
    public bool AllowsNetworkOf(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Networks is null || Networks.Any(network => network.Contains(plain));
    }

    /// <summary>Whether it may log in to something. A login that names no service needs all of them.</summary>
    public bool AllowsService(LoginService service)
        => service == LoginService.None ? Services == LoginService.All : (Services & service) != 0;

    /// <summary>Reads networks as Dovecot's <c>allow_nets</c> has them: addresses, or addresses with the length of their prefix, with commas or spaces between them.</summary>
    /// <exception cref="FormatException">One of them is no network. Without it the account might be kept out, or others let in.</exception>
    internal static IReadOnlyList<IPNetwork> ReadNetworks(string text)
    {
        List<IPNetwork> networks = [];
        foreach (string one in text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (one == "local")
                continue; // Dovecot's name for clients that come through a socket of this host's, of which there are none here
            int slash = one.IndexOf('/', StringComparison.Ordinal);
            if (!IPAddress.TryParse(slash < 0 ? one : one[..slash], out IPAddress? address))
                throw new FormatException($"{one} is no network");
            int width = address.GetAddressBytes().Length * 8, prefix = width;
            if (slash >= 0 && (!int.TryParse(one[(slash + 1)..], System.Globalization.NumberStyles.None, null, out prefix) || prefix > width))
                throw new FormatException($"{one} is no network");
            networks.Add(NetworkOf(address, prefix));
        }

        return networks;
    }

    /// <summary>With the bits behind the prefix cleared, which administrators write as they come.</summary>
    private static IPNetwork NetworkOf(IPAddress address, int prefix)
    {
        byte[] octets = address.GetAddressBytes();
        for (int bit = prefix; bit < octets.Length * 8; bit++)
            octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new(new IPAddress(octets), prefix);
    }
}
