using System.Globalization;
using System.Text;

namespace FullStack.Smtp.Client;

/// <summary>Encodes what a sender said for notices, for the parameters that carry it on.</summary>
/// <remarks>RFC 3461 §4 <c>xtext</c>; RFC 6533 §3 <c>utf-8-addr-xtext</c> and <c>utf-8-addr-unitext</c>.</remarks>
internal static class DsnText
{
    /// <summary>Any text as xtext.</summary>
    public static string Xtext(string text)
    {
        StringBuilder encoded = new();
        foreach (byte octet in Encoding.UTF8.GetBytes(text))
        {
            if (octet is > 0x20 and < 0x7F and not ((byte)'+' or (byte)'='))
                encoded.Append((char)octet);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"+{octet:X2}");
        }

        return encoded.ToString();
    }

    /// <summary>An address as ORCPT carries it.</summary>
    /// <param name="original">The address and its type.</param>
    /// <param name="utf8">UTF-8 may stand in commands.</param>
    public static string OriginalRecipient(OriginalRecipient original, bool utf8)
    {
        if (!original.AddressType.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return $"{original.AddressType};{Xtext(original.Address)}";
        StringBuilder encoded = new();
        foreach (Rune rune in original.Address.EnumerateRunes())
        {
            if (rune.Value is > 0x20 and < 0x7F and not ('+' or '=' or '\\') || (rune.Value >= 0xA0 && utf8))
                encoded.Append(rune);
            else
                encoded.Append(CultureInfo.InvariantCulture, $@"\x{{{rune.Value:X2}}}");
        }

        return $"{original.AddressType};{encoded}";
    }
}
