using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace FullStack.Interop;

/// <summary>Ports of loopback for programs that are told where to listen.</summary>
/// <remarks>None of those that the system gives by chance: between the choice and the program's start another test's connection could have one of them.</remarks>
internal static class FreePorts
{
    private const int First = 20_000, End = 32_000;

    private static readonly ConcurrentDictionary<int, byte> s_given = new();

    /// <summary>A port that both UDP and TCP have free, and that no other test was given.</summary>
    public static int Next()
    {
        while (true)
        {
            int port = Random.Shared.Next(First, End);
            if (IsFree(port) && s_given.TryAdd(port, 0))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false; // someone has it
        }
    }
}
