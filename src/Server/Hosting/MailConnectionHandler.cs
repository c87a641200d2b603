using System.Net;
using System.Net.Sockets;
using FullStack.Net;
using FullStack.Net.Metrics;
using FullStack.Net.Proxy;
using FullStack.Net.Sockets;
using FullStack.Net.Tls;
using FullStack.Server.Configuration;
using FullStack.Server.Metrics;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>What all listeners of a server share, whatever is reloaded.</summary>
internal sealed record SessionHost(OpenConnections Connections, ConnectionLimiter Limiter, TimeProvider Time, ILogger Logger)
{
    /// <summary>What is measured; null: nothing.</summary>
    public ServerMetrics? Metrics { get; init; }
}

/// <summary>What one configuration says of the connections of a listener.</summary>
internal sealed record SessionTerms(IMailProtocol Protocol, TlsServer Tls, ConnectionLimits Limits)
{
    /// <summary>Whose proxies are believed.</summary>
    public NetworkList ProxyNetworks { get; init; } = NetworkList.None;
}

/// <summary>Runs one accepted socket as one mail session.</summary>
internal sealed class MailConnectionHandler(
    ListenerConfiguration listener, SessionTerms terms, SessionHost host)
{
    private static readonly TimeSpan ProxyTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a peer may take to fetch the last octets of a session that is over.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(10);

    private readonly SessionMetrics? _metrics = host.Metrics?.For(listener.Protocol);

    /// <summary>Runs the session to its end, and closes the connection.</summary>
    public async Task ServeAsync(SocketTransport connection)
    {
        string id = ConnectionId.Next();
        if (EndsOf(connection) is not { } ends)
            return; // a socket that was reset before it was accepted has no addresses any more
        IPAddress? counted = null;
        try
        {
            if (listener.Proxy && terms.ProxyNetworks.Contains(ends.Remote.Address))
                ends = await BehindProxyAsync(connection, ends);
            string? refusal = host.Limiter.TryAcquire(ends.Remote.Address, terms.Limits);
            if (refusal is null)
                counted = ends.Remote.Address;
            await using MailConnection mail = new(connection, id, ends.Remote, ends.Local, host.Time)
            {
                IsLocalSocket = ends.IsLocalSocket,
                AsksForCertificate = listener.ClientCertificates,
                Mechanisms = listener.Mechanisms,
                Metrics = _metrics,
                WriteTimeout = refusal is null ? TimeSpan.FromMinutes(5) : GoodbyeTimeout,
            };
            if (refusal is null)
                await RunAsync(mail);
            else
                await RefuseAsync(mail, refusal);
        }
        catch (Exception e) when (e is PeerGoneException or OperationCanceledException)
        {
            HostLog.PeerGone(host.Logger, id, e.Message);
        }
        catch (Exception e) // A bug of ours ends its session, and no other.
        {
            HostLog.SessionFailed(host.Logger, id, e);
        }
        finally
        {
            await CloseAsync(connection);
            if (counted is not null)
                host.Limiter.Release(counted);
        }
    }

    /// <summary>Who is at the two ends. The peer at a Unix socket is this host itself, and has no port.</summary>
    private static Ends? EndsOf(SocketTransport connection) => connection switch
    {
        { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local } => new(Plain(remote), Plain(local), IsLocalSocket: false),
        { LocalEndPoint: UnixDomainSocketEndPoint } => new(new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0), IsLocalSocket: true),
        _ => null,
    };

    // A socket for both families, which systemd may have passed, shows IPv4 clients as IPv6 ones.
    private static IPEndPoint Plain(IPEndPoint end) => end.Address.IsIPv4MappedToIPv6 ? new(end.Address.MapToIPv4(), end.Port) : end;

    // Before TLS, before the limits: what the proxy's address is says nothing of who is to be limited.
    private async ValueTask<Ends> BehindProxyAsync(SocketTransport connection, Ends proxy)
    {
        ProxyHeader header = await ProxyReader.ReadAsync(connection.Input, ProxyTimeout, host.Time, host.Connections.Aborted);
        return header is { Source: { } source, Destination: { } destination } ? new(source, destination, IsLocalSocket: false) : proxy;
    }

    private readonly record struct Ends(IPEndPoint Remote, IPEndPoint Local, bool IsLocalSocket);

    // The transport sends what is left before it closes, and would wait for ever for a peer that takes nothing. The
    // connection counts against the limits until it is really gone.
    private async Task CloseAsync(SocketTransport connection)
    {
        Task closed = connection.DisposeAsync().AsTask();
        try
        {
            await closed.WaitAsync(LingerTime, host.Time);
        }
        catch (TimeoutException)
        {
            connection.Abort();
            await closed;
        }
    }

    // The session's token is the server's own: a client that sent QUIT and shut down its half still wants the answers.
    private async Task RunAsync(MailConnection connection)
    {
        CancellationToken aborted = host.Connections.Aborted;
        host.Connections.Add(connection);
        long began = _metrics?.SessionStarted() ?? 0;
        try
        {
            HostLog.Connected(host.Logger, connection.Id, connection.RemoteEndPoint, listener.Protocol);
            if (listener.Tls == ListenerTls.Implicit && !await TryStartTlsAsync(connection, aborted))
                return;
            await terms.Protocol.RunAsync(connection, aborted);
        }
        finally
        {
            _metrics?.SessionEnded(began);
            host.Connections.Remove(connection);
        }
    }

    private async Task<bool> TryStartTlsAsync(MailConnection connection, CancellationToken aborted)
    {
        try
        {
            await connection.StartTlsAsync(terms.Tls, HandshakeTimeout, aborted);
            return true;
        }
        catch (PeerGoneException e)
        {
            HostLog.HandshakeFailed(host.Logger, connection.Id, connection.RemoteEndPoint, listener.Protocol, e.Message);
            return false;
        }
    }

    // No handshake for a connection that is not wanted: it would cost more than serving it.
    private async Task RefuseAsync(MailConnection connection, string reason)
    {
        host.Metrics?.ConnectionRefused(listener.Protocol);
        HostLog.Refused(host.Logger, connection.Id, connection.RemoteEndPoint, reason);
        if (listener.Tls == ListenerTls.Start)
            await terms.Protocol.RefuseAsync(connection, reason, host.Connections.Aborted);
    }
}
