using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FullStack.Auth.Backends;

/// <summary>An address in the one form under which the directory keeps it.</summary>
/// <remarks>
/// Local part: NFC, lower case, a dot-string (RFC 5321 §4.1.2, RFC 6531 §3.3). Domain: A-labels in lower case (RFC 5891),
/// so that both spellings of an internationalised domain are one domain.
/// </remarks>
internal readonly record struct DirectoryAddress(string Local, string Domain)
{
    /// <summary>Longest local part in octets (RFC 5321 §4.5.3.1.1).</summary>
    public const int MaxLocalOctets = 64;

    /// <summary>Longest domain in octets: 255 on the wire of DNS (RFC 1035 §3.1) leaves 253 in text.</summary>
    public const int MaxDomainOctets = 253;

    // atext of RFC 5322 §3.2.3 and the dot; octets above 0x7F are RFC 6531's.
    private static readonly SearchValues<char> s_ascii =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+-/=?^_`{|}~ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly SearchValues<char> s_domain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");
    private static readonly IdnMapping s_idn = new() { UseStd3AsciiRules = true };

    /// <summary>The catch-all of a domain: its local part is empty.</summary>
    public bool IsCatchAll => Local.Length == 0;

    /// <summary>Reads <c>local@domain</c>.</summary>
    public static bool TryParse(string text, out DirectoryAddress address)
        => TryParsePreservingCase(text, out _, out address);

    /// <summary>Reads <c>local@domain</c> or <c>@domain</c>.</summary>
    public static bool TryParseAlias(string text, out DirectoryAddress address)
    {
        if (!text.StartsWith('@'))
            return TryParse(text, out address);
        bool valid = TryParseDomain(text[1..], out string? domain);
        address = valid ? new("", domain!) : default;
        return valid;
    }

    /// <summary>Reads an address of which another host may distinguish the case of the local part (RFC 5321 §2.4).</summary>
    /// <param name="text">What the administrator wrote.</param>
    /// <param name="spelled">The address with its local part as written and the domain in our form.</param>
    /// <param name="address">The address as it compares.</param>
    public static bool TryParsePreservingCase(string text, [NotNullWhen(true)] out string? spelled, out DirectoryAddress address)
    {
        (spelled, address) = (null, default);
        int at = text.LastIndexOf('@');
        if (at < 1 || !TryNormalize(text[..at], out string? local) || !IsDotString(local) || !TryParseDomain(text[(at + 1)..], out string? domain))
            return false;
        spelled = $"{local}@{domain}";
        address = new(local.ToLowerInvariant(), domain);
        return true;
    }

    /// <summary>Reads a domain of one label or more, in A-labels or U-labels.</summary>
    public static bool TryParseDomain(string text, [NotNullWhen(true)] out string? domain)
    {
        domain = null;
        if (text.Length is 0 or > MaxDomainOctets || !TryToAscii(text, out string? ascii))
            return false;
        ascii = ascii.ToLowerInvariant();
        if (ascii.Length > MaxDomainOctets || ascii.AsSpan().ContainsAnyExcept(s_domain))
            return false;
        foreach (Range label in ascii.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> octets = ascii.AsSpan(label);
            if (octets.Length is 0 or > 63 || octets[0] == '-' || octets[^1] == '-')
                return false;
        }

        domain = ascii;
        return true;
    }

    public override string ToString() => $"{Local}@{Domain}";

    private static bool TryToAscii(string text, [NotNullWhen(true)] out string? ascii)
    {
        ascii = text;
        if (Ascii.IsValid(text))
            return true;
        try
        {
            ascii = s_idn.GetAscii(text.Normalize());
            return true;
        }
        catch (ArgumentException)
        {
            return false; // no spelling that DNS could carry
        }
    }

    private static bool TryNormalize(string text, [NotNullWhen(true)] out string? normalized)
    {
        normalized = text;
        if (Ascii.IsValid(text))
            return true;
        try
        {
            normalized = text.Normalize();
            return true;
        }
        catch (ArgumentException)
        {
            normalized = null; // a lone surrogate
            return false;
        }
    }

    private static bool IsDotString(string local)
    {
        if (Encoding.UTF8.GetByteCount(local) > MaxLocalOctets || local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
            return false;
        foreach (char c in local)
        {
            if (c < 0x80 ? !s_ascii.Contains(c) : char.IsControl(c) || char.IsWhiteSpace(c))
                return false;
        }

        return true;
    }
}
