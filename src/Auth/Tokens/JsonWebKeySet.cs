using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace FullStack.Auth.Tokens;

/// <summary>An issuer's keys at one time.</summary>
/// <remarks>RFC 7517 §5: members of an unknown kind are passed over.</remarks>
internal sealed class JsonWebKeySet
{
    /// <summary>Most keys taken of a set, and most that a token without <c>kid</c> is held against.</summary>
    public const int MaxKeys = 32;

    private readonly List<JsonWebKey> _keys;

    private JsonWebKeySet(List<JsonWebKey> keys) => _keys = keys;

    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out JsonWebKeySet? set)
    {
        set = null;
        if (!JsonText.TryReadObject(json, out JsonElement value) || !value.TryGetProperty("keys", out JsonElement members) || members.ValueKind != JsonValueKind.Array)
            return false;
        List<JsonWebKey> keys = [];
        foreach (JsonElement member in members.EnumerateArray())
        {
            if (keys.Count < MaxKeys && JsonWebKey.TryRead(member, out JsonWebKey? key))
                keys.Add(key);
        }

        set = new(keys);
        return true;
    }

    /// <summary>Whether a key of a token's name is in it; a token that names none may have been signed with any.</summary>
    public bool Knows(JsonWebToken token) => _keys.Exists(key => Fits(key, token));

    /// <summary>Whether one of the keys made a token's signature.</summary>
    public bool Verify(JsonWebToken token) => _keys.Exists(key => Fits(key, token) && key.Verify(token.Algorithm, token.Signed, token.Signature));

    private static bool Fits(JsonWebKey key, JsonWebToken token) => token.KeyId is null || key.Id == token.KeyId;
}
