using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FullStack.Auth.Sasl;

/// <summary>Text in SASL messages: strict UTF-8 without NUL.</summary>
internal static class SaslText
{
    /// <summary>Longest identity or password, in octets. RFC 4616 §2 has 255 characters of each in mind.</summary>
    public const int MaxOctets = 1024;

    public static bool TryDecode(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (octets.Length > MaxOctets || octets.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(octets))
            return false;
        text = Encoding.UTF8.GetString(octets);
        return true;
    }
}
