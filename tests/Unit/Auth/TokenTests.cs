using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Tokens;
using FullStack.Harness;

namespace FullStack.Unit.Auth;

/// <summary>Signed tokens: whose signature counts, and what of what they say has to be right.</summary>
public sealed class TokenTests
{
    private const string ExamplePayload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    private static readonly RSA s_rsa = RSA.Create(2048);
    private static readonly ECDsa s_curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData( // RFC 7515 App. A.2
        """{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}""",
        "eyJhbGciOiJSUzI1NiJ9",
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")]
    [InlineData( // RFC 7515 App. A.3
        """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""",
        "eyJhbGciOiJFUzI1NiJ9",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")]
    public void Examples_of_the_rfc_hold(string key, string header, string signature)
    {
        Assert.True(JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes($"{{\"keys\":[{key}]}}"), out JsonWebKeySet? keys));
        Assert.True(JsonWebToken.TryParse($"{header}.{ExamplePayload}.{signature}", out JsonWebToken? token));
        Assert.True(keys.Verify(token));
        token.Signed[^1] ^= 1;
        Assert.False(keys.Verify(token));
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("ES384")]
    public async Task A_right_token_names_its_user(string algorithm)
    {
        TokenVerdict verdict = await CheckAsync(Token(algorithm, Claims()));
        Assert.Equal(new(LoginOutcome.Accepted, "alice@example.test"), verdict);
    }

    [Fact]
    public async Task A_signature_of_another_kind_or_none_lets_nobody_in()
    {
        string good = Token("RS256", Claims());
        string[] parts = good.Split('.');
        string none = $"{Encoded("""{"alg":"none"}""")}.{parts[1]}.";
        string swapped = $"{Encoded("""{"alg":"ES384","kid":"r"}""")}.{parts[1]}.{parts[2]}";
        byte[] published = Encoding.ASCII.GetBytes(KeySet());
        string signed = $"{Encoded("""{"alg":"HS256","kid":"r"}""")}.{parts[1]}";
        string keyed = $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(published, Encoding.ASCII.GetBytes(signed)))}";
        string critical = Token("RS256", Claims(), """,  "crit":["exp"]""");
        foreach (string bad in (string[])[none, swapped, keyed, critical, good + "A", good + "=", " " + good, parts[0] + "." + parts[1], "", "...", good[..^4] + "AAAA"])
            Assert.Equal(LoginOutcome.Refused, (await CheckAsync(bad)).Outcome);
    }

    [Theory]
    [InlineData("iss", "\"https://other.test/\"")]
    [InlineData("iss", "null")]
    [InlineData("aud", "\"other\"")]
    [InlineData("aud", "[\"other\", 5]")]
    [InlineData("aud", "5")]
    [InlineData("exp", "1")]
    [InlineData("exp", "\"9999999999\"")]
    [InlineData("exp", "1e300")]
    [InlineData("nbf", "9999999999")]
    [InlineData("iat", "9999999999")]
    [InlineData("email", "5")]
    [InlineData("email", "\"\"")]
    [InlineData("email_verified", "false")]
    [InlineData("email_verified", "\"true\"")]
    [InlineData("scope", "\"mails openid\"")]
    [InlineData("scope", "[\"mail\"]")]
    public async Task Each_claim_that_is_wrong_is_enough_to_be_refused(string claim, string value)
        => Assert.Equal(LoginOutcome.Refused, (await CheckAsync(Token("RS256", Claims((claim, value))))).Outcome);

    [Theory]
    [InlineData("aud", "[\"other\", \"mail.example.test\"]")]
    [InlineData("email_verified", "true")]
    public async Task Claims_have_their_forms(string claim, string value)
        => Assert.Equal(LoginOutcome.Accepted, (await CheckAsync(Token("RS256", Claims((claim, value))))).Outcome);

    [Fact]
    public async Task Clocks_may_differ_by_the_leeway()
    {
        string token = Token("RS256", Claims());
        _time.Advance(TimeSpan.FromSeconds(600 + 59));
        Assert.Equal(LoginOutcome.Accepted, (await CheckAsync(token)).Outcome);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(LoginOutcome.Refused, (await CheckAsync(token)).Outcome);
    }

    [Fact]
    public async Task Keys_are_fetched_again_for_an_unknown_one_but_not_for_each()
    {
        int fetches = 0;
        string set = """{"keys":[]}""";
        IssuerKeys keys = new(_ => Fetch(), TimeSpan.FromHours(1), _time);
        Assert.True(JsonWebToken.TryParse(Token("RS256", Claims()), out JsonWebToken? token));
        for (int i = 0; i < 50; i++)
            Assert.False(await keys.VerifyAsync(token, TestContext.Current.CancellationToken));
        Assert.Equal(1, fetches);
        set = KeySet();
        _time.Advance(IssuerKeys.Pause);
        Assert.True(await keys.VerifyAsync(token, TestContext.Current.CancellationToken));
        Assert.Equal(2, fetches);
        for (int i = 0; i < 50; i++)
            Assert.True(await keys.VerifyAsync(token, TestContext.Current.CancellationToken));
        Assert.Equal(2, fetches);
        _time.Advance(TimeSpan.FromHours(1.1));
        Assert.True(await keys.VerifyAsync(token, TestContext.Current.CancellationToken));
        Assert.Equal(3, fetches);

        Task<byte[]> Fetch()
        {
            fetches++;
            return Task.FromResult(Encoding.UTF8.GetBytes(set));
        }
    }

    [Fact]
    public async Task An_issuer_that_is_down_makes_nobodys_token_wrong()
    {
        bool isDown = true;
        IssuerKeys keys = new(
            _ => isDown ? Task.FromException<byte[]>(new TokenIssuerException("down")) : Task.FromResult(Encoding.UTF8.GetBytes(KeySet())), TimeSpan.FromHours(1), _time);
        Assert.True(JsonWebToken.TryParse(Token("RS256", Claims()), out JsonWebToken? token));
        await Assert.ThrowsAsync<TokenIssuerException>(() => keys.VerifyAsync(token, TestContext.Current.CancellationToken).AsTask());
        isDown = false;
        _time.Advance(IssuerKeys.Pause);
        Assert.True(await keys.VerifyAsync(token, TestContext.Current.CancellationToken));

        isDown = true;
        _time.Advance(TimeSpan.FromHours(2));
        Assert.True(await keys.VerifyAsync(token, TestContext.Current.CancellationToken)); // known keys go on for a day
        Assert.True(JsonWebToken.TryParse(Token("RS256", Claims(), keyId: "new"), out JsonWebToken? other));
        await Assert.ThrowsAsync<TokenIssuerException>(() => keys.VerifyAsync(other, TestContext.Current.CancellationToken).AsTask());
        _time.Advance(IssuerKeys.StaleLifetime);
        await Assert.ThrowsAsync<TokenIssuerException>(() => keys.VerifyAsync(token, TestContext.Current.CancellationToken).AsTask());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"keys\":5}")]
    [InlineData("{\"keys\":[5,{},{\"kty\":\"RSA\"},{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"},{\"kty\":\"oct\",\"k\":\"AQAB\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}]}")]
    public void Damaged_key_sets_have_no_keys(string json)
    {
        Assert.True(JsonWebToken.TryParse(Token("RS256", Claims()), out JsonWebToken? token));
        Assert.False(JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(json), out JsonWebKeySet? set) && set.Knows(token with { KeyId = null }));
    }

    private async Task<TokenVerdict> CheckAsync(string token)
    {
        using ScratchFolder folder = new();
        string file = folder.File("keys");
        await File.WriteAllTextAsync(file, KeySet(), TestContext.Current.CancellationToken);
        TokenOptions options = new() { Issuer = "https://id.example.test/", Audiences = ["mail.example.test"], Scope = "mail", KeyFile = file };
        return await new TokenCheck(options, _time).CheckAsync(token, TestContext.Current.CancellationToken);
    }

    private string Claims(params (string Name, string Value)[] changes)
    {
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        Dictionary<string, string> claims = new()
        {
            ["iss"] = "\"https://id.example.test/\"",
            ["aud"] = "\"mail.example.test\"",
            ["exp"] = (now + 600).ToString(CultureInfo.InvariantCulture),
            ["iat"] = now.ToString(CultureInfo.InvariantCulture),
            ["email"] = "\"alice@example.test\"",
            ["scope"] = "\"openid mail\"",
        };
        foreach ((string name, string value) in changes)
            claims[name] = value;
        return $"{{{string.Join(',', claims.Select(static pair => $"\"{pair.Key}\":{pair.Value}"))}}}";
    }

    private static string Token(string algorithm, string claims, string more = "", string? keyId = null)
    {
        bool isCurve = algorithm[0] == 'E';
        string signed = $"{Encoded($"{{\"alg\":\"{algorithm}\",\"kid\":\"{keyId ?? (isCurve ? "e" : "r")}\"{more}}}")}.{Encoded(claims)}";
        HashAlgorithmName hash = new("SHA" + algorithm[2..]);
        byte[] octets = Encoding.ASCII.GetBytes(signed);
        byte[] signature = isCurve ? s_curve.SignData(octets, hash) : s_rsa.SignData(octets, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string KeySet()
    {
        RSAParameters rsa = s_rsa.ExportParameters(includePrivateParameters: false);
        ECPoint point = s_curve.ExportParameters(includePrivateParameters: false).Q;
        return $$"""
            {"keys":[{"kty":"RSA","kid":"r","use":"sig","n":"{{Base64Url.EncodeToString(rsa.Modulus)}}","e":"{{Base64Url.EncodeToString(rsa.Exponent)}}"},
            {"kty":"EC","crv":"P-384","kid":"e","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}
            """;
    }

    private static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
