using System.Globalization;
using System.Text;

namespace FullStack.Net;

/// <summary>
/// Text from a peer made fit for a log line: controls and non-ASCII octets escaped, at most 200 characters. So are characters that show as nothing or
/// turn the direction of writing (U+202E): a line is to be what it seems.
/// </summary>
public readonly struct Loggable : IEquatable<Loggable>
{
    /// <summary>Longest text kept, in characters before escaping.</summary>
    public const int MaxCharacters = 200;

    private readonly string? _text;

    private Loggable(string text) => _text = text;

    /// <summary>Escapes octets as they came from the peer.</summary>
    public static Loggable From(ReadOnlySpan<byte> octets)
    {
        StringBuilder text = new();
        foreach (byte octet in octets[..Math.Min(octets.Length, MaxCharacters)])
            Append(text, (char)octet, octet is >= 0x20 and < 0x7F);
        return new(Ended(text, octets.Length));
    }

    /// <summary>Escapes text that was decoded from what the peer sent.</summary>
    public static Loggable From(string? characters)
    {
        characters ??= "";
        StringBuilder text = new();
        foreach (char c in characters.AsSpan(0, Math.Min(characters.Length, MaxCharacters)))
            Append(text, c, char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));
        return new(Ended(text, characters.Length));
    }

    public override string ToString() => _text ?? "";
    public bool Equals(Loggable other) => _text == other._text;
    public override bool Equals(object? obj) => obj is Loggable other && Equals(other);
    public override int GetHashCode() => _text?.GetHashCode(StringComparison.Ordinal) ?? 0;
    public static bool operator ==(Loggable left, Loggable right) => left.Equals(right);
    public static bool operator !=(Loggable left, Loggable right) => !left.Equals(right);

    private static void Append(StringBuilder text, char c, bool printable)
    {
        if (c == '\\')
            text.Append(@"\\");
        else if (printable)
            text.Append(c);
        else
            text.Append(c <= 0xFF ? $@"\x{(int)c:x2}" : $@"\u{(int)c:x4}");
    }

    private static string Ended(StringBuilder text, int length) => length > MaxCharacters ? text.Append('…').ToString() : text.ToString();
}
