using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace FullStack.Smtp.Grammar;

/// <summary>Why a path was not read.</summary>
internal enum PathFault
{
    None,
    Malformed,

    /// <summary>Local part, domain or path over the limits of RFC 5321 §4.5.3.1.</summary>
    TooLong,
}

/// <summary>Paths, addresses, domains and address literals.</summary>
/// <remarks>RFC 5321 §4.1.2 and §4.1.3; RFC 6531 §3.3 adds octets above 127 to atoms, quoted strings and domains.</remarks>
internal static class AddressGrammar
{
    /// <summary>RFC 5321 §4.5.3.1.1.</summary>
    public const int MaxLocalPartOctets = 64;

    /// <summary>RFC 5321 §4.5.3.1.2.</summary>
    public const int MaxDomainOctets = 255;

    /// <summary>With the angle brackets, without a source route: RFC 5321 §4.5.3.1.3.</summary>
    public const int MaxPathOctets = 256;

    /// <summary>RFC 1035 §2.3.4.</summary>
    private const int MaxLabelOctets = 63;

    /// <summary>Leniency: host names with underscores, which no host should have and many Windows and cloud machines do.</summary>
    private const byte LenientLabelOctet = (byte)'_';

    private static readonly SearchValues<byte> Atext = SearchValues.Create(
        [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"u8, .. NonAscii()]);

    private static readonly SearchValues<byte> LabelOctets = SearchValues.Create(
        [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8, LenientLabelOctet, .. NonAscii()]);

    /// <summary><c>Path = "&lt;" [ A-d-l ":" ] Mailbox "&gt;"</c>. The source route A-d-l is read and dropped (RFC 5321 §4.1.1.3, Appendix C).</summary>
    /// <param name="octets">Starts with the path.</param>
    /// <param name="length">Octets of the path; where malformed, those up to the mistake.</param>
    /// <param name="address">The address in it.</param>
    public static PathFault ReadPath(ReadOnlySpan<byte> octets, out int length, out MailboxAddress? address)
    {
        address = null;
        length = 0;
        if (octets.IsEmpty || octets[0] != '<')
            return PathFault.Malformed;
        length = 1;
        if (length < octets.Length && octets[length] == '@' && !SkipSourceRoute(octets, ref length))
            return PathFault.Malformed;

        int local = LengthOfLocalPart(octets[length..]);
        int at = length + local;
        if (local == 0 || at >= octets.Length || octets[at] != '@')
        {
            length = Math.Min(at, octets.Length);
            return PathFault.Malformed;
        }

        int domain = LengthOfDomainOrLiteral(octets[(at + 1)..]);
        int end = at + 1 + domain;
        if (domain == 0 || end >= octets.Length || octets[end] != '>')
        {
            length = Math.Min(end, octets.Length);
            return PathFault.Malformed;
        }

        ReadOnlySpan<byte> localPart = octets[length..at];
        if (!Utf8.IsValid(octets[length..end]))
            return PathFault.Malformed; // as characters it would be another address, and perhaps a longer one
        length = end + 1;
        if (local > MaxLocalPartOctets || domain > MaxDomainOctets || local + domain + 3 > MaxPathOctets)
            return PathFault.TooLong;
        address = new(Unquoted(localPart), Encoding.UTF8.GetString(octets[(at + 1)..end]));
        return PathFault.None;
    }

    /// <summary>Octets of the <c>Domain</c> or <c>address-literal</c> at the start; 0 where there is none.</summary>
    public static int LengthOfDomainOrLiteral(ReadOnlySpan<byte> octets)
        => octets.IsEmpty ? 0 : octets[0] == '[' ? LengthOfLiteral(octets) : LengthOfDomain(octets);

    /// <summary><c>Domain = sub-domain *("." sub-domain)</c>, each of letters, digits and inner hyphens.</summary>
    public static int LengthOfDomain(ReadOnlySpan<byte> octets)
    {
        int length = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = octets[length..];
            int label = rest.IndexOfAnyExcept(LabelOctets);
            if (label < 0)
                label = rest.Length;
            if (label is 0 or > MaxLabelOctets || rest[0] == '-' || rest[label - 1] == '-')
                return 0;
            length += label;
            if (length >= octets.Length || octets[length] != '.')
                return length;
            length++;
        }
    }

    /// <summary>Whether the text is a domain name or an address literal, from end to end.</summary>
    public static bool IsDomainOrLiteral(string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        return octets.Length is > 0 and <= MaxDomainOctets && LengthOfDomainOrLiteral(octets) == octets.Length;
    }

    /// <summary>Whether the text is a domain name by the grammar, from end to end.</summary>
    public static bool IsDomain([NotNullWhen(true)] string? text)
    {
        if (string.IsNullOrEmpty(text))
            return false;
        byte[] octets = Encoding.UTF8.GetBytes(text);
        return octets.Length <= MaxDomainOctets && LengthOfDomain(octets) == octets.Length;
    }

    // A-d-l = At-domain *( "," At-domain ), then ":"
    private static bool SkipSourceRoute(ReadOnlySpan<byte> octets, ref int length)
    {
        while (length < octets.Length && octets[length] == '@')
        {
            int domain = LengthOfDomainOrLiteral(octets[(length + 1)..]);
            length += 1 + domain;
            if (domain == 0 || length >= octets.Length)
                return false;
            if (octets[length] == ':')
            {
                length++;
                return true;
            }

            if (octets[length] != ',')
                return false;
            length++;
        }

        return false;
    }

    // Local-part = Dot-string / Quoted-string; Dot-string = Atom *("." Atom)
    private static int LengthOfLocalPart(ReadOnlySpan<byte> octets)
    {
        if (!octets.IsEmpty && octets[0] == '"')
            return LengthOfQuotedString(octets);
        int length = 0;
        while (true)
        {
            int atom = octets[length..].IndexOfAnyExcept(Atext);
            if (atom < 0)
                atom = octets.Length - length;
            if (atom == 0)
                return 0;
            length += atom;
            if (length >= octets.Length || octets[length] != '.')
                return length;
            length++;
        }
    }

    // Quoted-string = DQUOTE *( qtextSMTP / "\" %d32-126 ) DQUOTE; qtextSMTP = %d32-33 / %d35-91 / %d93-126 / UTF8-non-ascii
    private static int LengthOfQuotedString(ReadOnlySpan<byte> octets)
    {
        for (int i = 1; i < octets.Length; i++)
        {
            byte octet = octets[i];
            if (octet == '"')
                return i + 1;
            if (octet == '\\' && (++i >= octets.Length || octets[i] is < 0x20 or > 0x7E))
                return 0;
            if (octet is < 0x20 or 0x7F)
                return 0;
        }

        return 0;
    }

    private static string Unquoted(ReadOnlySpan<byte> localPart)
    {
        if (localPart[0] != '"')
            return Encoding.UTF8.GetString(localPart);
        byte[] octets = new byte[localPart.Length];
        int length = 0;
        for (int i = 1; i < localPart.Length - 1; i++)
        {
            if (localPart[i] == '\\')
                i++;
            octets[length++] = localPart[i];
        }

        return Encoding.UTF8.GetString(octets.AsSpan(0, length));
    }

    // address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"; no other tag was ever registered
    private static int LengthOfLiteral(ReadOnlySpan<byte> octets)
    {
        int close = octets.IndexOf((byte)']');
        if (close < 0)
            return 0;
        ReadOnlySpan<byte> inner = octets[1..close];
        ReadOnlySpan<byte> tag = "IPv6:"u8;
        bool valid = inner.Length > tag.Length && Ascii.EqualsIgnoreCase(inner[..tag.Length], tag)
            ? IsIpv6(inner[tag.Length..])
            : IsIpv4(inner);
        return valid ? close + 1 : 0;
    }

    // IPv4-address-literal = Snum 3("." Snum); Snum = 1*3DIGIT, up to 255
    private static bool IsIpv4(ReadOnlySpan<byte> octets)
    {
        for (int numbers = 1; ; numbers++)
        {
            int digits = octets.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits < 0)
                digits = octets.Length;
            if (digits is 0 or > 3 || int.Parse(octets[..digits]) > 255)
                return false;
            octets = octets[digits..];
            if (octets.IsEmpty)
                return numbers == 4;
            if (octets[0] != '.')
                return false;
            octets = octets[1..];
        }
    }

    private static bool IsIpv6(ReadOnlySpan<byte> octets)
    {
        foreach (byte octet in octets)
        {
            if (!char.IsAsciiHexDigit((char)octet) && octet is not ((byte)':' or (byte)'.'))
                return false; // IPAddress takes scopes and brackets too
        }

        return octets.Contains((byte)':') && System.Net.IPAddress.TryParse(Encoding.ASCII.GetString(octets), out _);
    }

    private static byte[] NonAscii() => [.. Enumerable.Range(0x80, 0x80).Select(static octet => (byte)octet)];
}
