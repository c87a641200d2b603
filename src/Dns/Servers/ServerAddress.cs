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
        if (!IPEndPoint.TryParse(text, out server))
            return false;
        bool hasPort = server.AddressFamily == AddressFamily.InterNetworkV6 ? text.Contains(']', StringComparison.Ordinal) && !text.EndsWith(']') : text.Contains(':', StringComparison.Ordinal);
        if (hasPort && server.Port == 0)
            return false;
        if (!hasPort)
            server.Port = Port;
        if (server.AddressFamily == AddressFamily.InterNetwork && !text.StartsWith(server.Address.ToString(), StringComparison.Ordinal))
            return false; // "127.1" is not what it seems to be
        return true;
    }

    /// <exception cref="FormatException">It is no address.</exception>
    public static IPEndPoint Parse(string text)
        => TryParse(text, out IPEndPoint? server) ? server : throw new FormatException($"no address of a DNS server: {text}");
}
