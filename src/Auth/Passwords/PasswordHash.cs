using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>Stored forms of passwords: <c>{SCRAM-SHA-256}iterations,salt,StoredKey,ServerKey</c> for our own, others as imported.</summary>
/// <remarks>
/// The forms are those of Dovecot and LDAP: <c>{SCHEME}text</c>, schemes without regard to case, with <c>.b64</c> or <c>.hex</c>
/// behind the scheme where the text is a digest; or the bare hash of crypt(3), <c>$6$…</c>. An empty password never matches,
/// nor does one with NUL, which no mechanism can carry (RFC 4616 §2) and which HMAC takes for padding: it with and it without are one key.
/// </remarks>
public static class PasswordHash
{
    /// <summary>Longest password, in UTF-16 units.</summary>
    public const int MaxCharacters = 1024;

    private const string Scram = "SCRAM-SHA-256";

    /// <summary>What unknown users are checked against, so that they cost what a wrong password costs. Nobody's password: its keys are random.</summary>
    internal static string Dummy { get; } = Create(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Makes a SCRAM-SHA-256 verifier (RFC 5802 §3, RFC 7677) with a fresh salt. The password is prepared by SASLprep.</summary>
    /// <exception cref="ArgumentException">The password is not one that <see cref="IsUsable"/> allows.</exception>
    public static string Create(string password) => Create(password, RandomNumberGenerator.GetBytes(ScramVerifier.SaltOctets));

    /// <summary>The same with a given salt.</summary>
    /// <exception cref="ArgumentException">The password is not one that <see cref="IsUsable"/> allows.</exception>
    internal static string Create(string password, byte[] salt)
    {
        if (!IsUsable(password))
            throw new ArgumentException("a password is not empty, not endless, and holds no NUL", nameof(password));
        return $"{{{Scram}}}{ScramVerifier.Create(ScramHash.Sha256, password, salt, ScramVerifier.DefaultIterations)}";
    }

    /// <summary>Whether a password can be given to an account: not empty, no NUL, and no longer than a login may send.</summary>
    public static bool IsUsable(string password)
        => password.Length is > 0 and <= MaxCharacters && !password.Contains('\0', StringComparison.Ordinal);

    /// <summary>Whether a stored form is a SCRAM verifier, as <see cref="Create(string)"/> makes one: it serves passwords and mechanisms alike.</summary>
    public static bool IsOurs(string stored) => TrySplit(stored, out string scheme, out _) && ScramHash.TryFind(scheme, out _);

    /// <summary>The password itself, where an administrator had it stored so ({PLAIN}).</summary>
    internal static bool TryGetPlain(string stored, [NotNullWhen(true)] out string? password)
    {
        password = TrySplit(stored, out string scheme, out string text) && IsPlain(scheme) && IsUsable(text) ? text : null;
        return password is not null;
    }

    /// <summary>The stored verifier of a SCRAM mechanism; null where the form is another.</summary>
    internal static ScramVerifier? FindVerifier(string stored, ScramHash hash)
        => TrySplit(stored, out string scheme, out string text) && scheme == hash.Name && ScramVerifier.TryParse(hash, text, out ScramVerifier? verifier) ? verifier : null;

    /// <summary>Checks a password against a stored form, in constant time with regard to the outcome.</summary>
    /// <remarks>Takes milliseconds of processor time, with forms of crypt(3) up to seconds.</remarks>
    /// <returns>False also for a form that is not supported.</returns>
    public static bool Verify(string stored, string password)
        => IsUsable(password) && TryParse(stored, out Func<string, bool>? check) && check(password);

    /// <summary>Whether <see cref="Verify"/> knows the form: SCRAM verifiers, {CRYPT} and what the system's crypt takes, Argon2 where there is libsodium, {PBKDF2}, {PLAIN}, {SHA}, {SSHA} and the SHA-2 ones.</summary>
    public static bool IsSupported(string stored) => TryParse(stored, out _);

    private static bool TryParse(string stored, [NotNullWhen(true)] out Func<string, bool>? check)
    {
        check = null;
        if (stored.StartsWith('$'))
            return TryParseModular(stored, out check);
        if (!TrySplit(stored, out string scheme, out string text))
            return false;
        switch (scheme)
        {
            case not null when ScramHash.TryFind(scheme, out ScramHash? hash):
                if (ScramVerifier.TryParse(hash, text, out ScramVerifier? verifier))
                    check = verifier.Verify;
                break;
            case not null when IsPlain(scheme):
                if (text.Length > 0)
                    check = password => IsSame(text, password);
                break;
            case "CRYPT" or "SHA512-CRYPT" or "SHA256-CRYPT" or "BLF-CRYPT" or "MD5-CRYPT" or "DES-CRYPT":
                return TryParseCrypt(text, out check);
            case "MD5" when CryptHash.IsModular(text): // Dovecot's old name for MD5-CRYPT
                return TryParseCrypt(text, out check);
            case "ARGON2ID" or "ARGON2I" or "ARGON2":
                return TryParseModular(text, out check);
            case not null when Pbkdf2Hash.TryParse(scheme, text, out Pbkdf2Hash? stretched):
                check = stretched.Verify;
                break;
            default:
                if (DigestHash.TryParse(scheme, text, out DigestHash? digest))
                    check = digest.Verify;
                break;
        }

        return check is not null;
    }

    private static bool IsPlain(string scheme) => scheme is "PLAIN" or "CLEAR" or "CLEARTEXT";

    /// <summary>Takes <c>{SCHEME}text</c> apart; the scheme in upper case.</summary>
    private static bool TrySplit(string stored, out string scheme, out string text)
    {
        (scheme, text) = ("", "");
        int end = stored.IndexOf('}', StringComparison.Ordinal);
        if (!stored.StartsWith('{') || end is < 2 or > 32)
            return false;
        (scheme, text) = (stored[1..end].ToUpperInvariant(), stored[(end + 1)..]);
        return true;
    }

    /// <summary>A hash between dollars: Argon2's, or crypt(3)'s.</summary>
    private static bool TryParseModular(string hash, [NotNullWhen(true)] out Func<string, bool>? check)
    {
        if (!hash.StartsWith("$argon2", StringComparison.Ordinal))
            return TryParseCrypt(hash, out check);
        check = Argon2Hash.IsSupported(hash) ? password => Argon2Hash.Verify(hash, password) : null;
        return check is not null;
    }

    private static bool TryParseCrypt(string hash, [NotNullWhen(true)] out Func<string, bool>? check)
    {
        check = CryptHash.IsSupported(hash) ? password => CryptHash.Verify(hash, password) : null;
        return check is not null;
    }

    /// <summary>Compares digests, so that not even the length of the stored password shows in the time.</summary>
    private static bool IsSame(string stored, string password)
        => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(stored)), SHA256.HashData(Encoding.UTF8.GetBytes(password)));
}
