using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Throttling;

/// <summary>Makes the keys under which failures are counted.</summary>
public sealed class ThrottleKey
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>One key for an IPv4 address, one for an IPv6 /64: what one site usually has.</summary>
    public static UInt128 OfNetwork(IPAddress peer)
    {
        if (peer.IsIPv4MappedToIPv6)
            peer = peer.MapToIPv4();
        Span<byte> octets = stackalloc byte[16];
        if (!peer.TryWriteBytes(octets, out int written))
            return UInt128.Zero;
        if (peer.AddressFamily == AddressFamily.InterNetwork)
            return 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(octets[..written]);
        return (UInt128)BinaryPrimitives.ReadUInt64BigEndian(octets) << 64;
    }

    /// <summary>The network that <see cref="OfNetwork"/> has one key for, as people write it.</summary>
    public static string NameOfNetwork(IPAddress peer)
    {
        if (peer.IsIPv4MappedToIPv6)
            peer = peer.MapToIPv4();
        if (peer.AddressFamily != AddressFamily.InterNetworkV6)
            return peer.ToString();
        byte[] octets = peer.GetAddressBytes();
        octets.AsSpan(8).Clear();
        return $"{new IPAddress(octets)}/64";
    }

    /// <summary>A key for an account in a network.</summary>
    public static UInt128 OfPair(UInt128 account, UInt128 network) => account ^ ((network << 64) | (network >> 64));

    /// <summary>A key for an account, existing or not. Keyed, so that nobody can choose names that share one; short, whatever the name's length.</summary>
    public UInt128 OfAccount(string account)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(account), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
