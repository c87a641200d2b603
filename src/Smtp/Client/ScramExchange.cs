using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Passwords;

namespace FullStack.Smtp.Client;

/// <summary>The client's side of SCRAM-SHA-256: proves that it knows the password without saying it, and has the host prove the same.</summary>
/// <remarks>RFC 5802 §3, RFC 7677. Channels are not bound.</remarks>
/// <param name="nonce">Printable ASCII without commas, of this exchange alone.</param>
internal sealed class ScramExchange(string userName, string password, string nonce)
{
    /// <summary>What a host may have this one compute: it is the host that says how often.</summary>
    private const int MaxIterations = 1_000_000;

    private const string NoBinding = "n,,";

    private string? _confirmation;

    private string Bare => $"n={Prepared(userName).Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={nonce}";

    /// <summary>What the client says first.</summary>
    public string First => NoBinding + Bare;

    /// <summary>Answers the host's salt and nonce; null where they are none.</summary>
    public string? Answer(string challenge)
    {
        // server-first-message = nonce "," salt "," iteration-count
        ReadOnlySpan<char> rest = challenge;
        if (!TryRead(ref rest, "r=", out string full) || !TryRead(ref rest, "s=", out string salt) || !TryRead(ref rest, "i=", out string count)
            || full.Length <= nonce.Length || !full.StartsWith(nonce, StringComparison.Ordinal)
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) || iterations is 0 or > MaxIterations)
            return null;
        byte[] octets = new byte[salt.Length];
        if (!Convert.TryFromBase64String(salt, octets, out int length))
            return null;

        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Prepared(password), octets.AsSpan(0, length), iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        string unproved = $"c={Convert.ToBase64String(Encoding.ASCII.GetBytes(NoBinding))},r={full}";
        byte[] agreed = Encoding.UTF8.GetBytes($"{Bare},{challenge},{unproved}");
        byte[] proof = HMACSHA256.HashData(salted, "Client Key"u8);
        byte[] signature = HMACSHA256.HashData(SHA256.HashData(proof), agreed);
        for (int i = 0; i < proof.Length; i++)
            proof[i] ^= signature[i];
        _confirmation = "v=" + Convert.ToBase64String(HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), agreed));
        return $"{unproved},p={Convert.ToBase64String(proof)}";
    }

    /// <summary>Whether the host knows the password, too.</summary>
    public bool Confirms(string final)
        => _confirmation is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(final), Encoding.UTF8.GetBytes(_confirmation));

    private static string Prepared(string text) => SaslPrep.TryPrepare(text, out string? prepared) ? prepared : text;

    private static bool TryRead(ref ReadOnlySpan<char> rest, string name, out string value)
    {
        value = "";
        if (!rest.StartsWith(name, StringComparison.Ordinal))
            return false;
        int comma = rest.IndexOf(',');
        value = rest[name.Length..(comma < 0 ? rest.Length : comma)].ToString();
        rest = comma < 0 ? [] : rest[(comma + 1)..];
        return true;
    }
}
