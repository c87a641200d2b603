using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FullStack.Net.Tls;

/// <summary>The channel binding tls-server-end-point: a hash of the server's certificate.</summary>
/// <remarks>RFC 5929 §4.1. .NET computes it for clients alone, since it takes the other side's certificate; this is the server's own.</remarks>
internal static class ChannelBinding
{
    /// <returns>Empty where the certificate's signature has no single hash function, for which the binding is not defined.</returns>
    public static ReadOnlyMemory<byte> EndPointOf(X509Certificate2 certificate)
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
