using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace FullStack.Auth.Tokens;

/// <summary>A signed token, taken apart and not believed yet.</summary>
/// <param name="Algorithm"><c>alg</c> of its header.</param>
/// <param name="KeyId"><c>kid</c>; null where it names none.</param>
/// <param name="Claims">What it says.</param>
/// <param name="Signed">What its signature is over.</param>
/// <param name="Signature">The signature.</param>
/// <remarks>RFC 7515 §7.1 (compact serialization), RFC 7519 §7.2. A header with <c>crit</c> asks for what this program does not know, and is refused (RFC 7515 §4.1.11).</remarks>
internal sealed record JsonWebToken(string Algorithm, string? KeyId, JsonElement Claims, byte[] Signed, byte[] Signature)
{
    /// <summary>Longest token looked at, in characters: more than any protocol's line lets through.</summary>
    public const int MaxCharacters = 48 * 1024;

    public static bool TryParse(string text, [NotNullWhen(true)] out JsonWebToken? token)
    {
        token = null;
        int first = text.IndexOf('.', StringComparison.Ordinal);
        int second = first < 0 ? -1 : text.IndexOf('.', first + 1);
        if (text.Length > MaxCharacters || second < 0
            || !TryReadPart(text.AsSpan(0, first), out JsonElement header)
            || !TryReadPart(text.AsSpan(first + 1, second - first - 1), out JsonElement claims)
            || !Base64UrlText.TryDecode(text.AsSpan(second + 1), out byte[]? signature)
            || !JsonText.TryGetText(header, "alg", out string? algorithm) || algorithm.Length < 2
            || header.TryGetProperty("crit", out _))
            return false;
        JsonText.TryGetText(header, "kid", out string? keyId);
        token = new(algorithm, keyId, claims, Encoding.ASCII.GetBytes(text[..second]), signature);
        return true;
    }

    private static bool TryReadPart(ReadOnlySpan<char> text, out JsonElement value)
    {
        value = default;
        return Base64UrlText.TryDecode(text, out byte[]? octets) && JsonText.TryReadObject(octets, out value);
    }
}
