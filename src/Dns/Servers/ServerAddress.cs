using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace FullStack.Dns.Servers;

/// <summary>How a configuration names a server: <c>192.0.2.53</c>, <c>127.0.0.1:5353</c>, <c>2001:db8::53</c>, <c>[::1]:5353</c>.</summary>
public static class ServerAddress
{
    private const int Port = 53;

    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? server)
    {
        server = null;
        if (!IPEndPoint.TryParse(text, out IPEndPoint? parsed))
            return false;
        bool isSix = parsed.AddressFamily == AddressFamily.InterNetworkV6;
        if (!isSix && !text.StartsWith(parsed.Address.ToString(), StringComparison.Ordinal))
            return false; // "127.1" is not what it seems to be
        bool hasPort = isSix ? text.StartsWith('[') && !text.EndsWith(']') : text.Contains(':', StringComparison.Ordinal);
        if (!hasPort)
            parsed.Port = Port;
        if (parsed.Port == 0)
            return false;
        server = parsed;
        return true;
    }

    /// <exception cref="FormatException">It is no address.</exception>
    public static IPEndPoint Parse(string text)
        => TryParse(text, out IPEndPoint? server) ? server : throw new FormatException($"no address of a DNS server: {text}");
}
