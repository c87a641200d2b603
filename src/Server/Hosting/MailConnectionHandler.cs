using System.Net;
using FullStack.Net;
using FullStack.Net.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>What all listeners of a server share.</summary>
internal sealed record SessionHost(
    OpenConnections Connections, ConnectionLimiter Limiter, TlsServer Tls, TimeProvider Time, ILogger Logger);

/// <summary>Runs one accepted socket as one mail session: the only type that knows Kestrel's connections.</summary>
internal sealed class MailConnectionHandler(
    ListenerProtocol protocol, ListenerTls listenerTls, Func<IMailProtocol> current, SessionHost host) : ConnectionHandler
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a peer may take to fetch the last octets of a session that is over.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(10);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        string id = ConnectionId.Next();
        if (connection is not { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local })
            return; // a socket that was reset before it was accepted has no addresses any more
        IPAddress address = remote.Address;
        string? refusal = host.Limiter.TryAcquire(address);
        try
        {
            await using MailConnection mail = new(connection.Transport, id, remote, local, host.Time)
            {
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
            if (refusal is null)
                host.Limiter.Release(address);
        }
    }

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
            HostLog.Connected(host.Logger, connection.Id, connection.RemoteEndPoint, protocol);
            if (listenerTls == ListenerTls.Implicit && !await TryStartTlsAsync(connection, aborted))
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
            HostLog.HandshakeFailed(host.Logger, connection.Id, connection.RemoteEndPoint, protocol, e.Message);
            return false;
        }
    }

    // No handshake for a connection that is not wanted: it would cost more than serving it.
    private async Task RefuseAsync(MailConnection connection, string reason)
    {
        HostLog.Refused(host.Logger, connection.Id, connection.RemoteEndPoint, reason);
        if (listenerTls == ListenerTls.Start)
            await current().RefuseAsync(connection, reason, host.Connections.Aborted);
    }
}
