using System.Net;

namespace FullStack.Server.Hosting;

/// <summary>One listener that accepts connections.</summary>
/// <param name="Protocol">What is spoken there.</param>
/// <param name="Tls">When TLS begins.</param>
/// <param name="Address">An address and its real port, or the path of a Unix socket.</param>
public sealed record BoundListener(ListenerProtocol Protocol, ListenerTls Tls, EndPoint Address)
{
    /// <summary>Address and port.</summary>
    /// <exception cref="InvalidOperationException">It is a Unix socket.</exception>
    public IPEndPoint EndPoint => Address as IPEndPoint ?? throw new InvalidOperationException("a Unix socket has no port");
}
