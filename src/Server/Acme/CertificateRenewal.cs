using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Net;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Tls;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Acme;

/// <summary>Gets the certificates that the configuration orders, and renews them.</summary>
/// <remarks>
/// A new certificate is on the disk, whole, before the old one is replaced, by one rename. A crash before it costs an order, and nothing else; one after it nothing.
/// </remarks>
internal sealed class CertificateRenewal : IAsyncDisposable
{
    /// <summary>How long nothing is looked at, at most: clocks are set, and machines sleep.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromHours(6);

    private static readonly TimeSpan s_shortestWait = TimeSpan.FromSeconds(1);

    /// <summary>How long one attempt may take.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private readonly AcmeFolder _folder;
    private readonly CertificateCatalog _catalog;
    private readonly PendingChallenges _pending;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly Lock _gate = new();
    private readonly HashSet<string> _asked = [];
    private volatile AcmeConfiguration _configuration;
    private Task _running = Task.CompletedTask;

    public CertificateRenewal(ServerConfiguration configuration, CertificateCatalog catalog, PendingChallenges pending, TimeProvider time, ILogger logger)
    {
        (_folder, _configuration) = (AcmeFolder.In(configuration), configuration.Acme);
        (_catalog, _pending, _time, _logger) = (catalog, pending, time, logger);
    }

    /// <summary>What makes the connections to authorities.</summary>
    public Func<AcmeConfiguration, HttpMessageHandler> Connector { get; init; } = Connect;

    /// <summary>Begins to look after certificates.</summary>
    public void Start() => _running = RunAsync(_stopping.Token);

    /// <summary>Takes over another configuration.</summary>
    public void Reload(AcmeConfiguration configuration)
    {
        _configuration = configuration;
        Wake();
    }

    /// <summary>Has certificates renewed at once, whenever they are due.</summary>
    /// <param name="name">A name that is in them; null: all.</param>
    /// <returns>Those that it concerns.</returns>
    public IReadOnlyList<OrderedCertificate> Ask(string? name)
    {
        OrderedCertificate[] meant = [.. _configuration.Certificates.Where(certificate => name is null || certificate.Names.Contains(name))];
        lock (_gate)
            _asked.UnionWith(meant.Select(static certificate => certificate.Names[0]));
        Wake();
        return meant;
    }

    /// <summary>Whether a renewal that was asked for is not over.</summary>
    public bool IsAsked
    {
        get
        {
            lock (_gate)
                return _asked.Count > 0;
        }
    }

    /// <summary>When a certificate is tried next.</summary>
    public static DateTimeOffset NextOf(OrderedCertificate certificate, AcmeFolder folder)
    {
        DateTimeOffset next = RenewalState.Load(folder.StateOf(certificate)).Next;
        using X509Certificate2? there = Read(folder.FilesOf(certificate));
        DateTimeOffset due = there is null || !IsFor(there, certificate.Names) ? DateTimeOffset.MinValue : RenewalSchedule.DueAt(there);
        return due > next ? due : next;
    }

