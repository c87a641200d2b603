using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Logging;

/// <summary>Events as a syslog daemon of this host takes them, with the facility of mail.</summary>
/// <remarks>RFC 3164 §4.1 as syslog(3) writes it to /dev/log: local time, no host name, the program with its process number.</remarks>
internal sealed class SyslogLine(TimeProvider time, int process)
{
    public const string Socket = "/dev/log";

    /// <summary>RFC 5424 §6.2.1: mail system.</summary>
    public const int MailFacility = 2;

    public const string Program = "fullstack";

    /// <summary>What daemons take as one message by default (rsyslog: 8 KiB).</summary>
    private const int MaxOctets = 8 * 1024;

    /// <summary>The datagram of an event.</summary>
    public byte[] Layout(in LogEntry entry, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        DateTimeOffset local = TimeZoneInfo.ConvertTime(entry.Time, time.LocalTimeZone);
        StringBuilder line = new();
        line.Append(CultureInfo.InvariantCulture,
            $"<{(MailFacility * 8) + SeverityOf(entry.Level)}>{local:MMM} {local.Day,2} {local:HH:mm:ss} {Program}[{process}]: {entry.Name}[{entry.Event.Id}] ");
        LogLine.AppendEscaped(line, entry.Message);
        if (entry.Exception is not null)
            LogLine.AppendEscaped(line.Append(": "), entry.Exception.ToString());
        byte[] octets = Encoding.UTF8.GetBytes(line.ToString());
        return octets.Length <= MaxOctets ? octets : octets[..MaxOctets];
    }

    /// <summary>RFC 5424 §6.2.1: 3 error, 4 warning, 6 informational, 7 debug.</summary>
    public static int SeverityOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => 7,
        LogLevel.Information => 6,
        LogLevel.Warning => 4,
        _ => 3,
    };
}
