using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FullStack.Unit.Smtp.Client;

/// <summary>A certificate for mx.example.test, by an intermediate authority, by a root.</summary>
internal sealed class HostCertificates
{
    public HostCertificates(string name = "mx.example.test", bool forged = false, bool expired = false)
    {
        Root = Make("CN=root", null, null);
        Intermediate = Make("CN=intermediate", Root, null);
        // A forger writes the authority's name, and signs with a key of his own.
        X509Certificate2 signer = forged ? Make("CN=intermediate", Root, null) : Intermediate;
        Leaf = Make($"CN={name}", signer, name, expired);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    public X509Certificate2 Leaf { get; }

    /// <summary>What the host shows.</summary>
    public X509Certificate2Collection Shown => [Leaf, Intermediate];

    private static X509Certificate2 Make(string subject, X509Certificate2? issuer, string? hostName, bool expired = false)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(hostName is null, false, 0, critical: true));
        if (hostName is not null)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(hostName);
            request.CertificateExtensions.Add(names.Build());
        }

        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1), to = DateTimeOffset.UtcNow.AddDays(expired ? -0.5 : 1);
        if (issuer is null)
            return request.CreateSelfSigned(from, to);
        using X509Certificate2 made = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), from, to, RandomNumberGenerator.GetBytes(8));
        return made.CopyWithPrivateKey(key);
    }
}
