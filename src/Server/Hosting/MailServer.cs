using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Net.Tls;
using FullStack.Server.Acme;
using FullStack.Server.ClientSetup;
using FullStack.Server.Configuration;
using FullStack.Server.Control;
using FullStack.Server.Drop;
using FullStack.Server.Metrics;
using FullStack.Server.Supervision;
using FullStack.Server.Tls;
using FullStack.Server.Upgrades;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>A running server, composed from a configuration. `fullstack serve` runs one; tests run many in one process.</summary>
public sealed class MailServer : IAsyncDisposable
{
    /// <summary>How long sessions may take to end when the server stops.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private readonly OpenedParts _opened;
    private readonly ServerParts _parts;
    private readonly CertificateKeeper _certificates;
    private readonly SessionHost _host;
    private readonly MailListeners _listeners;
    private readonly WebServer? _web;
    private readonly DropPickup _drop;
    private readonly ILogger _logger;
    private ControlSocket? _control;
    private volatile MailProtocols _protocols;
    private volatile ConnectionLimits _limits;
    private int _stopped;

    private MailServer(ServerConfiguration configuration, OpenedParts opened, ServerParts parts, CertificateKeeper certificates, MailListeners listeners)
    {
        _opened = opened;
        _parts = parts;
        _certificates = certificates;
        _listeners = listeners;
        parts.Store.SessionThreads = new SessionThreads(listeners.Threads);
        _logger = parts.Loggers.CreateLogger<MailServer>();
        _host = new(opened.Add(new OpenConnections()), new ConnectionLimiter(parts.Time), parts.Time, _logger) { Metrics = parts.Metrics };
        _protocols = new MailProtocols(configuration, parts, new TlsServer(certificates.Catalog.Current), parts.Outgoing.Current.Recipients.Rewriting);
        _limits = configuration.Limits;
        WatchedParts = [new("the listeners", listeners.AnswerAsync), new("the queue", parts.Outgoing.AnswerAsync), new("the mail store", parts.Store.CheckAsync)];
        Monitoring monitoring = opened.Add(new Monitoring(configuration, parts, WatchedParts, _host.Connections));
        WebConfiguration web = configuration.Web;
        if (web.Listeners.Count > 0)
        {
            WebRequests requests = new(configuration.HostName, web.SignProfiles, parts.Accounts, () => _listeners.Bound, certificates, _logger) { Monitoring = monitoring.Requests };
            _web = opened.Add(new WebServer(web.Listeners, requests, new(new ConnectionLimiter(parts.Time), () => _limits, _logger), certificates));
        }

        _drop = new(new(configuration.DropFolder, configuration.Store.Sync), parts.Outgoing.Queue, () => _protocols.Drop, parts.Time, _logger);
        parts.Outgoing.Lookups.ListensAt(() => _listeners.Bound);
    }

    /// <summary>The listeners with the ports they got (a configured port 0 is chosen by the system).</summary>
    public IReadOnlyList<BoundListener> Listeners => _listeners.Bound;

    /// <summary>The listeners for HTTP, in the same way.</summary>
    public IReadOnlyList<BoundWebListener> WebListeners => _web?.Bound ?? [];

    public AccountDirectory Directory => _parts.Accounts.BuiltIn;

    public MailStore Store => _parts.Store;

    /// <summary>What can be asked whether it still works, by systemd's watchdog and by who looks at the server's health.</summary>
    internal IReadOnlyList<WatchedPart> WatchedParts { get; }

    /// <summary>Composes and starts a server; when it returns, every listener accepts.</summary>
    /// <exception cref="ListenException">An address is taken or not permitted.</exception>
    /// <exception cref="CertificateException">A certificate or key file cannot be used.</exception>
    /// <exception cref="StoreLockedException">Another process holds the mail store.</exception>
    /// <exception cref="FullStack.Store.Upgrades.LaterFormatException">A later program has used the data folder.</exception>
    public static Task<MailServer> StartAsync(ServerConfiguration configuration, ILoggerFactory loggers, TimeProvider time, CancellationToken ct)
        => StartAsync(configuration, InheritedSockets.None, loggers, time, ct);

