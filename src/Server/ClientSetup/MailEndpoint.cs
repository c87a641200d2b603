using System.Net;
using FullStack.Server.Hosting;

namespace FullStack.Server.ClientSetup;

/// <summary>A place where a mail program reads or sends mail.</summary>
/// <param name="Protocol">IMAP, POP3 or submission.</param>
/// <param name="Host">The name to connect to.</param>
/// <param name="Port">The port.</param>
/// <param name="Tls">Whether TLS begins with the first octet, or by STARTTLS.</param>
internal sealed record MailEndpoint(ListenerProtocol Protocol, string Host, int Port, ListenerTls Tls)
{
    /// <summary>The places that a server has for mail programs, best first: TLS from the first octet before STARTTLS (RFC 8314 §3.3), IMAP before POP3.</summary>
    /// <remarks>What listens on this host alone can be reached as localhost only; where there is anything else, it is left out.</remarks>
    public static IReadOnlyList<MailEndpoint> Of(string hostName, IReadOnlyList<BoundListener> listeners)
    {
        listeners = [.. listeners.Where(static listener => listener.Address is IPEndPoint)]; // no mail program comes by a Unix socket
        bool isPublic = listeners.Any(static listener => !IPAddress.IsLoopback(listener.EndPoint.Address));
        return
        [
            .. listeners
                .Where(listener => listener.Protocol is ListenerProtocol.Imap or ListenerProtocol.Pop3 or ListenerProtocol.Submission
                    && IPAddress.IsLoopback(listener.EndPoint.Address) != isPublic)
                .Select(listener => new MailEndpoint(listener.Protocol, isPublic ? hostName : "localhost", listener.EndPoint.Port, listener.Tls))
                .Distinct()
                .OrderBy(static endpoint => endpoint.Protocol switch { ListenerProtocol.Imap => 0, ListenerProtocol.Pop3 => 1, _ => 2 })
                .ThenBy(static endpoint => endpoint.Tls == ListenerTls.Implicit ? 0 : 1),
        ];
    }
}
