using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>Hashes that the system's crypt(3) made and can check: <c>$6$</c>, <c>$y$</c>, <c>$2y$</c> and the like.</summary>
/// <remarks>A check takes as long as the hash was made to take, up to seconds: never on a thread of the pool.</remarks>
internal static partial class CryptHash
{
    /// <summary>Most rounds of <c>$5$</c> and <c>$6$</c>, and highest cost of <c>$2$</c>, taken over: a check stays below some seconds.</summary>
    private const int MaxRounds = 5_000_000;
    private const int MaxBlowfishCost = 15;

    /// <summary>crypt_r's working memory: 32 KiB in libxcrypt, 128 KiB in glibc's own.</summary>
    private const int DataOctets = 256 * 1024;
    private const int MaxHashOctets = 383;

    private static readonly string[] s_prefixes = ["$1$", "$2a$", "$2b$", "$2x$", "$2y$", "$5$", "$6$", "$7$", "$y$", "$gy$", "$sm3$"];

    private static readonly SearchValues<char> s_salt =
        SearchValues.Create("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether a hash begins as a bare one may: with a method between dollars.</summary>
    public static bool IsModular(ReadOnlySpan<char> hash)
    {
        foreach (string prefix in s_prefixes)
        {
            if (hash.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>Whether a hash has the form of one and is not too costly to check, and this system has crypt(3).</summary>
    public static bool IsSupported(ReadOnlySpan<char> hash)
        => SystemLibraries.HasCrypt && hash.Length <= MaxHashOctets && Ascii.IsValid(hash)
            && (IsModular(hash) ? IsAffordable(hash) : hash.Length == 13 && !hash.ContainsAnyExcept(s_salt)); // 13: the DES one

    /// <param name="hash">A supported one.</param>
    /// <param name="password">Without NUL: C would end it there.</param>
    public static bool Verify(string hash, string password)
    {
        byte[] memory = GC.AllocateArray<byte>(DataOctets, pinned: true);
        try
        {
            string? computed = Marshal.PtrToStringUTF8(CryptR(password, hash, memory));
            return computed is not null && !computed.StartsWith('*')
                && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(computed), Encoding.UTF8.GetBytes(hash));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(memory);
        }
    }

    private static bool IsAffordable(ReadOnlySpan<char> hash)
    {
        if (hash.StartsWith("$2", StringComparison.Ordinal))
            return hash.Length == 60 && int.TryParse(hash[4..6], NumberStyles.None, CultureInfo.InvariantCulture, out int cost) && cost <= MaxBlowfishCost;
        int rounds = hash.IndexOf("$rounds=", StringComparison.Ordinal);
        if (rounds < 0)
            return true;
        ReadOnlySpan<char> number = hash[(rounds + "$rounds=".Length)..];
        int end = number.IndexOf('$');
        return end > 0 && int.TryParse(number[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= MaxRounds;
    }

    /// <returns>A string inside <paramref name="data"/>, or null.</returns>
    [LibraryImport(SystemLibraries.Crypt, EntryPoint = "crypt_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint CryptR(string phrase, string setting, byte[] data);
}
