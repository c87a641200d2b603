using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace FullStack.Net.Tls;

/// <summary>Chooses the certificate for a handshake. The choice may change while the server runs.</summary>
public interface ICertificateSelector
{
    /// <summary>The certificate for the name the client asked for by SNI; the default one where it asked for none or an unknown one.</summary>
    SslStreamCertificateContext Select(string? serverName);

    /// <summary>Whether a client's certificate says by itself who the client is.</summary>
    /// <param name="certificate">The client's; that the client has its key is known.</param>
    /// <param name="sent">What else the client sent, to explain it.</param>
    bool TrustsClient(X509Certificate2 certificate, X509Certificate2Collection sent) => false;
}

/// <summary>The server's side of TLS: TLS 1.2 and 1.3, no renegotiation, no compression.</summary>
/// <remarks>RFC 8314 §4.1, RFC 7525. ALPN is left to the peer: mail clients send none or their protocol's name.</remarks>
public sealed class TlsServer(ICertificateSelector certificates)
{
    /// <param name="serverName">Whom the client asks for.</param>
    /// <param name="asksForCertificate">The client may show a certificate.</param>
    internal SslServerAuthenticationOptions OptionsFor(string? serverName, bool asksForCertificate) => new()
    {
        ServerCertificateContext = certificates.Select(serverName),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = asksForCertificate,
        // A session that is resumed brings the client's certificate along, also to where nobody is asked for one, and asks for no other (RFC 8446 §4.6.1); what explained it is lost.
        AllowTlsResume = !asksForCertificate,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
        AllowRenegotiation = false,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
    };

    internal ClientCertificate Judge(X509Certificate2 certificate, X509Certificate2Collection sent)
        => new(certificate, certificates.TrustsClient(certificate, sent));
}

/// <summary>What a finished handshake agreed on.</summary>
/// <param name="Protocol">For instance <c>TLSv1.3</c>, as the Received header names it.</param>
/// <param name="CipherSuite">The IANA name of the cipher suite.</param>
/// <param name="ServerName">The name asked for by SNI; empty where none was.</param>
public sealed record TlsSession(string Protocol, string CipherSuite, string ServerName)
{
    /// <summary>The data of a kind of <see cref="ChannelBindings"/>; empty where the connection has none. Asked for when needed: what idles holds none.</summary>
    public Func<string, ReadOnlyMemory<byte>> FindBinding { get; init; } = static _ => default;

    /// <summary>What the client has shown of itself; null where it was not asked, or has shown nothing.</summary>
    public ClientCertificate? Client { get; init; }
}
