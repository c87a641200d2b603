using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>SASLprep: makes passwords that look and type alike compare alike.</summary>
/// <remarks>
/// RFC 4013, a profile of stringprep (RFC 3454). Its tables stop at Unicode 3.2; this uses the platform's newer NFKC and,
/// for the check of writing directions (RFC 3454 §6), takes every letter outside table D.1 as left-to-right where D.2
/// would be asked. Unassigned code points are let through, as RFC 3454 §7 has it for queries.
/// </remarks>
public static class SaslPrep
{
    /// <summary>RFC 3454 table B.1: commonly mapped to nothing.</summary>
    private static readonly SearchValues<char> s_nothing = SearchValues.Create(
        "\u00AD\u034F\u1806\u180B\u180C\u180D\u200B\u200C\u200D\u2060\uFE00\uFE01\uFE02\uFE03\uFE04\uFE05\uFE06\uFE07"
        + "\uFE08\uFE09\uFE0A\uFE0B\uFE0C\uFE0D\uFE0E\uFE0F\uFEFF");

    /// <summary>RFC 3454 table C.1.2: spaces outside ASCII. U+200B is in B.1 too; RFC 4013 §2.1 maps it to a space first.</summary>
    private static readonly SearchValues<char> s_spaces = SearchValues.Create(
        "\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u200B\u202F\u205F\u3000");

    /// <summary>RFC 3454 tables C.2, C.3, C.4, C.6, C.7, C.8 and C.9, first and last of each range.</summary>
    private static readonly (int First, int Last)[] s_prohibited =
    [
        (0x0000, 0x001F), (0x007F, 0x009F), (0x0340, 0x0341), (0x06DD, 0x06DD), (0x070F, 0x070F), (0x180E, 0x180E),
        (0x200C, 0x200F), (0x2028, 0x202E), (0x2060, 0x2063), (0x206A, 0x206F), (0x2FF0, 0x2FFB), (0xD800, 0xF8FF),
        (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFD), (0x1D173, 0x1D17A), (0xE0001, 0xE0001), (0xE0020, 0xE007F),
        (0xF0000, 0x10FFFF),
    ];

    /// <summary>RFC 3454 table D.1: characters written from right to left (R and AL).</summary>
    private static readonly (int First, int Last)[] s_rightToLeft =
    [
        (0x05BE, 0x05BE), (0x05C0, 0x05C0), (0x05C3, 0x05C3), (0x05D0, 0x05EA), (0x05F0, 0x05F4), (0x061B, 0x061B),
        (0x061F, 0x061F), (0x0621, 0x063A), (0x0640, 0x064A), (0x066D, 0x066F), (0x0671, 0x06D5), (0x06DD, 0x06DD),
        (0x06E5, 0x06E6), (0x06FA, 0x06FE), (0x0700, 0x070D), (0x0710, 0x0710), (0x0712, 0x072C), (0x0780, 0x07A5),
        (0x07B1, 0x07B1), (0x200F, 0x200F), (0xFB1D, 0xFB1D), (0xFB1F, 0xFB28), (0xFB2A, 0xFB36), (0xFB38, 0xFB3C),
        (0xFB3E, 0xFB3E), (0xFB40, 0xFB41), (0xFB43, 0xFB44), (0xFB46, 0xFBB1), (0xFBD3, 0xFD3D), (0xFD50, 0xFD8F),
        (0xFD92, 0xFDC7), (0xFDF0, 0xFDFC), (0xFE70, 0xFE74), (0xFE76, 0xFEFC),
    ];

    /// <summary>Prepares a string: map, normalise (NFKC), prohibit, check directions.</summary>
    /// <returns>False where the string holds what RFC 4013 §2.3 or §2.4 forbids.</returns>
    public static bool TryPrepare(string text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = text;
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return true; // printable ASCII is its own preparation
        try
        {
            prepared = Map(text).Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            prepared = null; // a lone surrogate
            return false;
        }

        if (IsAllowed(prepared) && IsOneDirection(prepared))
            return true;
        prepared = null;
        return false;
    }

    /// <summary>The string as it is hashed: prepared, or as it came where it cannot be prepared.</summary>
    /// <remarks>Other servers do so too: a password that was set once with such a character must not lock its owner out.</remarks>
    internal static string PrepareOrKeep(string text) => TryPrepare(text, out string? prepared) ? prepared : text;

    private static string Map(string text)
    {
        StringBuilder mapped = new(text.Length);
        foreach (char c in text)
        {
            if (s_spaces.Contains(c))
                mapped.Append(' ');
            else if (!s_nothing.Contains(c))
                mapped.Append(c);
        }

        return mapped.ToString();
    }

    private static bool IsAllowed(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            // The last two code points of every plane are no characters (table C.4).
            if (IsIn(s_prohibited, rune.Value) || (rune.Value & 0xFFFE) == 0xFFFE)
                return false;
        }

        return true;
    }

    /// <summary>RFC 3454 §6: text with a right-to-left character starts and ends with one and has no left-to-right one.</summary>
    private static bool IsOneDirection(string text)
    {
        bool any = false, left = false, first = false, last = false, started = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            last = IsIn(s_rightToLeft, rune.Value);
            if (!started)
                first = last;
            started = true;
            any |= last;
            left |= !last && Rune.IsLetter(rune);
        }

        return !any || (first && last && !left);
    }

    private static bool IsIn((int First, int Last)[] ranges, int value)
    {
        foreach ((int first, int last) in ranges)
        {
            if (value <= last)
                return value >= first;
        }

        return false;
    }
}
