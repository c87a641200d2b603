using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace FullStack.Auth.Passwords;

/// <summary>A hash that SCRAM is defined with.</summary>
/// <remarks>RFC 5802 §4 (SHA-1), RFC 7677 (SHA-256); SHA-512 as draft-melnikov-scram-sha-512 has it, which clients already speak.</remarks>
internal sealed class ScramHash
{
    public static readonly ScramHash Sha1 = new("SCRAM-SHA-1", HashAlgorithmName.SHA1, 20);
    public static readonly ScramHash Sha256 = new("SCRAM-SHA-256", HashAlgorithmName.SHA256, 32);
    public static readonly ScramHash Sha512 = new("SCRAM-SHA-512", HashAlgorithmName.SHA512, 64);

    private readonly HashAlgorithmName _algorithm;

    private ScramHash(string name, HashAlgorithmName algorithm, int octets) => (Name, _algorithm, Octets) = (name, algorithm, octets);

    /// <summary>The mechanism's name, which is also the scheme of stored verifiers.</summary>
    public string Name { get; }

    /// <summary>Length of a hash.</summary>
    public int Octets { get; }

    /// <param name="scheme">Upper case, without braces.</param>
    /// <param name="hash">Its hash.</param>
    public static bool TryFind(ReadOnlySpan<char> scheme, [NotNullWhen(true)] out ScramHash? hash)
    {
        hash = scheme switch
        {
            "SCRAM-SHA-1" => Sha1,
            "SCRAM-SHA-256" => Sha256,
            "SCRAM-SHA-512" => Sha512,
            _ => null,
        };
        return hash is not null;
    }

    /// <summary>H(str) of RFC 5802 §2.2.</summary>
    public byte[] Digest(ReadOnlySpan<byte> octets) => CryptographicOperations.HashData(_algorithm, octets);

    /// <summary>HMAC(key, str).</summary>
    public byte[] Sign(ReadOnlySpan<byte> key, ReadOnlySpan<byte> octets) => CryptographicOperations.HmacData(_algorithm, key, octets);

    /// <summary>Hi(str, salt, i).</summary>
    public byte[] Stretch(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
        => Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, _algorithm, Octets);
}
