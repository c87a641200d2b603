using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FullStack.Server.Supervision;

/// <summary>Listening sockets that the process was started with (systemd's socket activation): they outlive it, so that connections wait through a restart.</summary>
/// <remarks>sd_listen_fds(3): descriptors from 3 on, LISTEN_FDS of them, for the process LISTEN_PID, named by LISTEN_FDNAMES.</remarks>
internal sealed class InheritedSockets : IDisposable
{
    private const int FirstDescriptor = 3;

    /// <summary>More than anybody passes; what is beyond is left alone.</summary>
    private const int MaxDescriptors = 256;

    private readonly List<(string Name, Socket Socket)> _left;

    private InheritedSockets(IEnumerable<(string Name, Socket Socket)> sockets) => _left = [.. sockets];

    /// <summary>No sockets.</summary>
    public static InheritedSockets None => new([]);

    /// <summary>Those that nobody has taken, by their names and addresses.</summary>
    public IReadOnlyList<string> Left => [.. _left.Select(static one => $"{one.Name} ({one.Socket.LocalEndPoint})")];

    /// <summary>Takes what the process was given, once: the variables are removed, for they are not for programs that this one starts.</summary>
    public static InheritedSockets OfProcess()
    {
        string? count = Environment.GetEnvironmentVariable("LISTEN_FDS"), process = Environment.GetEnvironmentVariable("LISTEN_PID");
        string names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES") ?? "";
        foreach (string variable in (string[])["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"])
            Environment.SetEnvironmentVariable(variable, null);
        return process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptors)
            ? Of(FirstDescriptor, Math.Min(descriptors, MaxDescriptors), names)
            : None;
    }

    /// <summary>Takes descriptors that follow one another.</summary>
    /// <param name="first">The first one.</param>
    /// <param name="count">How many.</param>
    /// <param name="names">Their names, separated by colons; those that are missing are "unknown", as systemd has it.</param>
    internal static InheritedSockets Of(int first, int count, string names)
    {
        string[] each = names.Split(':');
        List<(string Name, Socket Socket)> sockets = [];
        for (int i = 0; i < count; i++)
        {
            string name = i < each.Length && each[i].Length > 0 ? each[i] : "unknown";
            if (TryAdopt(first + i) is { } socket)
                sockets.Add((name, socket));
        }

        return new(sockets);
    }

    /// <summary>The socket that listens at an address; null where none of those that are left does.</summary>
    public Socket? Take(EndPoint address)
    {
        int at = _left.FindIndex(one => IsAt(one.Socket.LocalEndPoint, address));
        if (at < 0)
            return null;
        Socket socket = _left[at].Socket;
        _left.RemoveAt(at);
        return socket;
    }

    /// <summary>All sockets of a name (FileDescriptorName= of the socket unit).</summary>
    public IReadOnlyList<Socket> TakeNamed(string name)
    {
        Socket[] named = [.. _left.Where(one => one.Name == name).Select(static one => one.Socket)];
        _left.RemoveAll(one => one.Name == name);
        return named;
    }

    /// <summary>Closes those that are left. Who passed them still has them.</summary>
    public void Dispose()
    {
        foreach ((_, Socket socket) in _left)
            socket.Dispose();
        _left.Clear();
    }

    private static Socket? TryAdopt(int descriptor)
    {
        SafeSocketHandle handle = new(descriptor, ownsHandle: true);
        try
        {
            Socket socket = new(handle);
            if (socket.SocketType == SocketType.Stream && socket.LocalEndPoint is not null)
                return socket;
            handle.SetHandleAsInvalid(); // a file, a pipe or a datagram socket is not ours to close
            return null;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            handle.SetHandleAsInvalid();
            return null;
        }
    }

    private static bool IsAt(EndPoint? socket, EndPoint address) => (socket, address) switch
    {
        (IPEndPoint one, IPEndPoint other) => one.Equals(other),
        (UnixDomainSocketEndPoint one, UnixDomainSocketEndPoint other) => one.ToString() == other.ToString(),
        _ => false,
    };
}
