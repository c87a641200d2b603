using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FullStack.Net.Tls;

/// <summary>What both ends of a TLS connection know of it, and nobody in between could have arranged: a login can be bound to it.</summary>
/// <remarks>RFC 5056 §2; the names are those of IANA's registry.</remarks>
public static class ChannelBindings
{
    /// <summary>Keying material of the connection (RFC 9266): TLS 1.3.</summary>
    public const string Exporter = "tls-exporter";

    /// <summary>The first Finished message (RFC 5929 §3): TLS 1.2.</summary>
    public const string Unique = "tls-unique";

    /// <summary>A hash of the server's certificate (RFC 5929 §4).</summary>
    public const string EndPoint = "tls-server-end-point";

    /// <returns>Empty where the connection has none of that kind.</returns>
    internal static ReadOnlyMemory<byte> Find(SslStream stream, string name)
    {
        try
        {
            return name switch
            {
                Exporter => OpenSslBinding.ExporterOf(stream),
                Unique => OpenSslBinding.UniqueOf(stream),
                EndPoint => (stream.IsServer ? stream.LocalCertificate : stream.RemoteCertificate) is X509Certificate2 certificate ? EndPointOf(certificate) : default,
                _ => default,
            };
        }
        catch (ObjectDisposedException)
        {
            return default; // the connection has ended
        }
    }

    /// <summary>.NET computes it for clients alone, since it takes the other side's certificate.</summary>
    /// <returns>Empty where the certificate's signature has no single hash function, for which the binding is not defined (RFC 5929 §4.1).</returns>
    private static ReadOnlyMemory<byte> EndPointOf(X509Certificate2 certificate)
    {
        HashAlgorithmName? hash = certificate.SignatureAlgorithm.Value switch
        {
            // MD5 and SHA-1 are replaced by SHA-256.
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => null,
        };
        return hash is { } name ? CryptographicOperations.HashData(name, certificate.RawDataMemory.Span) : ReadOnlyMemory<byte>.Empty;
    }
}
