using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FullStack.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Logging;

/// <summary>One event to be logged.</summary>
internal readonly record struct LogEntry(
    DateTimeOffset Time, LogLevel Level, string Source, EventId Event, string Message, Exception? Exception)
{
    /// <summary>The event's name, which stays the same: <c>Smtp.RecipientRefused</c>. Without one, its source.</summary>
    public string Name => Event.Name is { Length: > 0 } name ? $"{Source}.{name}" : Source;
}

/// <summary>Writes an event as one line, of text or of JSON.</summary>
internal static class LogLine
{
    private const string OriginalFormat = "{OriginalFormat}";

    /// <summary>The line with its line feed, in UTF-8.</summary>
    /// <param name="format">Text or JSON.</param>
    /// <param name="entry">The event.</param>
    /// <param name="fields">The named values of the message; in text they are in the message already.</param>
    public static byte[] Render(LogFormat format, in LogEntry entry, IReadOnlyList<KeyValuePair<string, object?>>? fields)
        => format == LogFormat.Json ? Json(entry, fields ?? []) : Text(entry);

    public static string LevelName(LogLevel level) => Settings.LogLevels.Format(level == LogLevel.Critical ? LogLevel.Error : level);

    private static byte[] Text(in LogEntry entry)
    {
        StringBuilder line = new();
        line.Append(CultureInfo.InvariantCulture, $"{Timestamp(entry.Time)} {LevelName(entry.Level)} {entry.Name}[{entry.Event.Id}] ");
        AppendEscaped(line, entry.Message);
        if (entry.Exception is not null)
            AppendEscaped(line.Append(": "), entry.Exception.ToString());
        return Encoding.UTF8.GetBytes(line.Append('\n').ToString());
    }

    private static byte[] Json(in LogEntry entry, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, Timestamp(entry.Time));
            json.WriteString("level"u8, LevelName(entry.Level));
            json.WriteString("source"u8, entry.Source);
            json.WriteNumber("event"u8, entry.Event.Id);
            json.WriteString("name"u8, entry.Name);
            json.WriteString("message"u8, entry.Message);
            if (entry.Exception is not null)
                json.WriteString("exception"u8, entry.Exception.ToString());
            json.WriteStartObject("fields"u8);
            for (int i = 0; i < fields.Count; i++)
            {
                if (fields[i].Key != OriginalFormat)
                    WriteField(json, JsonNamingPolicy.CamelCase.ConvertName(fields[i].Key), fields[i].Value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private static void WriteField(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case bool flag: json.WriteBoolean(name, flag); break;
            case int number: json.WriteNumber(name, number); break;
            case uint number: json.WriteNumber(name, number); break;
            case long number: json.WriteNumber(name, number); break;
            case double number when double.IsFinite(number): json.WriteNumber(name, Math.Round(number, 6)); break;
            case DateTimeOffset time: json.WriteString(name, Timestamp(time)); break;
            default: json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }

    private static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Adds text without line ends and other controls: an event is one line whatever is in it, and a stack trace has line ends of its own.</summary>
    internal static void AppendEscaped(StringBuilder line, string text)
    {
        foreach (char c in text)
        {
            if (c == '\n')
                line.Append("\\n");
            else if (char.IsControl(c) && c != '\t')
                line.Append(c == '\r' ? "" : $@"\x{(int)c:x2}");
            else
                line.Append(c);
        }
    }
}
