using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FullStack.Smtp.Server;

/// <summary>The Received field that this host puts on top of each message it takes.</summary>
/// <remarks>RFC 5321 §4.4; protocol names RFC 3848 and RFC 6531 §4.3.</remarks>
internal static class TraceField
{
    /// <summary>Longest list of classes written into the field: a line has at most 998 octets.</summary>
    private const int MaxSolicitations = 900;

    /// <summary>Formats the field with its line end.</summary>
    public static byte[] Received(QueueId id, Envelope envelope, SmtpPeer peer, string hostName, DateTimeOffset now)
    {
        string literal = peer.IsLocalSocket ? "local socket" : Literal(peer.Address);
        string from = peer.HelloNameIsValid ? peer.HelloName : Literal(peer.Address);
        string known = string.IsNullOrEmpty(peer.HostName) ? "" : peer.HostName + " ";
        StringBuilder field = new("Received: ");
        if (peer.Role == SmtpRole.Local)
            field.Append(CultureInfo.InvariantCulture, $"by {hostName}{(peer.LocalUser is { } user ? $" (from user {user})" : "")}"); // no host sent it
        else
            field.Append(CultureInfo.InvariantCulture, $"from {from} ({known}{literal})\r\n\tby {hostName} with {Protocol(envelope, peer)}");
        if (envelope.Solicitations.Length is > 0 and <= MaxSolicitations)
            field.Append(CultureInfo.InvariantCulture, $"\r\n\t(SOLICIT={envelope.Solicitations})"); // RFC 3865 §2.6
        if (peer.Tls is { } tls)
            field.Append(CultureInfo.InvariantCulture, $"\r\n\t({tls.Protocol} {tls.CipherSuite})");
        field.Append(CultureInfo.InvariantCulture, $"\r\n\tid {id}");

        // With several recipients each would learn of the others, also of those in Bcc (RFC 5321 §7.2).
        if (envelope.Recipients is [Recipient only] && !only.Path.IsBarePostmaster)
            field.Append(CultureInfo.InvariantCulture, $"\r\n\tfor {only.Path}");
        if (envelope.Priority != 0)
            field.Append(CultureInfo.InvariantCulture, $"\r\n\tpriority {envelope.Priority}"); // RFC 6710 §7
        field.Append(CultureInfo.InvariantCulture, $"; {Date(now)}\r\n");
        return Encoding.UTF8.GetBytes(field.ToString());
    }

    /// <summary>A date and time as header fields have it, in UTC.</summary>
    /// <remarks>RFC 5322 §3.3.</remarks>
    public static string Date(DateTimeOffset now)
        => now.ToUniversalTime().ToString("ddd, d MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);

    /// <summary>An address as a literal in brackets.</summary>
    /// <remarks>RFC 5321 §4.1.3.</remarks>
    public static string Literal(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
            return $"[{plain}]";
        return $"[IPv6:{new IPAddress(plain.GetAddressBytes())}]"; // without the scope, which only means something here
    }

    private static string Protocol(Envelope envelope, SmtpPeer peer)
    {
        if (!peer.Extended)
            return "SMTP"; // no letters were registered for HELO
        string name = peer.Role == SmtpRole.Lmtp ? envelope.SmtpUtf8 ? "UTF8LMTP" : "LMTP" : envelope.SmtpUtf8 ? "UTF8SMTP" : "ESMTP";
        return name + (peer.Tls is null ? "" : "S") + (peer.Account is null ? "" : "A");
    }
}
