using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>What SCRAM needs to know of a password, and no more.</summary>
/// <remarks>RFC 5802 §3: whoever reads it can neither log in nor, without guessing, learn the password.</remarks>
internal sealed class ScramVerifier
{
    /// <summary>PBKDF2 rounds of new verifiers, as RFC 7677 §4 recommends: a few milliseconds of one core.</summary>
    public const int DefaultIterations = 15_000;

    /// <summary>Most rounds taken over from elsewhere: a stored form must not be able to hold a core for minutes.</summary>
    public const int MaxIterations = 10_000_000;

    /// <summary>Octets of salt in new verifiers.</summary>
    public const int SaltOctets = 16;

    private const int MaxSaltOctets = 1024;

    private ScramVerifier(ScramHash hash, int iterations, byte[] salt, byte[] storedKey, byte[] serverKey)
        => (Hash, Iterations, Salt, StoredKey, ServerKey) = (hash, iterations, salt, storedKey, serverKey);

    public ScramHash Hash { get; }
    public int Iterations { get; }
    public byte[] Salt { get; }
    public byte[] StoredKey { get; }
    public byte[] ServerKey { get; }

    public static ScramVerifier Create(ScramHash hash, string password, byte[] salt, int iterations)
    {
        byte[] salted = SaltedPassword(hash, password, salt, iterations);
        byte[] serverKey = hash.Sign(salted, "Server Key"u8);
        byte[] storedKey = StoredKeyOf(hash, salted);
        CryptographicOperations.ZeroMemory(salted);
        return new(hash, iterations, salt, storedKey, serverKey);
    }

    /// <summary>Reads <c>iterations,salt,StoredKey,ServerKey</c>, the last three in base64.</summary>
    public static bool TryParse(ScramHash hash, ReadOnlySpan<char> text, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        Span<Range> fields = stackalloc Range[5];
        if (text.Split(fields, ',') != 4
            || !int.TryParse(text[fields[0]], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            || iterations is < 1 or > MaxIterations
            || !TryDecode(text[fields[1]], out byte[]? salt) || salt.Length is 0 or > MaxSaltOctets
            || !TryDecode(text[fields[2]], out byte[]? storedKey) || storedKey.Length != hash.Octets
            || !TryDecode(text[fields[3]], out byte[]? serverKey) || serverKey.Length != hash.Octets)
            return false;
        verifier = new(hash, iterations, salt, storedKey, serverKey);
        return true;
    }

    /// <summary>Checks a password, which holds no NUL: see <see cref="PasswordHash"/>.</summary>
    public bool Verify(string password)
    {
        byte[] salted = SaltedPassword(Hash, password, Salt, Iterations);
        bool same = CryptographicOperations.FixedTimeEquals(StoredKeyOf(Hash, salted), StoredKey);
        CryptographicOperations.ZeroMemory(salted);
        return same;
    }

    /// <summary>Checks the proof of a client that knows the password.</summary>
    /// <remarks>RFC 5802 §3: the proof is ClientKey XOR HMAC(StoredKey, AuthMessage), and H(ClientKey) is StoredKey.</remarks>
    public bool VerifyProof(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> authMessage)
    {
        if (proof.Length != Hash.Octets)
            return false;
        byte[] clientKey = Hash.Sign(StoredKey, authMessage);
        for (int i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= proof[i];
        bool same = CryptographicOperations.FixedTimeEquals(Hash.Digest(clientKey), StoredKey);
        CryptographicOperations.ZeroMemory(clientKey);
        return same;
    }

    /// <summary>Whether a client that was told this one's salt and rounds can prove the other.</summary>
    public bool HasSaltOf(ScramVerifier other) => Iterations == other.Iterations && Salt.AsSpan().SequenceEqual(other.Salt);

    /// <summary>ServerSignature: what shows the client that this server knows the verifier.</summary>
    public byte[] Sign(ReadOnlySpan<byte> authMessage) => Hash.Sign(ServerKey, authMessage);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Iterations},{Convert.ToBase64String(Salt)},{Convert.ToBase64String(StoredKey)},{Convert.ToBase64String(ServerKey)}");

    private static byte[] SaltedPassword(ScramHash hash, string password, byte[] salt, int iterations)
    {
        byte[] octets = Encoding.UTF8.GetBytes(SaslPrep.PrepareOrKeep(password));
        byte[] salted = hash.Stretch(octets, salt, iterations);
        CryptographicOperations.ZeroMemory(octets);
        return salted;
    }

    private static byte[] StoredKeyOf(ScramHash hash, byte[] salted) => hash.Digest(hash.Sign(salted, "Client Key"u8));

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
