using System.Net.Sockets;
using System.Text;

namespace FullStack.Server.Hosting;

/// <summary>Tells systemd how the service is doing (sd_notify: a datagram to the socket named in NOTIFY_SOCKET).</summary>
internal static class SystemdNotification
{
    public static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } address)
            return;
        if (address[0] == '@')
            address = "\0" + address[1..]; // a name in the abstract namespace
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address));
        }
        catch (SocketException)
        {
            // A supervisor that does not listen is its own trouble; mail is served all the same.
        }
    }
}
