using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace FullStack.Server.Journal;

/// <summary>One thing that happened to a message.</summary>
/// <param name="Time">When.</param>
/// <param name="Event">Its number in the log.</param>
/// <param name="Text">What the log said.</param>
/// <param name="Fields">The named values in it.</param>
internal sealed record JournalEntry(DateTimeOffset Time, int Event, string Text, IReadOnlyDictionary<string, string> Fields)
{
    public string? QueueId => Fields.GetValueOrDefault("queueId");

    public string? ConnectionId => Fields.GetValueOrDefault("connectionId");

    /// <summary>The message that tells the sender of this one.</summary>
    public string? NoticeId => Fields.GetValueOrDefault("noticeId");

    /// <summary>Reads a line of the journal.</summary>
    /// <returns>False where it is none: a crash cuts the last one short, and lines that could not be written are only counted.</returns>
    public static bool TryParse(string line, [NotNullWhen(true)] out JournalEntry? entry)
    {
        entry = null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("time", out JsonElement time) || !root.TryGetProperty("event", out JsonElement number)
                || !root.TryGetProperty("message", out JsonElement text) || !root.TryGetProperty("fields", out JsonElement fields) || fields.ValueKind != JsonValueKind.Object
                || !DateTimeOffset.TryParse(time.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset when) || !number.TryGetInt32(out int id))
                return false;
            entry = new(when, id, text.ToString(), fields.EnumerateObject().ToDictionary(static one => one.Name, static one => one.Value.ToString()));
            return true;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Whether one of its values is the text, or has it as an address or an id in it.</summary>
    public bool Names(string text)
    {
        foreach (string value in Fields.Values)
        {
            for (int at = value.IndexOf(text, StringComparison.OrdinalIgnoreCase); at >= 0; at = value.IndexOf(text, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                bool begins = at == 0 || !IsPart(value[at - 1]);
                bool ends = at + text.Length == value.Length || !IsPart(value[at + text.Length]);
                if (begins && ends)
                    return true;
            }
        }

        return false;
    }

    // joe@example.org is not part of what bigjoe@example.org did, nor of what joe@example.org.uk did.
    private static bool IsPart(char c) => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '@' or '=';
}
