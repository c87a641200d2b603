using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Factors;

/// <summary>What an account has beside its password.</summary>
/// <param name="AppPasswords">Passwords for single programs.</param>
/// <param name="CodeSecret">What its codes are made with; null: none is asked for.</param>
internal sealed record AccountFactors(IReadOnlyList<AppPassword> AppPasswords, byte[]? CodeSecret)
{
    public static AccountFactors None { get; } = new([], null);

    /// <summary>The password alone lets nobody in.</summary>
    public bool NeedsCode => CodeSecret is not null;

    /// <summary>The password for single programs that a password is; null where it is none.</summary>
    public AppPassword? FindAppPassword(string account, string password)
    {
        if (AppPasswords.Count == 0)
            return null;
        byte[] digest = Encoding.ASCII.GetBytes(AppPassword.DigestOf(account, password));
        AppPassword? found = null;
        foreach (AppPassword one in AppPasswords)
        {
            if (CryptographicOperations.FixedTimeEquals(digest, Encoding.ASCII.GetBytes(one.Digest)))
                found = one;
        }

        return found;
    }
}
