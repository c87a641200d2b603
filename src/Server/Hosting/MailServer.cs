using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Net.Tls;
using FullStack.Server.ClientSetup;
using FullStack.Server.Control;
using FullStack.Server.Drop;
using FullStack.Server.Tls;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>A running server, composed from a configuration. `fullstack serve` runs one; tests run many in one process.</summary>
public sealed class MailServer : IAsyncDisposable
{
    /// <summary>How long sessions may take to end when the server stops.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private readonly ServerParts _parts;
    private readonly CertificateCatalog _certificates;
    private readonly OpenConnections _connections = new();
    private readonly ConnectionLimiter _limiter;
    private readonly SessionHost _host;
    private readonly MailListeners _listeners;
    private readonly WebServer? _web;
    private readonly DropPickup _drop;
    private ControlSocket? _control;
    private readonly ILogger _logger;
    private volatile MailProtocols _protocols;
    private int _stopped;

    private MailServer(ServerConfiguration configuration, ServerParts parts, CertificateCatalog certificates)
    {
        _parts = parts;
        _certificates = certificates;
        _logger = parts.Loggers.CreateLogger<MailServer>();
        _limiter = new ConnectionLimiter(configuration.Limits, parts.Time);
        _protocols = new MailProtocols(configuration, parts);
        _host = new(_connections, _limiter, parts.Tls, parts.Time, _logger) { ProxyNetworks = configuration.ProxyNetworks };
        _listeners = new MailListeners(
            configuration.Listeners, l => new MailConnectionHandler(l, () => _protocols.For(l.Protocol), _host));
        WebConfiguration web = configuration.Web;
        if (web.Listeners.Count > 0)
        {
            WebRequests requests = new(configuration.HostName, web.SignProfiles, parts.Accounts, () => _listeners.Bound, certificates, _logger);
            _web = new WebServer(web.Listeners, requests, certificates);
        }

        _drop = new(new(configuration.DropFolder, configuration.Store.Sync), () => _protocols.Drop, parts.Time, _logger);
        parts.Outbound.ListensAt(() => _listeners.Bound);
    }

    /// <summary>The listeners with the ports they got (a configured port 0 is chosen by the system).</summary>
    public IReadOnlyList<BoundListener> Listeners => _listeners.Bound;

    /// <summary>The listeners for HTTP, in the same way.</summary>
    public IReadOnlyList<BoundWebListener> WebListeners => _web?.Bound ?? [];

    public AccountDirectory Directory => _parts.Accounts.BuiltIn;

    public MailStore Store => _parts.Store;

    /// <summary>Composes and starts a server; when it returns, every listener accepts.</summary>
    /// <exception cref="ListenException">An address is taken or not permitted.</exception>
    /// <exception cref="CertificateException">A certificate or key file cannot be used.</exception>
    /// <exception cref="StoreLockedException">Another process holds the mail store.</exception>
    public static async Task<MailServer> StartAsync(ServerConfiguration configuration, ILoggerFactory loggers, TimeProvider time, CancellationToken ct)
    {
        long begun = time.GetTimestamp();
        RequireUnicode();
        PrivateFolder.Make(configuration.Data);
        ILogger logger = loggers.CreateLogger<MailServer>();
        CertificateCatalog certificates = CertificateCatalog.Open(configuration, time, logger);
        AccountDirectory? directory = null;
        AccountBackends? accounts = null;
        MailStore? store = null;
        OutgoingMail? outgoing = null;
        MailServer? server = null;
        try
        {
            directory = new AccountDirectory(configuration.DirectoryFile);
            AddDomains(directory, configuration.Domains);
            accounts = new AccountBackends(directory, AccountSources.Make(configuration.Directories), time);
            DirectoryQuotaLimits quota = new(accounts, configuration.Quota);
            store = new MailStore(configuration.Store, time, loggers, quota);
            outgoing = await OutgoingMail.OpenAsync(configuration, store, accounts, time, loggers);
            ServerParts parts = new(accounts, store, new TlsServer(certificates), time, loggers)
            {
                Quota = quota,
                Outbound = new OutboundLookups(configuration, time, loggers),
                Outgoing = outgoing,
                Authenticator = new Authenticator(accounts, configuration.Auth, time, loggers.CreateLogger<Authenticator>()),
            };
            server = new MailServer(configuration, parts, certificates);
            await server._listeners.StartAsync(ct);
            outgoing.Start(parts.Outbound.Hosts);
            server._drop.Start(DropSite.Of(configuration));
            if (server._web is { } web)
                await web.StartAsync(ct);
            server._control = ControlSocket.TryOpen(configuration.Data, LoginControl.CommandsOf(parts.Authenticator), time, logger);
        }
        catch
        {
            if (server?._web is { } web)
                await web.DisposeAsync();
            if (server is not null)
                await server._drop.DisposeAsync();
            server?._listeners.Dispose();
            if (outgoing is not null)
                await outgoing.DisposeAsync();
            if (store is not null)
                await store.DisposeAsync();
            if (accounts is not null)
                await accounts.DisposeAsync();
            directory?.Dispose();
            certificates.Dispose();
            throw;
        }

        foreach (BoundListener listener in server.Listeners)
            HostLog.Listening(logger, listener.Protocol, listener.Address, listener.Tls);
        foreach (BoundWebListener listener in server.WebListeners)
            HostLog.ListeningForWeb(logger, listener.EndPoint, listener.Tls);
        HostLog.Started(logger, configuration.HostName, configuration.Data, time.GetElapsedTime(begun).TotalSeconds);
        return server;
    }

