using System.Diagnostics.Metrics;
using FullStack.Server.Tls;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Acme;

/// <summary>All that a running server does for its certificates: it serves them, and gets those that it has to get itself.</summary>
internal sealed class CertificateKeeper : IAsyncDisposable
{
    private CertificateKeeper(ServerConfiguration configuration, CertificateCatalog catalog, TimeProvider time, ILogger logger)
    {
        Catalog = catalog;
        Pending = new(time);
        Renewal = new(configuration, catalog, Pending, time, logger);
    }

    public CertificateCatalog Catalog { get; }

    public PendingChallenges Pending { get; }

    public CertificateRenewal Renewal { get; }

    /// <exception cref="CertificateException">A file cannot be used.</exception>
    public static CertificateKeeper Open(ServerConfiguration configuration, TimeProvider time, ILogger logger)
        => new(configuration, CertificateCatalog.Open(configuration, time, logger), time, logger);

    /// <summary>Takes over another configuration, whose certificates <see cref="CertificateCatalog.Read"/> has loaded.</summary>
    public void Take(AcmeConfiguration orders, ServedCertificates read)
    {
        Catalog.Take(read);
        Renewal.Reload(orders);
    }

    /// <summary>Has it measured for how long certificates are good.</summary>
    public void MeasureBy(Meter meter) => meter.CreateObservableGauge("fullstack.certificate.remaining", Remaining, "s", "How long certificates are good, by the first name in them");

    private IEnumerable<Measurement<double>> Remaining()
        => Catalog.Served.Select(served => new Measurement<double>((served.NotAfter - Catalog.Now).TotalSeconds, new KeyValuePair<string, object?>("name", served.Names[0])));

    public async ValueTask DisposeAsync()
    {
        await Renewal.DisposeAsync();
        Catalog.Dispose();
    }
}
