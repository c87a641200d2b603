using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>Argon2 hashes in their usual form, <c>$argon2id$v=19$m=…,t=…,p=…$salt$hash</c>, checked by libsodium where the system has it.</summary>
/// <remarks>RFC 9106. A check needs as much memory as the hash says: more than <see cref="MaxKibibytes"/> is not taken over.</remarks>
internal static partial class Argon2Hash
{
    /// <summary>Most memory and passes of a hash that is checked.</summary>
    private const int MaxKibibytes = 1 << 20;
    private const int MaxPasses = 64;

    /// <summary>crypto_pwhash_STRBYTES, with the NUL at the end.</summary>
    private const int MaxOctets = 128;

    /// <summary>sodium_init: 0 the first time, 1 afterwards.</summary>
    private static readonly Lazy<bool> s_ready = new(static () => SystemLibraries.HasSodium && Init() >= 0);

    /// <summary>Whether a hash has the form of one and is not too costly to check, and this system has libsodium.</summary>
    public static bool IsSupported(ReadOnlySpan<char> hash)
    {
        if (hash.Length >= MaxOctets || !Ascii.IsValid(hash) || !(hash.StartsWith("$argon2id$v=19$") || hash.StartsWith("$argon2i$v=19$")))
            return false;
        ReadOnlySpan<char> costs = hash[(hash.IndexOf("v=19$", StringComparison.Ordinal) + 5)..];
        int end = costs.IndexOf('$');
        Span<Range> parts = stackalloc Range[4];
        return end > 0 && costs[..end].Split(parts, ',') == 3
            && IsAtMost(costs[parts[0]], "m=", MaxKibibytes) && IsAtMost(costs[parts[1]], "t=", MaxPasses) && costs[..end][parts[2]] is "p=1"
            && s_ready.Value;
    }

    /// <param name="hash">A supported one.</param>
    /// <param name="password">The password.</param>
    public static bool Verify(string hash, string password)
    {
        byte[] octets = Encoding.UTF8.GetBytes(password);
        return StrVerify(hash, octets, (ulong)octets.Length) == 0;
    }

    private static bool IsAtMost(ReadOnlySpan<char> part, string name, int most)
        => part.StartsWith(name, StringComparison.Ordinal)
            && int.TryParse(part[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most;

    [LibraryImport(SystemLibraries.Sodium, EntryPoint = "sodium_init")]
    private static partial int Init();

    [LibraryImport(SystemLibraries.Sodium, EntryPoint = "crypto_pwhash_str_verify", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StrVerify(string hash, byte[] password, ulong octets);
}
