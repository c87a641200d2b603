using System.Text;

namespace FullStack.Fuzz.Parsers;

/// <summary>Octets that a parser is given, in the forms that parsers take.</summary>
internal sealed class FuzzInput(byte[] octets)
{
    public byte[] Octets => octets;

    public ReadOnlySpan<byte> Span => octets;

    /// <summary>As UTF-8; what is none becomes U+FFFD.</summary>
    public string Text { get; } = Encoding.UTF8.GetString(octets);

    /// <summary>The text's lines.</summary>
    public IReadOnlyList<string> Lines => field ??= Text.ReplaceLineEndings("\n").Split('\n');

    /// <summary>What stands before the first semicolon of the text, and what behind it: for parsers of two arguments.</summary>
    public (string First, string Second) Halves
    {
        get
        {
            int at = Text.IndexOf(';', StringComparison.Ordinal);
            return at < 0 ? (Text, "") : (Text[..at], Text[(at + 1)..]);
        }
    }
}
