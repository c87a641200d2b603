using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace FullStack.Server.Acme;

/// <summary>The certificate that answers a tls-alpn-01 challenge: for one name, with the answer's digest in it.</summary>
/// <remarks>RFC 8737 §3.</remarks>
internal static class ChallengeCertificate
{
    /// <summary>id-pe-acmeIdentifier (RFC 8737 §6.1).</summary>
    public const string Identifier = "1.3.6.1.5.5.7.1.31";

    public static SslStreamCertificateContext Make(string name, string authorization, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=acme challenge", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        if (IPAddress.TryParse(name, out IPAddress? ip))
            names.AddIpAddress(ip);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        AsnWriter digest = new(AsnEncodingRules.DER);
        digest.WriteOctetString(SHA256.HashData(Encoding.ASCII.GetBytes(authorization)));
        request.CertificateExtensions.Add(new X509Extension(Identifier, digest.Encode(), critical: true));
        X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));
        return SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }
}
