using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>PBKDF2 hashes as Dovecot keeps them (<c>$1$salt$rounds$hex</c>, SHA-1) and as OpenLDAP does (<c>rounds$salt$hash</c>, base64 with dots).</summary>
/// <remarks>RFC 8018 §5.2. Accepted so that accounts can move in, never made.</remarks>
internal sealed class Pbkdf2Hash
{
    private const int MaxOctets = 1024;

    private readonly HashAlgorithmName _algorithm;
    private readonly int _rounds;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private Pbkdf2Hash(HashAlgorithmName algorithm, int rounds, byte[] salt, byte[] hash)
        => (_algorithm, _rounds, _salt, _hash) = (algorithm, rounds, salt, hash);

    /// <param name="scheme">In upper case, without braces.</param>
    /// <param name="text">What stands behind it.</param>
    /// <param name="hash">The hash read.</param>
    public static bool TryParse(ReadOnlySpan<char> scheme, ReadOnlySpan<char> text, [NotNullWhen(true)] out Pbkdf2Hash? hash)
    {
        hash = null;
        HashAlgorithmName? algorithm = scheme switch
        {
            "PBKDF2" or "PBKDF2-SHA1" => HashAlgorithmName.SHA1,
            "PBKDF2-SHA256" => HashAlgorithmName.SHA256,
            "PBKDF2-SHA512" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (algorithm is not { } name || text.Length > MaxOctets)
            return false;
        bool isDovecots = text.StartsWith("$1$");
        if (isDovecots)
            text = text[3..];
        Span<Range> parts = stackalloc Range[4];
        if (text.Split(parts, '$') != 3)
            return false;
        ReadOnlySpan<char> first = text[parts[0]], second = text[parts[1]], last = text[parts[2]];
        ReadOnlySpan<char> number = isDovecots ? second : first;
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) || rounds is < 1 or > ScramVerifier.MaxIterations)
            return false;
        byte[]? salt = isDovecots ? Encoding.UTF8.GetBytes(first.ToString()) : Decode(second);
        byte[]? digest = isDovecots ? DecodeHex(last) : Decode(last);
        if (salt is null or [] || digest is null or { Length: < 16 or > 64 })
            return false;
        hash = new(name, rounds, salt, digest);
        return true;
    }

    public bool Verify(string password)
        => CryptographicOperations.FixedTimeEquals(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), _salt, _rounds, _algorithm, _hash.Length), _hash);

    private static byte[]? DecodeHex(ReadOnlySpan<char> hex)
    {
        byte[] octets = new byte[hex.Length / 2];
        return Convert.FromHexString(hex, octets, out _, out int written) == System.Buffers.OperationStatus.Done && written == octets.Length ? octets : null;
    }

    /// <summary>Base64 with a dot for the plus sign and without padding.</summary>
    private static byte[]? Decode(ReadOnlySpan<char> text)
    {
        string base64 = text.ToString().Replace('.', '+').TrimEnd('=');
        base64 = base64.PadRight((base64.Length + 3) / 4 * 4, '=');
        byte[] octets = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, octets, out int written) ? octets[..written] : null;
    }
}
