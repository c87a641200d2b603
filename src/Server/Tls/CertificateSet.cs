using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Server.Configuration;

namespace FullStack.Server.Tls;

/// <summary>One certificate ready for handshakes.</summary>
/// <param name="Files">Where it came from.</param>
/// <param name="Context">Certificate, key and chain, prepared once.</param>
/// <param name="Names">The host names it is for, lower case; a wildcard as <c>*.example.test</c>.</param>
/// <param name="NotAfter">When it expires.</param>
internal sealed record ServedCertificate(
    CertificateFiles Files, SslStreamCertificateContext Context, IReadOnlyList<string> Names, DateTimeOffset NotAfter);

/// <summary>All certificates of one configuration, by host name: immutable, swapped as a whole.</summary>
internal sealed class CertificateSet
{
    private readonly FrozenDictionary<string, SslStreamCertificateContext> _byName;

    private CertificateSet(IReadOnlyList<ServedCertificate> certificates)
    {
        Certificates = certificates;
        Dictionary<string, SslStreamCertificateContext> byName = new(StringComparer.OrdinalIgnoreCase);
        foreach (ServedCertificate certificate in certificates)
        {
            foreach (string name in certificate.Names)
                byName.TryAdd(name, certificate.Context); // the first that has a name keeps it
        }

        _byName = byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The certificates, the default one first.</summary>
    public IReadOnlyList<ServedCertificate> Certificates { get; }

    /// <exception cref="CertificateException">A file cannot be used.</exception>
    public static CertificateSet Load(IReadOnlyList<CertificateFiles> files) => new([.. files.Select(LoadOne)]);

    /// <summary>Exact name, then the wildcard for all but its first label (a star stands for one label only), then the default.</summary>
    public SslStreamCertificateContext Select(string? serverName)
    {
        if (string.IsNullOrEmpty(serverName))
            return Certificates[0].Context;
        string name = serverName.TrimEnd('.');
        if (_byName.TryGetValue(name, out SslStreamCertificateContext? exact))
            return exact;
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && _byName.TryGetValue("*" + name[dot..], out SslStreamCertificateContext? wildcard) ? wildcard : Certificates[0].Context;
    }

    private static ServedCertificate LoadOne(CertificateFiles files)
    {
        foreach (string file in (string[])[files.Certificate, files.Key])
        {
            if (!File.Exists(file))
                throw new CertificateException($"{file}: no such file", files);
        }

        try
        {
            // The key stays in memory only; on Linux the handshake takes it as it is, no detour over PKCS #12 is needed.
            X509Certificate2 leaf = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(files.Certificate);
            chain.RemoveAt(0);
            // Offline: a handshake must not depend on fetching an issuer that the chain file leaves out.
            SslStreamCertificateContext context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
            return new ServedCertificate(files, context, NamesOf(leaf), leaf.NotAfter);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CertificateException($"{files.Certificate} with {files.Key}: {e.Message}", files, e);
        }
    }

    /// <summary>The host names that a certificate is for.</summary>
    public static string[] NamesOf(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] fromExtension = names is null ? [] : [.. names.EnumerateDnsNames().Select(static n => n.ToLowerInvariant())];
        return fromExtension.Length > 0 ? fromExtension : [certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false).ToLowerInvariant()];
    }
}
