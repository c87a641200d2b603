using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Logging;

/// <summary>Events as journald takes them: a datagram of named fields. <see href="https://systemd.io/JOURNAL_NATIVE_PROTOCOL/">Its protocol.</see></summary>
internal static class SystemJournal
{
    public const string Socket = "/run/systemd/journal/socket";

    /// <summary>Longest field: with all fields a datagram stays far below what the kernel takes.</summary>
    private const int MaxFieldOctets = 32 * 1024;

    private const string OriginalFormat = "{OriginalFormat}";

    /// <summary>Whether standard error of this process is journald's, so that its fields are better than lines.</summary>
    /// <param name="stream">JOURNAL_STREAM, device and inode of the stream that systemd has made; null where there is none.</param>
    /// <param name="standardError">What /proc/self/fd/2 leads to.</param>
    public static bool IsJournal(string? stream, string? standardError)
        => stream?.Split(':') is [_, { Length: > 0 } inode] && standardError == $"socket:[{inode}]";

    /// <summary>The datagram of an event.</summary>
    public static byte[] Layout(in LogEntry entry, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        ArrayBufferWriter<byte> datagram = new(512);
        StringBuilder message = new();
        LogLine.AppendEscaped(message, entry.Message);
        if (entry.Exception is not null)
            LogLine.AppendEscaped(message.Append(": "), entry.Exception.ToString());
        Add(datagram, "MESSAGE", $"{entry.Name}[{entry.Event.Id.ToString(CultureInfo.InvariantCulture)}] {message}");
        Add(datagram, "PRIORITY", SyslogLine.SeverityOf(entry.Level).ToString(CultureInfo.InvariantCulture));
        Add(datagram, "SYSLOG_IDENTIFIER", SyslogLine.Program);
        Add(datagram, "SYSLOG_FACILITY", SyslogLine.MailFacility.ToString(CultureInfo.InvariantCulture));
        Add(datagram, "FULLSTACK_EVENT", entry.Name);
        Add(datagram, "FULLSTACK_EVENT_ID", entry.Event.Id.ToString(CultureInfo.InvariantCulture));
        foreach ((string name, object? value) in fields)
        {
            if (name != OriginalFormat && Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text)
                Add(datagram, FieldOf(name), text);
        }

        return datagram.WrittenSpan.ToArray();
    }

    /// <summary>The field of a named value. Who is at the other end, and whose account it is, have one name each, whatever the event calls them.</summary>
    internal static string FieldOf(string name) => name switch
    {
        "Address" or "Remote" or "RemoteEndPoint" or "Client" => "FULLSTACK_PEER",
        "Account" or "Identity" => "FULLSTACK_ACCOUNT",
        _ => string.Concat(name.Select(static (c, i) => i > 0 && char.IsUpper(c) ? "_" + c : char.ToUpperInvariant(c).ToString()).Prepend("FULLSTACK_")),
    };

    // The form with a length, for all values: what is in them cannot end the field.
    private static void Add(ArrayBufferWriter<byte> datagram, string name, string value)
    {
        byte[] octets = Encoding.UTF8.GetBytes(value);
        int length = Math.Min(octets.Length, MaxFieldOctets);
        datagram.Write(Encoding.ASCII.GetBytes(name));
        datagram.Write("\n"u8);
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)length);
        datagram.Write(prefix);
        datagram.Write(octets.AsSpan(0, length));
        datagram.Write("\n"u8);
    }
}
