using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;

namespace FullStack.Server.Tls;

/// <summary>The certificate a server makes for itself where none is configured: enough to encrypt, known to nobody else.</summary>
internal static class SelfSignedCertificate
{
    /// <summary>Where the certificate and the key of a folder are.</summary>
    public static CertificateFiles FilesIn(string folder) => new(Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));

    /// <summary>Makes certificate and key where one of them is missing.</summary>
    /// <returns>Whether they were made.</returns>
    public static bool MakeIfMissing(string folder, string hostName, DateTimeOffset now)
    {
        CertificateFiles files = FilesIn(folder);
        if (File.Exists(files.Certificate) && File.Exists(files.Key))
            return false;
        Make(folder, hostName, now);
        return true;
    }

    /// <summary>Makes a key (ECDSA P-256) and a certificate for 10 years, for the host's name and for this host itself.</summary>
    private static void Make(string folder, string hostName, DateTimeOffset now)
    {
        PrivateFolder.Make(folder);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={hostName}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(hostName);
        if (hostName != "localhost")
            names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        // A certificate authority of its own: clients that pin or import it can then verify it.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // serverAuth
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        CertificateFiles files = FilesIn(folder);
        PrivateFolder.WriteFile(files.Key, key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFolder.WriteFile(files.Certificate, certificate.ExportCertificatePem() + "\n");
    }
}