    /// <summary>Takes over what can change while the server runs: domains, directories, certificates, limits, quotas and the options of the protocols.</summary>
    /// <exception cref="CertificateException">A certificate or key file cannot be used; nothing has changed.</exception>
    /// <exception cref="DirectoryUnavailableException">A directory cannot be made of what the configuration says now.</exception>
    /// <exception cref="IOException">Another file that the configuration names cannot be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public void Reload(ServerConfiguration configuration)
    {
        IReadOnlyList<BackendEntry> directories = AccountSources.Make(configuration.Directories);
        _certificates.Reload(configuration.Tls);
        _parts.Outgoing.Reload(configuration);
        AddDomains(Directory, configuration.Domains);
        _parts.Accounts.Replace(directories);
        _limiter.Limits = configuration.Limits;
        _host.ProxyNetworks = configuration.ProxyNetworks;
        _parts.Quota.Defaults = configuration.Quota;
        _parts.Outbound.Reload(configuration);
        _protocols = new MailProtocols(configuration, _parts);
    }

    /// <summary>Ends every session at its next pause, for at most <see cref="DrainTime"/>, then closes the store.</summary>
    /// <param name="ct">Cancelled: sessions are cut at once.</param>
    public async Task StopAsync(CancellationToken ct = default)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        HostLog.Stopping(_logger, _connections.Count);
        if (_control is not null)
            await _control.DisposeAsync();
        _connections.BeginDrain();
        await _drop.DisposeAsync();
        using CancellationTokenSource deadline = new(DrainTime, _parts.Time);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        int aborted = 0;
        await using (limit.Token.UnsafeRegister(_ => Cut(), null))
            await Task.WhenAll(_listeners.StopAsync(limit.Token), _parts.Outgoing.StopAsync(limit.Token), _web?.StopAsync(limit.Token) ?? Task.CompletedTask);
        if (_web is not null)
            await _web.DisposeAsync();
        _listeners.Dispose();
        await _parts.Outgoing.DisposeAsync();
        await _parts.Store.DisposeAsync();
        await _parts.Accounts.DisposeAsync();
        Directory.Dispose();
        _parts.Outbound.Dispose();
        _certificates.Dispose();
        _connections.Dispose();
        HostLog.Stopped(_logger, aborted);

        void Cut()
        {
            aborted = _connections.Count;
            _connections.Abort();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static void AddDomains(AccountDirectory directory, IReadOnlyList<string> domains)
    {
        foreach (string domain in domains)
            directory.AddDomain(domain);
    }

    // Without ICU, Normalize() returns its input unchanged: passwords and mailbox names that look alike would differ.
    private static void RequireUnicode()
    {
        if ("e\u0301".Normalize().Length != 1)
            throw new PlatformNotSupportedException("the ICU library is missing (Debian: libicu), or DOTNET_SYSTEM_GLOBALIZATION_INVARIANT is set");
    }
}
