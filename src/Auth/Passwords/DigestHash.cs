using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>Plain digests of a password, with or without salt, as LDAP directories keep them (RFC 2307 §5.3 and its successors).</summary>
/// <remarks>Weak: accepted so that accounts can move in, never made.</remarks>
internal sealed class DigestHash
{
    private const int MaxSaltOctets = 1024;

    private readonly Func<byte[], byte[]> _hash;
    private readonly byte[] _digest;
    private readonly byte[] _salt;

    private DigestHash(Func<byte[], byte[]> hash, byte[] digest, byte[] salt) => (_hash, _digest, _salt) = (hash, digest, salt);

    /// <summary>Reads what stands behind a scheme's name.</summary>
    /// <param name="scheme">In upper case, without braces; <c>.B64</c> or <c>.HEX</c> may follow the name.</param>
    /// <param name="text">The digest, then the salt. Without suffix: hexadecimal where an unsalted digest has that length, else base64.</param>
    /// <param name="hash">The hash read.</param>
    public static bool TryParse(ReadOnlySpan<char> scheme, ReadOnlySpan<char> text, [NotNullWhen(true)] out DigestHash? hash)
    {
        hash = null;
        bool? hex = scheme.EndsWith(".HEX", StringComparison.Ordinal) ? true : scheme.EndsWith(".B64", StringComparison.Ordinal) ? false : null;
        if (hex is not null)
            scheme = scheme[..^4];
        if (!TryFind(scheme, out Func<byte[], byte[]>? digest, out int octets, out bool salted) || text.Length > (octets + MaxSaltOctets) * 2)
            return false;

        hex ??= !salted && text.Length == octets * 2 && !text.ContainsAnyExcept("0123456789abcdefABCDEF");
        byte[] buffer = new byte[text.Length];
        int written;
        bool decoded = hex.Value
            ? Convert.FromHexString(text, buffer, out _, out written) == System.Buffers.OperationStatus.Done
            : Convert.TryFromBase64Chars(text, buffer, out written);
        if (!decoded || (salted ? written <= octets : written != octets))
            return false;
        hash = new(digest, buffer[..octets], buffer[octets..written]);
        return true;
    }

    public bool Verify(string password)
        => CryptographicOperations.FixedTimeEquals(_hash([.. Encoding.UTF8.GetBytes(password), .. _salt]), _digest);

    // MD5 and SHA-1 are what these stored forms are made of; nothing new is built on them.
#pragma warning disable CA5350, CA5351
    private static bool TryFind(ReadOnlySpan<char> scheme, [NotNullWhen(true)] out Func<byte[], byte[]>? digest, out int octets, out bool salted)
    {
        (digest, octets, salted) = scheme switch
        {
            "MD5" or "PLAIN-MD5" or "LDAP-MD5" => (MD5.HashData, MD5.HashSizeInBytes, false),
            "SMD5" => (MD5.HashData, MD5.HashSizeInBytes, true),
            "SHA" or "SHA1" => (SHA1.HashData, SHA1.HashSizeInBytes, false),
            "SSHA" => (SHA1.HashData, SHA1.HashSizeInBytes, true),
            "SHA256" => (SHA256.HashData, SHA256.HashSizeInBytes, false),
            "SSHA256" => (SHA256.HashData, SHA256.HashSizeInBytes, true),
            "SHA512" => (SHA512.HashData, SHA512.HashSizeInBytes, false),
            "SSHA512" => ((Func<byte[], byte[]>)SHA512.HashData, SHA512.HashSizeInBytes, true),
            _ => (null, 0, false),
        };
        return digest is not null;
    }
#pragma warning restore CA5350, CA5351
}