    /// <summary>Asks for every certificate once, whether or not it is due.</summary>
    internal async Task AttemptAllAsync(CancellationToken ct)
    {
        AcmeConfiguration configuration = _configuration;
        foreach (OrderedCertificate certificate in configuration.Certificates)
            await AttemptAsync(configuration, certificate, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
        _woken.Dispose();
    }

    private bool IsAskedFor(OrderedCertificate certificate)
    {
        lock (_gate)
            return _asked.Contains(certificate.Names[0]);
    }

    /// <summary>What the configuration no longer orders is not waited for.</summary>
    private void ForgetOthers()
    {
        lock (_gate)
            _asked.IntersectWith(_configuration.Certificates.Select(static certificate => certificate.Names[0]));
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_woken.CurrentCount == 0)
                _woken.Release();
        }
    }

    private async Task RunAsync(CancellationToken ct)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (true)
            {
                AcmeConfiguration configuration = _configuration;
                TimeSpan wait = configuration.Certificates.Count > 0 ? s_longestWait : Timeout.InfiniteTimeSpan;
                ForgetOthers();
                foreach (OrderedCertificate certificate in configuration.Certificates)
                {
                    if (IsAskedFor(certificate) || NextOf(certificate, _folder) <= _time.GetUtcNow())
                        await AttemptAsync(configuration, certificate, ct);
                    TimeSpan left = NextOf(certificate, _folder) - _time.GetUtcNow();
                    wait = left > wait ? wait : left > s_shortestWait ? left : s_shortestWait;
                }

                await WaitAsync(wait, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken ct)
    {
        using CancellationTokenSource over = new(wait, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(over.Token, ct);
        try
        {
            await _woken.WaitAsync(both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nobody asked: something may be due.
        }
    }

    private async Task AttemptAsync(AcmeConfiguration configuration, OrderedCertificate certificate, CancellationToken ct)
    {
        RenewalState before = RenewalState.Load(_folder.StateOf(certificate));
        RenewalState after = RenewalState.None;
        string names = string.Join(' ', certificate.Names);
        using CancellationTokenSource limit = new(s_patience, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await ObtainAsync(configuration, certificate, both.Token);
            HostLog.CertificateIssued(_logger, names, configuration.Directory);
        }
        catch (Exception e) when (e is AcmeException or IOException or UnauthorizedAccessException or CryptographicException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            string problem = Loggable.From(e is OperationCanceledException ? "no certificate in time" : e.Message).ToString();
            TimeSpan pause = RenewalSchedule.PauseAfter(before.Failures + 1, (e as AcmeException)?.RetryAfter, Random.Shared.NextDouble());
            after = new(before.Failures + 1, _time.GetUtcNow() + pause, problem);
            HostLog.CertificateNotIssued(_logger, names, after.Next, problem);
        }

        try
        {
            after.Save(_folder, _folder.StateOf(certificate));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            HostLog.CertificateNotIssued(_logger, names, after.Next, e.Message);
            await Task.Delay(RenewalSchedule.FirstPause, _time, ct); // a full disk must not make a stream of orders
        }
        finally
        {
            lock (_gate)
                _asked.Remove(certificate.Names[0]);
        }
    }

    private async Task ObtainAsync(AcmeConfiguration configuration, OrderedCertificate certificate, CancellationToken ct)
    {
        CertificateFiles files = _folder.FilesOf(certificate);
        AcmeAccount account = AcmeAccount.Open(_folder, configuration.Directory);
        using AccountKey accountKey = account.Key;
        using AcmeConnection acme = new(configuration.Directory, accountKey, Connector(configuration), _time);
        using ECDsa key = configuration.KeepKey ? KeyIn(files) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateOrder order = new(acme, _pending, configuration.Challenge, _time);
        await account.RegisterAsync(acme, configuration, ct);
        string chain;
        try
        {
            chain = await order.RunAsync(certificate.Names, key, ct);
        }
        catch (AcmeException e) when (e.Type == AcmeException.NoAccount)
        {
            account.Forget(acme);
            await account.RegisterAsync(acme, configuration, ct);
            chain = await order.RunAsync(certificate.Names, key, ct);
        }

        Check(chain, key, certificate.Names);
        _folder.Write(files.Certificate, chain.TrimEnd() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        _catalog.Refresh();
    }

    /// <summary>What an authority sent is believed as far as it can be served.</summary>
    private void Check(string chain, ECDsa key, IReadOnlyList<string> names)
    {
        using X509Certificate2 alone = X509Certificate2.CreateFromPem(chain);
        using ECDsa? its = alone.GetECDsaPublicKey();
        if (its is null || !its.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
            throw new AcmeException("the authority sent a certificate for another key");
        if (!IsFor(alone, names))
            throw new AcmeException("the authority sent a certificate for other names");
        if (alone.NotAfter <= _time.GetUtcNow())
            throw new AcmeException("the authority sent a certificate that has expired, or the clock is wrong");
    }

    private static bool IsFor(X509Certificate2 certificate, IReadOnlyList<string> names)
        => names.All(name => certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false));

    private static ECDsa KeyIn(CertificateFiles files)
    {
        using X509Certificate2? there = Read(files);
        return there?.GetECDsaPrivateKey() ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
    }

    /// <summary>The certificate in a file; null where there is none that can be used, so that another is got.</summary>
    private static X509Certificate2? Read(CertificateFiles files)
    {
        try
        {
            return File.Exists(files.Certificate) ? X509Certificate2.CreateFromPemFile(files.Certificate, files.Key) : null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static HttpMessageHandler Connect(AcmeConfiguration configuration)
    {
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false };
        if (configuration.Authorities.Length > 0)
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyFor(configuration.Authorities) };
        return handler;
    }

    private static X509ChainPolicy PolicyFor(string file)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
