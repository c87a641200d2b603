using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Sasl;

namespace FullStack.Auth.Factors;

/// <summary>What an account has beside its password.</summary>
/// <param name="AppPasswords">Passwords for single programs.</param>
/// <param name="CodeSecret">What its codes are made with; null: none is asked for.</param>
internal sealed record AccountFactors(IReadOnlyList<AppPassword> AppPasswords, byte[]? CodeSecret)
{
    public static AccountFactors None { get; } = new([], null);

    /// <summary>The password alone lets nobody in.</summary>
    public bool NeedsCode => CodeSecret is not null;

    /// <summary>Whether a password is one of those for single programs, and good now.</summary>
    public bool HasAppPassword(string account, string password, LoginService service, DateTimeOffset now)
    {
        if (AppPasswords.Count == 0)
            return false;
        byte[] digest = Encoding.ASCII.GetBytes(AppPassword.DigestOf(account, password));
        bool isFound = false;
        foreach (AppPassword one in AppPasswords)
            isFound |= CryptographicOperations.FixedTimeEquals(digest, Encoding.ASCII.GetBytes(one.Digest)) && one.IsGood(service, now);
        return isFound;
    }
}
