using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>What SCRAM-SHA-256 needs to know of a password, and no more.</summary>
/// <remarks>RFC 5802 §3 with SHA-256 (RFC 7677): whoever reads it can neither log in nor, without guessing, learn the password.</remarks>
internal sealed class ScramVerifier
{
    /// <summary>PBKDF2 rounds of new verifiers, as RFC 7677 §4 recommends: a few milliseconds of one core.</summary>
    public const int DefaultIterations = 15_000;

    /// <summary>Most rounds taken over from elsewhere: a stored form must not be able to hold a core for minutes.</summary>
    public const int MaxIterations = 10_000_000;

    private const int SaltOctets = 16;
    private const int MaxSaltOctets = 1024;
    private static readonly int s_keyOctets = SHA256.HashSizeInBytes;

    private ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey)
        => (Iterations, Salt, StoredKey, ServerKey) = (iterations, salt, storedKey, serverKey);

    public int Iterations { get; }
    public byte[] Salt { get; }
    public byte[] StoredKey { get; }
    public byte[] ServerKey { get; }

    public static ScramVerifier Create(string password) => Create(password, RandomNumberGenerator.GetBytes(SaltOctets), DefaultIterations);

    public static ScramVerifier Create(string password, byte[] salt, int iterations)
    {
        byte[] salted = SaltedPassword(password, salt, iterations);
        byte[] serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        byte[] storedKey = StoredKeyOf(salted);
        CryptographicOperations.ZeroMemory(salted);
        return new(iterations, salt, storedKey, serverKey);
    }

    /// <summary>Reads <c>iterations,salt,StoredKey,ServerKey</c>, the last three in base64.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        Span<Range> fields = stackalloc Range[5];
        if (text.Split(fields, ',') != 4
            || !int.TryParse(text[fields[0]], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            || iterations is < 1 or > MaxIterations
            || !TryDecode(text[fields[1]], out byte[]? salt) || salt.Length is 0 or > MaxSaltOctets
            || !TryDecode(text[fields[2]], out byte[]? storedKey) || storedKey.Length != s_keyOctets
            || !TryDecode(text[fields[3]], out byte[]? serverKey) || serverKey.Length != s_keyOctets)
            return false;
        verifier = new(iterations, salt, storedKey, serverKey);
        return true;
    }

    /// <summary>Checks a password, which holds no NUL: see <see cref="PasswordHash"/>.</summary>
    public bool Verify(string password)
    {
        byte[] salted = SaltedPassword(password, Salt, Iterations);
        bool same = CryptographicOperations.FixedTimeEquals(StoredKeyOf(salted), StoredKey);
        CryptographicOperations.ZeroMemory(salted);
        return same;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Iterations},{Convert.ToBase64String(Salt)},{Convert.ToBase64String(StoredKey)},{Convert.ToBase64String(ServerKey)}");

    private static byte[] SaltedPassword(string password, byte[] salt, int iterations)
    {
        byte[] octets = Encoding.UTF8.GetBytes(SaslPrep.PrepareOrKeep(password));
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(octets, salt, iterations, HashAlgorithmName.SHA256, s_keyOctets);
        CryptographicOperations.ZeroMemory(octets);
        return salted;
    }

    private static byte[] StoredKeyOf(byte[] salted) => SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));

    private static bool TryDecode(ReadOnlySpan<char> base64, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        if (base64.Length > MaxSaltOctets * 2)
            return false;
        byte[] buffer = new byte[base64.Length];
        if (!Convert.TryFromBase64Chars(base64, buffer, out int written))
            return false;
        octets = buffer[..written];
        return true;
    }
}