    /// <summary>The same with sockets that the process was given.</summary>
    /// <exception cref="StartRefusedException">The data folder cannot be written.</exception>
    internal static async Task<MailServer> StartAsync(
        ServerConfiguration configuration, InheritedSockets inherited, ILoggerFactory loggers, TimeProvider time, CancellationToken ct)
    {
        long begun = time.GetTimestamp();
        RequireUnicode();
        StartCheck.RequireFolder(configuration);
        DataFormat.Require(configuration.Data);
        ILogger logger = loggers.CreateLogger<MailServer>();
        OpenedParts opened = new();
        MailServer? server = null;
        try
        {
            // What may fail without a trace comes before what writes: an address that is taken, a certificate that is missing.
            MailListeners listeners = opened.Add(new MailListeners(inherited, time, logger));
            ListenerSet sockets = listeners.Prepare(configuration.Listeners);
            WebServer.RequireFree(configuration.Web.Listeners);
            ServerMetrics metrics = opened.Add(new ServerMetrics(loggers, time));
            CertificateKeeper certificates = opened.Add(CertificateKeeper.Open(configuration, time, logger));
            certificates.MeasureBy(metrics.Meter);
            ct.ThrowIfCancellationRequested();
            ServerParts parts = await OpenAsync(configuration, opened, metrics, loggers, time);
            server = new MailServer(configuration, opened, parts, certificates, listeners);
            DataFormat.Stamp(configuration.Data);
            ct.ThrowIfCancellationRequested();
            await server.BeginAsync(sockets, configuration, ct);
        }
        catch
        {
            if (server is not null)
                await server.EndAsync(new CancellationToken(canceled: true));
            else
                await opened.DisposeAsync();
            throw;
        }

        foreach (BoundWebListener listener in server.WebListeners)
            HostLog.ListeningForWeb(logger, listener.EndPoint, listener.Tls);
        foreach (string socket in server._listeners.Unused)
            HostLog.SocketUnused(logger, socket);
        HostLog.Started(logger, configuration.HostName, configuration.Data, time.GetElapsedTime(begun).TotalSeconds);
        return server;
    }

    /// <summary>Opens what is kept: the directory, the store, the queue.</summary>
    private static async Task<ServerParts> OpenAsync(
        ServerConfiguration configuration, OpenedParts opened, ServerMetrics metrics, ILoggerFactory loggers, TimeProvider time)
    {
        PrivateFolder.Make(configuration.Data);
        AccountDirectory directory = opened.Add(new AccountDirectory(configuration.DirectoryFile));
        directory.AddDomains(configuration.Domains);
        AccountBackends accounts = opened.Add(new AccountBackends(directory, AccountSources.Make(configuration.Directories), time));
        DirectoryQuotaLimits quota = new(accounts, configuration.Quota);
        MailStore store = opened.Add(new MailStore(configuration.Store, time, loggers, quota, metrics.Store, DirectoryPlaces.For(accounts, configuration.Store)));
        return new(accounts, store, time, loggers)
        {
            Metrics = metrics,
            Quota = quota,
            Outgoing = opened.Add(await OutgoingMail.OpenAsync(configuration, new(store, accounts, metrics, time, loggers))),
            Authenticator = new Authenticator(accounts, configuration.Auth, time, loggers.CreateLogger<Authenticator>()),
        };
    }

    private async Task BeginAsync(ListenerSet sockets, ServerConfiguration configuration, CancellationToken ct)
    {
        Serve(sockets, configuration, _certificates.Catalog.Current);
        _parts.Outgoing.Start();
        _drop.Start(DropSite.Of(configuration));
        if (_web is not null)
            await _web.StartAsync(ct);
        _certificates.Renewal.Start();
        Dictionary<string, ControlHandler> commands = new(
        [
            .. LoginControl.CommandsOf(_parts.Authenticator), .. CertificateControl.CommandsOf(_certificates.Renewal), .. TlsReportControl.CommandsOf(_parts.Outgoing.Reports),
        ]);
        _control = ControlSocket.TryOpen(configuration.Data, commands, _parts.Time, _logger);
    }

