using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;

namespace FullStack.Auth.Tokens;

/// <summary>One public key that an issuer signs tokens with.</summary>
/// <remarks>RFC 7517 §4, RFC 7518 §6. RSA of 2,048 to 8,192 bits, and the curves P-256, P-384 and P-521; keys that both sides know are none of these, so nobody signs with a key that is published.</remarks>
internal sealed class JsonWebKey
{
    private const int LeastRsaBits = 2048;
    private const int MostRsaBits = 8192;

    private readonly RSA? _rsa;
    private readonly ECDsa? _ecdsa;
    private readonly string? _algorithm;

    private JsonWebKey(string? id, string? algorithm, RSA? rsa, ECDsa? ecdsa) => (Id, _algorithm, _rsa, _ecdsa) = (id, algorithm, rsa, ecdsa);

    /// <summary><c>kid</c>; null where it has none.</summary>
    public string? Id { get; }

    /// <summary>Reads one member of a key set; false for a key of another kind, or for another use.</summary>
    public static bool TryRead(JsonElement element, [NotNullWhen(true)] out JsonWebKey? key)
    {
        key = null;
        if (element.ValueKind != JsonValueKind.Object || (TextOf(element, "use") is { } use && use != "sig"))
            return false;
        try
        {
            (RSA? rsa, ECDsa? ecdsa) = TextOf(element, "kty") switch
            {
                "RSA" => (ReadRsa(element), null),
                "EC" => (null, ReadCurve(element)),
                _ => ((RSA?)null, (ECDsa?)null),
            };
            key = rsa is null && ecdsa is null ? null : new(TextOf(element, "kid"), TextOf(element, "alg"), rsa, ecdsa);
        }
        catch (CryptographicException)
        {
            key = null; // no point of the curve, or no modulus
        }

        return key is not null;
    }

    /// <summary>Whether a signature is this key's.</summary>
    /// <param name="algorithm"><c>alg</c> of the token. One that this kind of key has nothing to do with does not fit.</param>
    /// <param name="signed">What was signed.</param>
    /// <param name="signature">The signature.</param>
    public bool Verify(string algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (_algorithm is not null && _algorithm != algorithm)
            return false;
        if (_rsa is not null && algorithm is ['R', 'S', ..] && HashOf(algorithm) is { } hash)
            return _rsa.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1);
        if (_rsa is not null && algorithm is ['P', 'S', ..] && HashOf(algorithm) is { } pss)
            return _rsa.VerifyData(signed, signature, pss, RSASignaturePadding.Pss);
        return _ecdsa is not null && algorithm == CurveAlgorithm(_ecdsa.KeySize)
            && _ecdsa.VerifyData(signed, signature, HashOf(algorithm)!.Value, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }


    private static RSA? ReadRsa(JsonElement element)
    {
        if (!TryReadOctets(element, "n", out byte[]? modulus) || !TryReadOctets(element, "e", out byte[]? exponent)
            || modulus.Length > MostRsaBits / 8 || exponent.Length > sizeof(ulong))
            return null;
        RSA rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
        if (rsa.KeySize is >= LeastRsaBits and <= MostRsaBits)
            return rsa;
        rsa.Dispose();
        return null;
    }

    private static ECDsa? ReadCurve(JsonElement element)
    {
        ECCurve? curve = TextOf(element, "crv") switch
        {
            "P-256" => ECCurve.NamedCurves.nistP256,
            "P-384" => ECCurve.NamedCurves.nistP384,
            "P-521" => ECCurve.NamedCurves.nistP521,
            _ => null,
        };
        if (curve is null || !TryReadOctets(element, "x", out byte[]? x) || !TryReadOctets(element, "y", out byte[]? y))
            return null;
        return ECDsa.Create(new ECParameters { Curve = curve.Value, Q = new ECPoint { X = x, Y = y } });
    }

    /// <summary>The one algorithm of a curve (RFC 7518 §3.4).</summary>
    private static string CurveAlgorithm(int bits) => bits switch { 256 => "ES256", 384 => "ES384", _ => "ES512" };

    private static HashAlgorithmName? HashOf(string algorithm) => algorithm[2..] switch
    {
        "256" => HashAlgorithmName.SHA256,
        "384" => HashAlgorithmName.SHA384,
        "512" => HashAlgorithmName.SHA512,
        _ => null,
    };

    private static string? TextOf(JsonElement element, string name)
        => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool TryReadOctets(JsonElement element, string name, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        return TextOf(element, name) is { } text && Base64UrlText.TryDecode(text, out octets) && octets.Length > 0;
    }
}
