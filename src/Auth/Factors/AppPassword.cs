using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;

namespace FullStack.Auth.Factors;

/// <summary>A password of an account for one program or device: random, so that it need not be stretched.</summary>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Services">What it is good for.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From when on it counts no more; null: it does not end.</param>
public sealed record AppPassword(string Name, LoginService Services, DateTimeOffset Created, DateTimeOffset? Expires)
{
    /// <summary>Characters of a name at most.</summary>
    public const int MaxNameCharacters = 64;

    /// <summary>Characters of a new password: 100 random bits, in an alphabet without look-alikes.</summary>
    private const int Characters = 20;

    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>SHA-256 of account and password, in hexadecimal: enough where the password cannot be guessed.</summary>
    internal string Digest { get; init; } = "";

    /// <summary>What SCRAM-SHA-256 needs of it.</summary>
    internal string Verifier { get; init; } = "";

    /// <summary>Whether a name may be given to one.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxNameCharacters && !name.Any(char.IsControl);

    /// <summary>Makes up a password, to be shown once.</summary>
    internal static string NewPassword() => RandomNumberGenerator.GetString(Alphabet, Characters);

    internal static string DigestOf(string account, string password)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{account}\0{password}")));

    /// <summary>Whether it counts now, for a service.</summary>
    internal bool IsGood(LoginService service, DateTimeOffset now) => (Services & service) != 0 && !HasEnded(now);

    /// <summary>Whether it counted once and does no more.</summary>
    internal bool HasEnded(DateTimeOffset now) => Expires is { } end && now >= end;

    internal ScramVerifier? FindVerifier() => ScramVerifier.TryParse(ScramHash.Sha256, Verifier, out ScramVerifier? verifier) ? verifier : null;
}
