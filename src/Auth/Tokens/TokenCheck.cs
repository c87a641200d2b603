using System.Text.Json;

namespace FullStack.Auth.Tokens;

/// <summary>Says of a bearer token whether it counts, and whom it names.</summary>
/// <remarks>
/// A signed token (RFC 7519) is checked by the issuer's keys where there are any; one of another form, and each where there are none, by asking the issuer (RFC 7662).
/// </remarks>
internal sealed class TokenCheck
{
    private const int MaxKeyFileOctets = 256 * 1024;

    private readonly TokenOptions _options;
    private readonly TokenClaims _claims;
    private readonly TokenWeb _web;
    private readonly IssuerKeys? _keys;
    private readonly AnsweredTokens _answered;

    public TokenCheck(TokenOptions options, TimeProvider time)
    {
        _options = options;
        _claims = new(options, time);
        _web = new(time);
        _answered = new(options.IntrospectionLifetime, time);
        if (options.KeyFile.Length > 0)
            _keys = new(ct => ReadAsync(options.KeyFile, MaxKeyFileOctets, ct), TimeSpan.FromMinutes(1), time);
        else if (options.KeyAddress is { } address)
            _keys = new(ct => _web.GetAsync(address, ct), options.KeyLifetime, time);
    }

    /// <summary>Checks a token.</summary>
    /// <exception cref="TokenIssuerException">It cannot be known now.</exception>
    public async ValueTask<TokenVerdict> CheckAsync(string token, CancellationToken ct)
    {
        if (_keys is not null && JsonWebToken.TryParse(token, out JsonWebToken? signed))
            return await _keys.VerifyAsync(signed, ct) ? _claims.JudgeSigned(signed.Claims) : TokenVerdict.Refused;
        if (_options.Introspection is not { } address || token.Length > JsonWebToken.MaxCharacters)
            return TokenVerdict.Refused;
        if (_answered.Find(token) is { } known)
            return known;
        return await AskAsync(address, token, ct);
    }

    private async ValueTask<TokenVerdict> AskAsync(Uri address, string token, CancellationToken ct)
    {
        string? credentials = _options.IntrospectionUser.Length == 0 ? null : $"{Escaped(_options.IntrospectionUser)}:{Escaped(await SecretAsync(ct))}";
        byte[] answer = await _web.PostAsync(address, credentials, [new("token", token), new("token_type_hint", "access_token")], ct);
        if (!JsonText.TryReadObject(answer, out JsonElement value))
            throw new TokenIssuerException($"what {address} answered is no JSON object (RFC 7662 §2.2)");
        TokenVerdict verdict = _claims.JudgeAnswer(value);
        _answered.Add(token, verdict, TokenClaims.EndOf(value));
        return verdict;
    }

    /// <summary>As in a form, before it goes into Basic (RFC 6749 §2.3.1).</summary>
    private static string Escaped(string text) => System.Net.WebUtility.UrlEncode(text);

    private async ValueTask<string> SecretAsync(CancellationToken ct)
        => _options.IntrospectionSecretFile.Length == 0 ? "" : System.Text.Encoding.UTF8.GetString(await ReadAsync(_options.IntrospectionSecretFile, 4096, ct)).TrimEnd('\r', '\n');

    private static async Task<byte[]> ReadAsync(string file, int maxOctets, CancellationToken ct)
    {
        try
        {
            if (new FileInfo(file).Length > maxOctets)
                throw new TokenIssuerException($"{file} is longer than {maxOctets} octets");
            return await File.ReadAllBytesAsync(file, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenIssuerException($"{file} cannot be read: {e.Message}", e);
        }
    }
}
