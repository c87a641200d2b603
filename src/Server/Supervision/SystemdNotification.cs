using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FullStack.Server.Supervision;

/// <summary>Tells systemd how the service is doing (sd_notify(3): a datagram to the socket named in NOTIFY_SOCKET). Without systemd it says nothing.</summary>
internal sealed class SystemdNotification(string? address, TimeSpan? watchdog)
{
    /// <summary>Longest status told: one line of `systemctl status`.</summary>
    private const int MaxStatus = 500;

    /// <summary>Within what time systemd wants to hear of the service each time; null: it does not.</summary>
    public TimeSpan? Watchdog { get; } = watchdog;

    /// <summary>Takes what the process was given, once: the variables are removed, for they are not for programs that this one starts.</summary>
    public static SystemdNotification OfProcess()
    {
        string? socket = Take("NOTIFY_SOCKET"), limit = Take("WATCHDOG_USEC"), process = Take("WATCHDOG_PID");
        bool isOurs = process is null || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        bool isWatched = long.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0 && isOurs;
        return new(socket, isWatched ? TimeSpan.FromMicroseconds(microseconds) : null);
    }

    /// <summary>The service does its work.</summary>
    public void Ready(string status) => Send($"READY=1\n{Status(status)}");

    /// <summary>The configuration is being read again; <see cref="Ready"/> says when that is over.</summary>
    /// <param name="time">Its timestamps are those of CLOCK_MONOTONIC, by which systemd tells this reload from an earlier one.</param>
    public void Reloading(TimeProvider time)
    {
        long microseconds = (long)(time.GetTimestamp() * (1_000_000.0 / time.TimestampFrequency));
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}\n{Status("reading the configuration again")}"));
    }

    public void Stopping() => Send($"STOPPING=1\n{Status("sessions are asked to end")}");

    /// <summary>The service is alive.</summary>
    public void Ping() => Send("WATCHDOG=1");

    private static string? Take(string variable)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value is { Length: > 0 } ? value : null;
    }

    private static string Status(string text)
    {
        string line = text.ReplaceLineEndings(" ");
        return "STATUS=" + (line.Length > MaxStatus ? line[..MaxStatus] + "…" : line);
    }

    private void Send(string state)
    {
        if (address is null)
            return;
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            string path = address[0] == '@' ? "\0" + address[1..] : address; // a name in the abstract namespace
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            // A supervisor that does not listen is its own trouble; mail is served all the same.
        }
    }
}
