using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FullStack.Net.Tls;
using FullStack.Server.Acme;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Tls;

/// <summary>The certificates a server serves now. They follow their files: a renewed one is served to the next handshake.</summary>
internal sealed class CertificateCatalog : ICertificateSelector, IDisposable
{
    /// <summary>How often the files are looked at. Renewal tools write once in weeks; a look is one stat per file.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long before a certificate expires the log says so.</summary>
    public static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    /// <summary>How often the log says it.</summary>
    public static readonly TimeSpan WarnInterval = TimeSpan.FromDays(1);

    private readonly Lock _reloading = new();
    private readonly ILogger _logger;
    private readonly ITimer _poll;
    private readonly ITimer _warn;
    private readonly TimeProvider _time;
    private volatile ServedCertificates _current;

    private CertificateCatalog(ServerConfiguration configuration, TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _time = time;
        _current = new(configuration, time);
        Announce();
        _poll = time.CreateTimer(_ => Refresh(), null, PollInterval, PollInterval);
        _warn = time.CreateTimer(_ => WarnOfExpiry(), null, WarnInterval, WarnInterval);
    }

    /// <summary>Loads the configured certificates, or makes one where none is configured and none was made before.</summary>
    /// <exception cref="CertificateException">A file cannot be used.</exception>
    public static CertificateCatalog Open(ServerConfiguration configuration, TimeProvider time, ILogger logger)
    {
        MakeOwn(configuration, time, logger);
        return new CertificateCatalog(configuration, time, logger);
    }

    /// <summary>The time by which certificates are judged.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>The certificates, the default one first.</summary>
    public IReadOnlyList<ServedCertificate> Served => _current.Certificates;

    /// <summary>Those of the configuration that is in force.</summary>
    public ServedCertificates Current => _current;

    public SslStreamCertificateContext Select(string? serverName) => _current.Select(serverName);

    public bool TrustsClient(X509Certificate2 certificate, X509Certificate2Collection sent) => _current.TrustsClient(certificate, sent);

    /// <summary>Loads the certificates of another configuration. They are served once they are given to <see cref="Take"/>.</summary>
    /// <exception cref="CertificateException">A file cannot be used.</exception>
    public ServedCertificates Read(ServerConfiguration configuration)
    {
        MakeOwn(configuration, _time, _logger);
        return new(configuration, _time);
    }

    /// <summary>Serves other certificates from now on.</summary>
    public void Take(ServedCertificates read)
    {
        lock (_reloading)
            _current = read;
        Announce();
    }

    public void Dispose()
    {
        _poll.Dispose();
        _warn.Dispose();
    }

    /// <summary>The files that a configuration has served, the default first: what it names, then what was got by ACME; where there is neither, the server's own.</summary>
    public static IReadOnlyList<CertificateFiles> FilesOf(ServerConfiguration configuration)
    {
        AcmeFolder folder = AcmeFolder.In(configuration);
        CertificateFiles[] got = [.. configuration.Acme.Certificates.Select(folder.FilesOf).Where(static files => File.Exists(files.Certificate))];
        CertificateFiles[] ofOthers = configuration.Tls.Default is { } first ? [first, .. got] : got.Length > 0 ? got : [SelfSignedCertificate.FilesIn(configuration.TlsFolder)];
        return [.. ofOthers, .. configuration.Tls.Further];
    }

    /// <summary>Loads the certificates whose files changed.</summary>
    public void Refresh()
    {
        lock (_reloading)
        {
            try
            {
                if (!_current.Follow())
                    return;
            }
            catch (CertificateException e)
            {
                HostLog.CertificatesKept(_logger, e.Message);
                return;
            }
        }

        Announce();
    }

    private static void MakeOwn(ServerConfiguration configuration, TimeProvider time, ILogger logger)
    {
        if (configuration.Tls.Default is null && SelfSignedCertificate.MakeIfMissing(configuration.TlsFolder, configuration.HostName, time.GetUtcNow()))
            HostLog.CertificateMade(logger, configuration.HostName, configuration.TlsFolder);
    }

    private void Announce()
    {
        foreach (ServedCertificate certificate in _current.Certificates)
            HostLog.CertificateLoaded(_logger, certificate.Files.Certificate, string.Join(' ', certificate.Names), certificate.NotAfter);
        WarnOfExpiry();
    }

    private void WarnOfExpiry()
    {
        foreach (ServedCertificate certificate in _current.Certificates)
        {
            if (_time.GetUtcNow() > certificate.NotAfter - WarnBefore)
                HostLog.CertificateExpires(_logger, certificate.Files.Certificate, certificate.NotAfter);
        }
    }
}
