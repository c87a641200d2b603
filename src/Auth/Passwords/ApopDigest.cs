using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>POP3's APOP: MD5 over the greeting's timestamp and the password.</summary>
/// <remarks>RFC 1939 §7. Works for passwords that are stored in the clear.</remarks>
internal static class ApopDigest
{
    /// <param name="stored">The stored secret; null where there is none.</param>
    /// <param name="timestamp">The timestamp with its angle brackets.</param>
    /// <param name="digest">What the client sent: 32 lower-case hexadecimal digits.</param>
    public static bool IsRight(string? stored, string timestamp, string digest)
    {
        bool isKnown = PasswordHash.TryGetPlain(stored ?? "", out string? password);
#pragma warning disable CA5351 // what the command is made of
        string right = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(timestamp + (password ?? "nobody's"))));
#pragma warning restore CA5351
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(right), Encoding.UTF8.GetBytes(digest)) && isKnown;
    }
}
