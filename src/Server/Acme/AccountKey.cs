using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace FullStack.Server.Acme;

/// <summary>The key by which an authority knows its customer: ECDSA on P-256 (ES256).</summary>
/// <remarks>RFC 7515, RFC 7518 §3.4, RFC 7638.</remarks>
internal sealed class AccountKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly string _x;
    private readonly string _y;

    private AccountKey(ECDsa key)
    {
        _key = key;
        ECParameters parameters = key.ExportParameters(includePrivateParameters: false);
        (_x, _y) = (Base64Url.EncodeToString(parameters.Q.X), Base64Url.EncodeToString(parameters.Q.Y));
    }

    public static AccountKey Make() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="CryptographicException">The text is no key of the kind that is made here.</exception>
    public static AccountKey FromPem(string pem)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize == 256 ? new(key) : throw new CryptographicException("not a key on P-256");
        }
        catch (Exception e) when (e is ArgumentException or PlatformNotSupportedException) // the latter of a curve that OpenSSL does not know
        {
            key.Dispose();
            throw new CryptographicException("no private key in it", e);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public string ToPem() => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>The public half, as a header or an account registration holds it.</summary>
    public JsonObject Jwk => new() { ["crv"] = "P-256", ["kty"] = "EC", ["x"] = _x, ["y"] = _y };

    /// <summary>The public half's SHA-256, over its members in the order of their names and without white space (RFC 7638 §3).</summary>
    public string Thumbprint => ThumbprintOf($$"""{"crv":"P-256","kty":"EC","x":"{{_x}}","y":"{{_y}}"}""");

    public static string ThumbprintOf(string canonical) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

    /// <summary>What answers a challenge (RFC 8555 §8.1).</summary>
    public string Authorize(string token) => $"{token}.{Thumbprint}";

    /// <summary>A signed request (RFC 8555 §6.2).</summary>
    /// <param name="url">Where it goes.</param>
    /// <param name="nonce">The authority's number for one request.</param>
    /// <param name="account">The account's address; null: the key itself stands for it, which it does before there is an account.</param>
    /// <param name="payload">What is said; null: nothing, which reads (POST-as-GET).</param>
    public string Sign(string url, string nonce, string? account, JsonNode? payload)
    {
        JsonObject header = new() { ["alg"] = "ES256", ["nonce"] = nonce, ["url"] = url };
        if (account is null)
            header["jwk"] = Jwk;
        else
            header["kid"] = account;
        return JsonWebSignature.Write(header, payload, octets => _key.SignData(octets, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)).ToJsonString();
    }

    /// <summary>The proof that another account of the authority's stands behind this key (RFC 8555 §7.3.4).</summary>
    /// <param name="url">Where accounts are made.</param>
    /// <param name="keyId">The other account's name.</param>
    /// <param name="key">The secret it shares with the authority.</param>
    public JsonObject Bind(string url, string keyId, byte[] key)
        => JsonWebSignature.Write(new() { ["alg"] = "HS256", ["kid"] = keyId, ["url"] = url }, Jwk, octets => HMACSHA256.HashData(key, octets));

    public void Dispose() => _key.Dispose();
}
