using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FullStack.Net.Tls;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Tls;

/// <summary>The certificates a server serves now. They follow their files: a renewed one is served to the next handshake.</summary>
internal sealed class CertificateCatalog : ICertificateSelector, IDisposable
{
    /// <summary>How often the files are looked at. Renewal tools write once in weeks; a look is one stat per file.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _reloading = new();
    private readonly ILogger _logger;
    private readonly ITimer _poll;
    private volatile CertificateSet _current;
    private volatile ClientAuthorities _authorities;
    private readonly CertificateFiles _own;
    private readonly TimeProvider _time;
    private IReadOnlyList<CertificateFiles> _files;
    private string _clientFile;
    private string _seen;

    private CertificateCatalog(TlsConfiguration configuration, CertificateFiles own, TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _own = own;
        _time = time;
        (_files, _clientFile) = (FilesOf(configuration), configuration.ClientAuthorities);
        _seen = Fingerprint(_files, _clientFile);
        _current = CertificateSet.Load(_files);
        _authorities = ClientAuthorities.Load(_clientFile);
        Announce();
        _poll = time.CreateTimer(_ => ReloadIfChanged(), null, PollInterval, PollInterval);
    }

    /// <summary>Loads the configured certificates, or makes one where none is configured and none was made before.</summary>
    /// <exception cref="CertificateException">A file cannot be used.</exception>
    public static CertificateCatalog Open(ServerConfiguration configuration, TimeProvider time, ILogger logger)
    {
        CertificateFiles own = SelfSignedCertificate.FilesIn(configuration.TlsFolder);
        if (configuration.Tls.Default is null && SelfSignedCertificate.MakeIfMissing(configuration.TlsFolder, configuration.HostName, time.GetUtcNow()))
            HostLog.CertificateMade(logger, configuration.HostName, configuration.TlsFolder);

        return new CertificateCatalog(configuration.Tls, own, time, logger);
    }

    /// <summary>The time by which certificates are judged.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    public SslStreamCertificateContext Select(string? serverName) => _current.Select(serverName);

    public bool TrustsClient(X509Certificate2 certificate, X509Certificate2Collection sent) => _authorities.Trust(certificate, sent, Now);

    /// <summary>Loads the certificates of a new configuration, whether or not their files changed.</summary>
    /// <exception cref="CertificateException">A file cannot be used; the old set stays.</exception>
    public void Reload(TlsConfiguration configuration)
    {
        lock (_reloading)
        {
            IReadOnlyList<CertificateFiles> files = FilesOf(configuration);
            string seen = Fingerprint(files, configuration.ClientAuthorities);
            CertificateSet set = CertificateSet.Load(files);
            _authorities = ClientAuthorities.Load(configuration.ClientAuthorities);
            (_current, _files, _clientFile, _seen) = (set, files, configuration.ClientAuthorities, seen);
        }

        Announce();
    }

    public void Dispose() => _poll.Dispose();

    private IReadOnlyList<CertificateFiles> FilesOf(TlsConfiguration configuration) => [configuration.Default ?? _own, .. configuration.Further];

    // A certificate and its key are two files and are replaced one after the other: a pair that does not match is
    // kept out, and looked at again when either file changes again.
    private void ReloadIfChanged()
    {
        lock (_reloading)
        {
            string seen = Fingerprint(_files, _clientFile);
            if (seen == _seen)
                return;
            _seen = seen;
            try
            {
                (_current, _authorities) = (CertificateSet.Load(_files), ClientAuthorities.Load(_clientFile));
            }
            catch (CertificateException e)
            {
                HostLog.CertificatesKept(_logger, e.Message);
                return;
            }
        }

        Announce();
    }

    private void Announce()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (ServedCertificate certificate in _current.Certificates)
        {
            HostLog.CertificateLoaded(_logger, certificate.Files.Certificate, string.Join(' ', certificate.Names), certificate.NotAfter);
            if (now > certificate.NotAfter.AddDays(-14))
                HostLog.CertificateExpires(_logger, certificate.Files.Certificate, certificate.NotAfter);
        }
    }

    // Symbolic links (certbot's live folder) are followed: the time is that of the file they point to now.
    private static string Fingerprint(IReadOnlyList<CertificateFiles> files, string clientFile)
        => string.Join('|', files.SelectMany(static f => (string[])[f.Certificate, f.Key]).Append(clientFile).Where(static file => file.Length > 0).Select(StampOf));

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
}
