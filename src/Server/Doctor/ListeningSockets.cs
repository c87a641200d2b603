using System.Globalization;
using System.Net;

namespace FullStack.Server.Doctor;

/// <summary>A TCP socket that listens.</summary>
/// <param name="EndPoint">Where.</param>
/// <param name="Process">Whose; null: it is another user's, and only root may know.</param>
/// <param name="Program">What that process calls itself.</param>
internal sealed record ListeningSocket(IPEndPoint EndPoint, int? Process, string Program);

/// <summary>Which sockets listen on this host, and who has them.</summary>
/// <remarks>proc(5): /proc/net/tcp, /proc/PID/fd.</remarks>
internal static class ListeningSockets
{
    private const string ListenState = "0A";

    /// <param name="proc">Where /proc is.</param>
    public static IReadOnlyList<ListeningSocket> Read(string proc)
    {
        List<(IPEndPoint EndPoint, string Inode)> sockets = [];
        foreach (string table in (string[])["net/tcp", "net/tcp6"])
        {
            string file = Path.Combine(proc, table);
            if (File.Exists(file))
                sockets.AddRange(File.ReadLines(file).Skip(1).Select(Parse).OfType<(IPEndPoint, string)>());
        }

        Dictionary<string, int> owners = OwnersOf(proc, [.. sockets.Select(static socket => socket.Inode)]);
        return [.. sockets.Select(socket => owners.TryGetValue(socket.Inode, out int process)
            ? new ListeningSocket(socket.EndPoint, process, ProgramOf(proc, process)) : new(socket.EndPoint, null, ""))];
    }

    /// <summary>What a process calls itself; empty where it is gone.</summary>
    public static string ProgramOf(string proc, int process)
    {
        string file = Path.Combine(proc, process.ToString(CultureInfo.InvariantCulture), "comm");
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    // "0: 0100007F:0019 00000000:0000 0A …", the inode in the tenth column.
    private static (IPEndPoint EndPoint, string Inode)? Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 10 || words[3] != ListenState || words[1].Split(':') is not [var address, var port])
            return null;
        byte[] octets = Convert.FromHexString(address);
        for (int i = 0; i < octets.Length; i += 4)
            octets.AsSpan(i, 4).Reverse(); // each four octets are a number of this machine's
        return (new(new IPAddress(octets), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture)), words[9]);
    }

    private static Dictionary<string, int> OwnersOf(string proc, HashSet<string> inodes)
    {
        Dictionary<string, int> owners = [];
        foreach (string folder in Directory.EnumerateDirectories(proc))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int process))
                continue;
            try
            {
                foreach (FileSystemInfo file in new DirectoryInfo(Path.Combine(folder, "fd")).EnumerateFileSystemInfos())
                {
                    if (file.LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal) && target[8..^1] is var inode && inodes.Contains(inode))
                        owners.TryAdd(inode, process);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is another user's.
            }
        }

        return owners;
    }
}
