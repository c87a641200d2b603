using System.Net;
using System.Net.Sockets;
using FullStack.Net;
using FullStack.Net.Proxy;
using FullStack.Net.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>What all listeners of a server share.</summary>
internal sealed record SessionHost(
    OpenConnections Connections, ConnectionLimiter Limiter, TlsServer Tls, TimeProvider Time, ILogger Logger)
{
    /// <summary>Whose proxies are believed. Changes at reload.</summary>
    public NetworkList ProxyNetworks { get; set; } = NetworkList.None;
}

/// <summary>Runs one accepted socket as one mail session: the only type that knows Kestrel's connections.</summary>
internal sealed class MailConnectionHandler(
    ListenerConfiguration listener, Func<IMailProtocol> current, SessionHost host) : ConnectionHandler
{
    private static readonly TimeSpan ProxyTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a peer may take to fetch the last octets of a session that is over.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(10);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        string id = ConnectionId.Next();
        if (EndsOf(connection) is not { } ends)
            return; // a socket that was reset before it was accepted has no addresses any more
        IPAddress? counted = null;
        try
        {
            if (listener.Proxy && host.ProxyNetworks.Contains(ends.Remote.Address))
                ends = await BehindProxyAsync(connection, ends);
            string? refusal = host.Limiter.TryAcquire(ends.Remote.Address);
            if (refusal is null)
                counted = ends.Remote.Address;
            await using MailConnection mail = new(connection.Transport, id, ends.Remote, ends.Local, host.Time)
            {
                IsLocalSocket = ends.IsLocalSocket,
                AsksForCertificate = listener.ClientCertificates,
                Mechanisms = listener.Mechanisms,
                WriteTimeout = refusal is null ? TimeSpan.FromMinutes(5) : GoodbyeTimeout,
            };
            if (refusal is null)
                await ServeAsync(mail);
            else
                await RefuseAsync(mail, refusal);
        }
        catch (Exception e) when (e is PeerGoneException or OperationCanceledException)
        {
            HostLog.PeerGone(host.Logger, id, e.Message);
        }
        catch (Exception e)
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
    private static Ends? EndsOf(ConnectionContext connection) => connection switch
    {
        { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local } => new(remote, local, IsLocalSocket: false),
        { LocalEndPoint: UnixDomainSocketEndPoint } => new(new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0), IsLocalSocket: true),
        _ => null,
    };

    // Before TLS, before the limits: what the proxy's address is says nothing of who is to be limited.
    private async ValueTask<Ends> BehindProxyAsync(ConnectionContext connection, Ends proxy)
    {
        ProxyHeader header = await ProxyReader.ReadAsync(connection.Transport.Input, ProxyTimeout, host.Time, host.Connections.Aborted);
        return header is { Source: { } source, Destination: { } destination } ? new(source, destination, IsLocalSocket: false) : proxy;
    }

    private readonly record struct Ends(IPEndPoint Remote, IPEndPoint Local, bool IsLocalSocket);

    // The transport sends what is left before it closes, and would wait for ever for a peer that takes nothing. The
    // connection counts against the limits until it is really gone.
    private async Task CloseAsync(ConnectionContext connection)
    {
        Task closed = connection.DisposeAsync().AsTask();
        try
        {
            await closed.WaitAsync(LingerTime, host.Time);
        }
        catch (TimeoutException)
        {
            connection.Abort(new ConnectionAbortedException("the peer did not take the rest of the output"));
            await closed;
        }
    }

    // The session's token is the server's own: the transport's is cancelled already when the peer closes its sending
    // side, and a client that sent QUIT and shut down its half still wants the answers.
    private async Task ServeAsync(MailConnection connection)
    {
        CancellationToken aborted = host.Connections.Aborted;
        host.Connections.Add(connection);
        try
        {
            HostLog.Connected(host.Logger, connection.Id, connection.RemoteEndPoint, listener.Protocol);
            if (listener.Tls == ListenerTls.Implicit && !await TryStartTlsAsync(connection, aborted))
                return;
            await current().RunAsync(connection, aborted);
        }
        finally
        {
            host.Connections.Remove(connection);
        }
    }

    private async Task<bool> TryStartTlsAsync(MailConnection connection, CancellationToken aborted)
    {
        try
        {
            await connection.StartTlsAsync(host.Tls, HandshakeTimeout, aborted);
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
        HostLog.Refused(host.Logger, connection.Id, connection.RemoteEndPoint, reason);
        if (listener.Tls == ListenerTls.Start)
            await current().RefuseAsync(connection, reason, host.Connections.Aborted);
    }
}
