using System.Net;
using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;
using FullStack.Server.Acme;
using FullStack.Server.Cli;
using FullStack.Server.Configuration;
using FullStack.Server.Tls;
using FullStack.Server.Zone;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Store.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Server.Doctor;

/// <summary>All checks of one server: the one place that knows where each gets its evidence.</summary>
internal sealed class Checkup : IDisposable
{
    private const string Proc = "/proc";

    private readonly Resolver _configured;
    private readonly Resolver _believing;

    /// <param name="file">The configuration's file.</param>
    /// <param name="configuration">What it says.</param>
    /// <param name="domains">All domains whose mail is kept.</param>
    /// <param name="time">The clock.</param>
    public Checkup(string file, ServerConfiguration configuration, IReadOnlyList<string> domains, TimeProvider time)
    {
        DnsOptions dns = configuration.Dns;
        _configured = new(dns, time, NullLogger<Resolver>.Instance);
        _believing = new(new DnsOptions { Servers = dns.Servers, Timeout = dns.Timeout, Attempts = dns.Attempts, SecureServers = SecureServers.All }, time, NullLogger<Resolver>.Instance);
        int? server = StoreRoot.ProcessOf(configuration.Store.Root);
        IReadOnlyList<IPAddress> addresses = DomainRecords.OwnAddresses();
        RecordCheck records = new(_configured);
        Checks =
        [
            new PortsCheck(WantedBy(configuration), server, static () => ListeningSockets.Read(Proc)),
            new CertificatesCheck(CertificateCatalog.FilesOf(configuration), configuration.HostName, time.GetUtcNow()),
            new DnsRecordsCheck(RecordsOf(configuration, domains, addresses), records.CheckAsync),
            new ReverseNameCheck(configuration.HostName, addresses, _configured),
            new ResolverCheck(_believing, _configured),
            new ClockCheck(configuration.Data, time, KernelClock.IsSynchronised),
            new DiskRoomCheck(configuration.Data, FileSystemRoom.Of),
            new SyncCheck(configuration.Data, configuration.Store.Sync, static () => File.ReadLines(Proc + "/self/mountinfo"), folder => SyncCheck.MeasureIn(folder, time)),
            new LimitsCheck(Proc, server, configuration.Limits.Connections),
            new PermissionsCheck(configuration.Data, file, KeysOf(configuration)),
            new RelayCheck(configuration.HostName, MailFromOthers(configuration), addresses),
            new QueueCheck(configuration.QueueFolder, time),
            new IndexCheck(configuration.Data, DatabaseHealth.ProblemOf),
        ];
    }

    public IReadOnlyList<IDoctorCheck> Checks { get; }

    public void Dispose()
    {
        _configured.Dispose();
        _believing.Dispose();
    }

    private static IReadOnlyList<(string What, IPEndPoint EndPoint)> WantedBy(ServerConfiguration configuration) =>
    [
        .. configuration.Listeners.SelectMany(static listener => listener.Address.EndPoints().OfType<IPEndPoint>().Select(endPoint => (listener.Protocol.ToString().ToLowerInvariant(), endPoint))),
        .. configuration.Web.Listeners.SelectMany(static listener => listener.Address.EndPoints().OfType<IPEndPoint>().Select(endPoint => (listener.Tls ? "https" : "http", endPoint))),
    ];

    private static IReadOnlyList<IPEndPoint> MailFromOthers(ServerConfiguration configuration)
        => [.. configuration.Listeners.Where(static listener => listener.Protocol == ListenerProtocol.Smtp && !listener.Proxy && listener.Tls == ListenerTls.Start)
            .SelectMany(static listener => listener.Address.EndPoints().OfType<IPEndPoint>())];

    private static IReadOnlyList<string> KeysOf(ServerConfiguration configuration) =>
    [
        .. CertificateCatalog.FilesOf(configuration).Select(static files => files.Key),
        AcmeFolder.In(configuration).AccountOf(configuration.Acme.Directory),
        Path.Combine(configuration.Data, "directory.db"),
    ];

    /// <summary>What all domains want, each record once. An address of this host's own network is not what others see, and is not asked for.</summary>
    private static IReadOnlyList<AdvisedRecord> RecordsOf(ServerConfiguration configuration, IReadOnlyList<string> domains, IReadOnlyList<IPAddress> addresses)
    {
        using X509Certificate2? certificate = CertificateOf(configuration);
        return [.. domains.SelectMany(domain => DomainRecords.Of(domain, configuration, [.. addresses.Where(PublicAddress.Is)], certificate)).DistinctBy(static record => record.ZoneLine)];
    }

    private static X509Certificate2? CertificateOf(ServerConfiguration configuration)
    {
        try
        {
            return DnsCommand.CertificateInUse(configuration);
        }
        catch (CommandFailedException)
        {
            return null; // the check of certificates says why
        }
    }
}