    /// <summary>
    /// Takes over what can change while the server runs, as one step: listeners, domains, directories, certificates, limits, quotas and the options of the
    /// protocols. All is read and opened first; what begins after that is served by the new configuration in full, what runs goes on with the old one.
    /// </summary>
    /// <exception cref="ListenException">A new listener's address is taken or not permitted. Nothing has changed, here and below.</exception>
    /// <exception cref="CertificateException">A certificate or key file cannot be used.</exception>
    /// <exception cref="DirectoryUnavailableException">A directory cannot be made of what the configuration says now.</exception>
    /// <exception cref="IOException">Another file that the configuration names cannot be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public void Reload(ServerConfiguration configuration)
    {
        ServedCertificates certificates = _certificates.Catalog.Read(configuration);
        OutgoingMail.CurrentSettings outgoing = _parts.Outgoing.Read(configuration);
        IReadOnlyList<BackendEntry> directories = AccountSources.Make(configuration.Directories);
        ListenerSet? sockets = null;
        try
        {
            sockets = _listeners.Prepare(configuration.Listeners);
            Directory.AddDomains(configuration.Domains); // the only thing that is written, so the last one that may fail
        }
        catch
        {
            if (sockets is not null)
                _listeners.Drop(sockets);
            foreach (BackendEntry entry in directories)
                _ = entry.Backend.DisposeAsync().AsTask(); // nobody has asked it anything
            throw;
        }

        _parts.Outgoing.Take(outgoing);
        _parts.Accounts.Replace(directories);
        _parts.Quota.Defaults = configuration.Quota;
        _parts.Outgoing.Lookups.Reload(configuration);
        _certificates.Take(configuration.Acme, certificates);
        _protocols = new MailProtocols(configuration, _parts, new TlsServer(certificates), outgoing.Recipients.Rewriting);
        Serve(sockets, configuration, certificates);
    }

    private void Serve(ListenerSet sockets, ServerConfiguration configuration, ServedCertificates certificates)
    {
        (MailProtocols protocols, TlsServer tls) = (_protocols, new(certificates));
        _limits = configuration.Limits;
        _listeners.Take(sockets, listener => new MailConnectionHandler(
            listener, new(protocols.For(listener.Protocol), tls, configuration.Limits) { ProxyNetworks = configuration.ProxyNetworks }, _host));
    }

    /// <summary>Ends every session at its next pause, for at most <see cref="DrainTime"/>, then closes the store.</summary>
    /// <param name="ct">Cancelled: sessions are cut at once.</param>
    public async Task StopAsync(CancellationToken ct = default)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        HostLog.Stopping(_logger, _host.Connections.Count);
        int cut = await EndAsync(ct);
        HostLog.Stopped(_logger, cut);
    }

    /// <returns>How many sessions were cut.</returns>
    private async Task<int> EndAsync(CancellationToken ct)
    {
        int cut = 0;
        if (_control is not null)
            await _control.DisposeAsync();
        _host.Connections.BeginDrain();
        await _drop.DisposeAsync();
        using CancellationTokenSource deadline = new(DrainTime, _parts.Time);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        await using (limit.Token.UnsafeRegister(_ => Cut(), null))
            await Task.WhenAll(_listeners.StopAsync(limit.Token), _parts.Outgoing.StopAsync(limit.Token), _web?.StopAsync(limit.Token) ?? Task.CompletedTask);
        await _opened.DisposeAsync();
        return cut;

        void Cut()
        {
            cut = _host.Connections.Count;
            _host.Connections.Abort();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    // Without ICU, Normalize() returns its input unchanged: passwords and mailbox names that look alike would differ.
    private static void RequireUnicode()
    {
        if ("e\u0301".Normalize().Length != 1)
            throw new PlatformNotSupportedException("the ICU library is missing (Debian: libicu), or DOTNET_SYSTEM_GLOBALIZATION_INVARIANT is set");
    }
}
