using System.Net;
using System.Net.Sockets;
using FullStack.Net.Sockets;

namespace FullStack.Unit.Net.Sockets;

/// <summary>A connection over loopback: a transport, and its peer's plain socket.</summary>
internal sealed class SocketPair : IDisposable
{
    private SocketPair(SocketTransport server, Socket peer) => (Server, Peer) = (server, peer);

    public SocketTransport Server { get; }

    public Socket Peer { get; }

    public static async Task<SocketPair> ConnectAsync(SocketThreads threads, CancellationToken ct)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Socket peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await peer.ConnectAsync(listener.LocalEndPoint!, ct);
        Socket accepted = await listener.AcceptAsync(ct);
        accepted.NoDelay = true;
        return new(new SocketTransport(accepted, threads), peer);
    }

    /// <summary>Sends a reset.</summary>
    public void ResetByPeer()
    {
        Peer.LingerState = new LingerOption(enable: true, seconds: 0);
        Peer.Dispose();
    }

    /// <summary>Closes the peer's end; the server's is the test's.</summary>
    public void Dispose() => Peer.Dispose();
}
