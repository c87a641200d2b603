using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace FullStack.Net.Tls;

/// <summary>The client's side of TLS with one host: TLS 1.2 and 1.3, no renegotiation, no compression.</summary>
/// <param name="ServerName">Asked for by SNI where it is a host name (RFC 6066 §3); for an address nothing is.</param>
/// <param name="Trusts">
/// Says whether the host's certificate will do, given it and what else the host sent to explain it. Its answer is the only one: nothing else judges.
/// </param>
public sealed record TlsClient(string ServerName, Func<X509Certificate2, X509Certificate2Collection, bool> Trusts)
{
    internal SslClientAuthenticationOptions ToOptions() => new()
    {
        TargetHost = ServerName,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        // The runtime's own chain is built for nothing: its verdict is not asked for. It must at least fetch nothing from the net.
        CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => certificate is X509Certificate2 shown && Trusts(shown, chain?.ChainPolicy.ExtraStore ?? []),
    };
}
