using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Factors;

/// <summary>Codes of six digits that follow from a secret and the time, as phones show them.</summary>
/// <remarks>RFC 6238 with the numbers that all programs know: SHA-1, 30 seconds, six digits; RFC 4226 §5.3 and §5.4.</remarks>
public static class TimeCode
{
    public const int Digits = 6;

    /// <summary>Octets of a new secret (RFC 4226 §4 R6 recommends 160 bits).</summary>
    public const int SecretOctets = 20;

    /// <summary>How long a code is shown.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    /// <summary>How many steps a phone's clock may be ahead or behind (RFC 6238 §5.2).</summary>
    private const int Window = 1;

    private const string Base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 §6

    /// <summary>Makes up a secret.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretOctets);

    /// <summary>The step that a time belongs to.</summary>
    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / (long)Step.TotalSeconds;

    /// <summary>The code of a step.</summary>
    public static string CodeOf(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // what phones compute; as a keyed hash SHA-1 is unbroken
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        int number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0xF)..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step whose code this is, of those that are near.</summary>
    /// <returns>Null where it is none of them.</returns>
    public static long? FindStep(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        long present = StepAt(now);
        long? found = null;
        byte[] given = Encoding.UTF8.GetBytes(code);
        for (long step = present - Window; step <= present + Window; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(CodeOf(secret, step)), given))
                found ??= step;
        }

        return found;
    }

    /// <summary>Takes a password apart that has a code behind it.</summary>
    public static bool TrySplit(string text, [NotNullWhen(true)] out string? password, [NotNullWhen(true)] out string? code)
    {
        (password, code) = (null, null);
        if (text.Length <= Digits || text.AsSpan(text.Length - Digits).ContainsAnyExceptInRange('0', '9'))
            return false;
        (password, code) = (text[..^Digits], text[^Digits..]);
        return true;
    }

    /// <summary>What phones read from a picture: <c>otpauth://totp/…</c>.</summary>
    public static string UriOf(string issuer, string account, ReadOnlySpan<byte> secret)
        => $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}?secret={Base32(secret)}&issuer={Uri.EscapeDataString(issuer)}";

    private static string Base32(ReadOnlySpan<byte> octets)
    {
        StringBuilder text = new();
        int bits = 0, held = 0;
        foreach (byte octet in octets)
        {
            (bits, held) = ((bits << 8) | octet, held + 8);
            for (; held >= 5; held -= 5)
                text.Append(Base32Alphabet[(bits >> (held - 5)) & 31]);
            bits &= (1 << held) - 1;
        }

        return held == 0 ? text.ToString() : text.Append(Base32Alphabet[(bits << (5 - held)) & 31]).ToString();
    }
}
