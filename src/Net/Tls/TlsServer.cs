using System.Net.Security;
using System.Security.Authentication;

namespace FullStack.Net.Tls;

/// <summary>Chooses the certificate for a handshake. The choice may change while the server runs.</summary>
public interface ICertificateSelector
{
    /// <summary>The certificate for the name the client asked for by SNI; the default one where it asked for none or an unknown one.</summary>
    SslStreamCertificateContext Select(string? serverName);
}

/// <summary>The server's side of TLS: TLS 1.2 and 1.3, no renegotiation, no compression.</summary>
/// <remarks>RFC 8314 §4.1, RFC 7525. ALPN is left to the peer: mail clients send none or their protocol's name.</remarks>
public sealed class TlsServer(ICertificateSelector certificates)
{
    internal SslServerAuthenticationOptions OptionsFor(string? serverName) => new()
    {
        ServerCertificateContext = certificates.Select(serverName),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
    };
}

/// <summary>What a finished handshake agreed on.</summary>
/// <param name="Protocol">For instance <c>TLSv1.3</c>, as the Received header names it.</param>
/// <param name="CipherSuite">The IANA name of the cipher suite.</param>
/// <param name="ServerName">The name asked for by SNI; empty where none was.</param>
public sealed record TlsSession(string Protocol, string CipherSuite, string ServerName)
{
    /// <summary>The channel binding tls-server-end-point (RFC 5929 §4); empty where there is none.</summary>
    public ReadOnlyMemory<byte> EndPointBinding { get; init; }
}
