using System.Net.Sockets;

namespace FullStack.Server.Hosting;

/// <summary>A Unix socket to listen at. Who may connect is said by the mode of its file and by the folders above it. Its file goes when the socket is closed.</summary>
internal static class LocalSocket
{
    /// <summary>Makes the socket. The file of a server that has ended is put away; connections are taken only once the mode is set.</summary>
    /// <exception cref="ListenException">Another program listens there, or the place cannot be used.</exception>
    public static Socket Bind(string path, UnixFileMode mode)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            RemoveStale(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, mode);
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new ListenException($"cannot listen at {path}: {e.Message}", (e as SocketException)?.SocketErrorCode ?? SocketError.AccessDenied, e);
        }
    }

    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        if (new FileInfo(path).Length > 0)
            throw new IOException("there is a file that is no socket");
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path); // nobody listens any more
            return;
        }

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }
}
