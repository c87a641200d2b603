using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace FullStack.Auth.Tokens;

/// <summary>JSON of others: an object, of bounded depth, in which no name stands twice.</summary>
internal static class JsonText
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>Reads one object. It needs no disposal: its memory is its own.</summary>
    public static bool TryReadObject(ReadOnlyMemory<byte> octets, out JsonElement value)
    {
        value = default;
        try
        {
            using JsonDocument document = JsonDocument.Parse(octets, s_options);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !HasOnlyText(octets.Span))
                return false;
            value = document.RootElement.Clone();
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // it came from anyone
        }
    }

    /// <summary>Whether all its texts are text: half characters may be written in JSON (RFC 8259 §8.2), and octets that are no UTF-8 are found only by who asks for them.</summary>
    /// <exception cref="InvalidOperationException">One is a half character.</exception>
    private static bool HasOnlyText(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            return false;
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.ValueIsEscaped)
                _ = reader.GetString();
        }

        return true;
    }

    /// <summary>A member that is a text.</summary>
    public static bool TryGetText(JsonElement value, string name, [NotNullWhen(true)] out string? text)
    {
        text = value.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
        return text is not null;
    }

    /// <summary>A member that is a time in seconds since 1970, perhaps with a fraction (RFC 7519 §2, NumericDate).</summary>
    public static bool TryGetTime(JsonElement value, string name, out DateTimeOffset time)
    {
        time = default;
        if (!value.TryGetProperty(name, out JsonElement member) || member.ValueKind != JsonValueKind.Number
            || !member.TryGetDouble(out double seconds) || seconds is < 0 or > 253_402_300_799)
            return false;
        time = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        return true;
    }
}
