using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Server.Configuration;

namespace FullStack.Server.Tls;

/// <summary>The authorities whose certificates say who a client is.</summary>
internal sealed class ClientAuthorities(X509Certificate2Collection roots)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2"; // id-kp-clientAuth, RFC 5280 §4.2.1.12

    /// <summary>No client's certificate is trusted.</summary>
    public static ClientAuthorities None { get; } = new([]);

    /// <summary>Reads a file of certificates.</summary>
    /// <param name="file">PEM; empty: there is none.</param>
    /// <exception cref="CertificateException">It cannot be read, or holds no certificate.</exception>
    public static ClientAuthorities Load(string file)
    {
        if (file.Length == 0)
            return None;
        try
        {
            X509Certificate2Collection roots = [];
            roots.ImportFromPemFile(file);
            return roots.Count > 0 ? new(roots) : throw new CertificateException($"{file} holds no certificate", new CertificateFiles(file, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CertificateException($"{file} cannot be used: {e.Message}", new CertificateFiles(file, file), e);
        }
    }

    /// <summary>Whether one of them made a certificate, for clients, and it is valid.</summary>
    /// <param name="certificate">The client's.</param>
    /// <param name="sent">What else the client sent, to explain it.</param>
    /// <param name="now">The time by which it has to be valid.</param>
    public bool Trust(X509Certificate2 certificate, X509Certificate2Collection sent, DateTimeOffset now)
    {
        if (roots.Count == 0)
            return false;
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(certificate);
    }
}
