using System.Text.Json;

namespace FullStack.Auth.Tokens;

/// <summary>Judges what a token says, once it is known that the issuer says so.</summary>
/// <remarks>RFC 7519 §4.1, RFC 7662 §2.2, RFC 8725 §3.8 and §3.9.</remarks>
internal sealed class TokenClaims(TokenOptions options, TimeProvider time)
{
    /// <summary>Judges the claims of a signed token: issuer, audience and end must be there and right.</summary>
    public TokenVerdict JudgeSigned(JsonElement claims)
        => JsonText.TryGetText(claims, "iss", out string? issuer) && issuer == options.Issuer && NamesAudience(claims) && JsonText.TryGetTime(claims, "exp", out _)
            ? Judge(claims)
            : TokenVerdict.Refused;

    /// <summary>Judges what the issuer itself answered about a token: what it leaves out it has looked at.</summary>
    public TokenVerdict JudgeAnswer(JsonElement answer)
    {
        bool isActive = answer.TryGetProperty("active", out JsonElement active) && active.ValueKind == JsonValueKind.True;
        bool isIssuers = options.Issuer.Length == 0 || !JsonText.TryGetText(answer, "iss", out string? issuer) || issuer == options.Issuer;
        bool isForUs = options.Audiences.Count == 0 || !answer.TryGetProperty("aud", out _) || NamesAudience(answer);
        return isActive && isIssuers && isForUs ? Judge(answer) : TokenVerdict.Refused;
    }

    /// <summary>When a token ends; null where that is not said.</summary>
    public static DateTimeOffset? EndOf(JsonElement claims) => JsonText.TryGetTime(claims, "exp", out DateTimeOffset end) ? end : null;

    private TokenVerdict Judge(JsonElement claims)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (IsPast(claims, "exp", now - options.Leeway) || IsAhead(claims, "nbf", now + options.Leeway) || IsAhead(claims, "iat", now + options.Leeway))
            return TokenVerdict.Refused;
        if (options.Scope.Length > 0 && !(JsonText.TryGetText(claims, "scope", out string? scope) && HasWord(scope, options.Scope)))
            return TokenVerdict.Refused;
        bool isDoubtful = options.UserClaim == "email" && claims.TryGetProperty("email_verified", out JsonElement verified) && verified.ValueKind != JsonValueKind.True;
        return JsonText.TryGetText(claims, options.UserClaim, out string? user) && user.Length > 0 && !isDoubtful
            ? new(LoginOutcome.Accepted, user)
            : TokenVerdict.Refused;
    }

    private static bool IsPast(JsonElement claims, string name, DateTimeOffset now)
        => claims.TryGetProperty(name, out _) && !(JsonText.TryGetTime(claims, name, out DateTimeOffset end) && end > now);

    private static bool IsAhead(JsonElement claims, string name, DateTimeOffset now)
        => claims.TryGetProperty(name, out _) && !(JsonText.TryGetTime(claims, name, out DateTimeOffset start) && start <= now);

    /// <summary>One text, or a list of them (RFC 7519 §4.1.3).</summary>
    private bool NamesAudience(JsonElement claims) => claims.TryGetProperty("aud", out JsonElement audience) && audience.ValueKind switch
    {
        JsonValueKind.String => options.Audiences.Contains(audience.GetString()),
        JsonValueKind.Array => audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && options.Audiences.Contains(one.GetString())),
        _ => false,
    };

    /// <summary>Words with a space between them (RFC 6749 §3.3).</summary>
    private static bool HasWord(ReadOnlySpan<char> text, string word)
    {
        foreach (Range range in text.Split(' '))
        {
            if (text[range].SequenceEqual(word))
                return true;
        }

        return false;
    }
}
