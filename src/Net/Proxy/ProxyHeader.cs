using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FullStack.Net.Proxy;

/// <summary>What a proxy says in front of a connection: whose it is.</summary>
/// <remarks>The PROXY protocol of HAProxy, versions 1 and 2. Its further fields (TLVs) are not looked at.</remarks>
/// <param name="Source">The client; null where the connection is the proxy's own (a health check, or UNKNOWN).</param>
/// <param name="Destination">What the client connected to; null likewise.</param>
public sealed record ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination)
{
    /// <summary>Longest header of version 1, with its line end.</summary>
    public const int MaxTextOctets = 107;

    /// <summary>Longest header of version 2 that is taken: sixteen octets, addresses, and room for the further fields that are in use.</summary>
    public const int MaxBinaryOctets = 16 + 4096;

    private const int FixedOctets = 16;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads a header at the start of what has come.</summary>
    /// <param name="octets">All that has come.</param>
    /// <param name="header">The header, where it is whole and good.</param>
    /// <param name="length">Its octets.</param>
    public static ProxyParse Read(ReadOnlySpan<byte> octets, out ProxyHeader? header, out int length)
    {
        header = null;
        length = 0;
        int common = octets.CommonPrefixLength(Signature);
        if (common == Signature.Length)
            return ReadBinary(octets, out header, out length);
        if (common == octets.Length || "PROXY "u8.StartsWith(octets))
            return ProxyParse.Incomplete;
        return octets.StartsWith("PROXY "u8) ? ReadText(octets, out header, out length) : ProxyParse.Malformed;
    }

    private static ProxyParse ReadText(ReadOnlySpan<byte> octets, out ProxyHeader? header, out int length)
    {
        header = null;
        length = 0;
        ReadOnlySpan<byte> most = octets[..Math.Min(octets.Length, MaxTextOctets)];
        int end = most.IndexOf("\r\n"u8);
        if (end < 0)
            return octets.Length >= MaxTextOctets || most[..^1].Contains((byte)'\r') || most.Contains((byte)'\n') ? ProxyParse.Malformed : ProxyParse.Incomplete;
        length = end + 2;
        ReadOnlySpan<byte> rest = most["PROXY ".Length..end];
        if (rest.SequenceEqual("UNKNOWN"u8) || rest.StartsWith("UNKNOWN "u8))
        {
            header = new(null, null);
            return ProxyParse.Done;
        }

        AddressFamily family = rest.StartsWith("TCP4 "u8) ? AddressFamily.InterNetwork : rest.StartsWith("TCP6 "u8) ? AddressFamily.InterNetworkV6 : AddressFamily.Unspecified;
        if (family == AddressFamily.Unspecified)
            return ProxyParse.Malformed;
        rest = rest["TCP4 ".Length..];
        if (!TryTakeAddress(ref rest, family, out IPAddress? source) || !TryTakeAddress(ref rest, family, out IPAddress? destination)
            || !TryTakePort(ref rest, out int sourcePort) || !TryTakePort(ref rest, out int destinationPort) || !rest.IsEmpty)
            return ProxyParse.Malformed;
        header = new(new(source!, sourcePort), new(destination!, destinationPort));
        return ProxyParse.Done;
    }

    private static ProxyParse ReadBinary(ReadOnlySpan<byte> octets, out ProxyHeader? header, out int length)
    {
        header = null;
        length = 0;
        if (octets.Length < FixedOctets)
            return ProxyParse.Incomplete;
        length = FixedOctets + BinaryPrimitives.ReadUInt16BigEndian(octets[14..]);
        if (octets[12] is not (0x20 or 0x21) || length > MaxBinaryOctets)
            return ProxyParse.Malformed;
        if (octets.Length < length)
            return ProxyParse.Incomplete;
        bool isOwn = octets[12] == 0x20;
        int address = octets[13] switch { 0x11 => 4, 0x21 => 16, _ => 0 }; // TCP over IPv4, over IPv6; of others nothing is known
        if (isOwn || address == 0)
        {
            header = new(null, null);
            return ProxyParse.Done;
        }

        ReadOnlySpan<byte> block = octets[FixedOctets..length];
        if (block.Length < (2 * address) + 4)
            return ProxyParse.Malformed;
        header = new(
            new(new IPAddress(block[..address]), BinaryPrimitives.ReadUInt16BigEndian(block[(2 * address)..])),
            new(new IPAddress(block[address..(2 * address)]), BinaryPrimitives.ReadUInt16BigEndian(block[((2 * address) + 2)..])));
        return ProxyParse.Done;
    }

    private static bool TryTakeAddress(ref ReadOnlySpan<byte> rest, AddressFamily family, out IPAddress? address)
    {
        address = null;
        int space = rest.IndexOf((byte)' ');
        if (space <= 0 || rest[..space].ContainsAnyExcept("0123456789abcdefABCDEF.:"u8))
            return false;
        string text = Encoding.ASCII.GetString(rest[..space]);
        rest = rest[(space + 1)..];
        return IPAddress.TryParse(text, out address) && address.AddressFamily == family
            && (family == AddressFamily.InterNetworkV6 || address.ToString() == text);
    }

    private static bool TryTakePort(ref ReadOnlySpan<byte> rest, out int port)
    {
        port = 0;
        if (!Utf8Parser.TryParse(rest, out ushort number, out int consumed) || (consumed > 1 && rest[0] == '0'))
            return false;
        port = number;
        rest = rest[consumed..];
        if (rest.IsEmpty)
            return true;
        if (rest[0] != ' ' || rest.Length == 1)
            return false;
        rest = rest[1..];
        return true;
    }
}
