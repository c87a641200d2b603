using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FullStack.Net.Tls;
using FullStack.Server.Configuration;

namespace FullStack.Server.Tls;

/// <summary>The certificates of one configuration. They follow their files while it is in force, and stay as they were after it.</summary>
/// <remarks>So a session that began before a reload goes on with certificates and rules of the same configuration.</remarks>
internal sealed class ServedCertificates : ICertificateSelector
{
    private readonly ServerConfiguration _configuration;
    private readonly TimeProvider _time;
    private volatile Loaded _loaded;
    private string _seen;

    /// <exception cref="CertificateException">A file cannot be used.</exception>
    public ServedCertificates(ServerConfiguration configuration, TimeProvider time)
    {
        (_configuration, _time) = (configuration, time);
        IReadOnlyList<CertificateFiles> files = CertificateCatalog.FilesOf(configuration);
        _seen = Fingerprint(files);
        _loaded = Load(files);
    }

    /// <summary>The certificates, the default one first.</summary>
    public IReadOnlyList<ServedCertificate> Certificates => _loaded.Set.Certificates;

    public SslStreamCertificateContext Select(string? serverName) => _loaded.Set.Select(serverName);

    public bool TrustsClient(X509Certificate2 certificate, X509Certificate2Collection sent) => _loaded.Authorities.Trust(certificate, sent, _time.GetUtcNow());

    /// <summary>Loads the files again if they have changed since the last look. One caller at a time.</summary>
    /// <returns>Whether other certificates are served now.</returns>
    /// <exception cref="CertificateException">They cannot be used; the old ones stay until the files change again.</exception>
    public bool Follow()
    {
        // A certificate and its key may be two files, and are replaced one after the other: a pair that does not match is
        // kept out, and looked at again when either file changes again.
        IReadOnlyList<CertificateFiles> files = CertificateCatalog.FilesOf(_configuration);
        string seen = Fingerprint(files);
        if (seen == _seen)
            return false;
        _seen = seen;
        _loaded = Load(files);
        return true;
    }

    private Loaded Load(IReadOnlyList<CertificateFiles> files) => new(CertificateSet.Load(files), ClientAuthorities.Load(_configuration.Tls.ClientAuthorities));

    // Symbolic links (certbot's live folder) are followed: the time is that of the file they point to now.
    private string Fingerprint(IReadOnlyList<CertificateFiles> files)
        => string.Join('|', files.SelectMany(static f => (string[])[f.Certificate, f.Key]).Append(_configuration.Tls.ClientAuthorities).Where(static file => file.Length > 0).Select(StampOf));

    private static string StampOf(string file)
    {
        try
        {
            FileSystemInfo info = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(file);
            return $"{info.FullName} {info.LastWriteTimeUtc.Ticks} {(info as FileInfo)?.Exists} {(info is FileInfo { Exists: true } f ? f.Length : 0)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unreadable"; // as any other change: loading says why, and the certificates in use stay
        }
    }

    private sealed record Loaded(CertificateSet Set, ClientAuthorities Authorities);
}
