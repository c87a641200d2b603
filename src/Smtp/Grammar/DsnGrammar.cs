using System.Buffers;
using System.Globalization;
using System.Text;

namespace FullStack.Smtp.Grammar;

/// <summary>The values of the parameters by which a sender asks for notices.</summary>
/// <remarks>RFC 3461 §4, RFC 6533 §3. Null where a value is malformed.</remarks>
internal static class DsnGrammar
{
    /// <summary>RFC 3461 §4.4.</summary>
    private const int MaxEnvelopeIdOctets = 100;

    /// <summary>RFC 3461 §4.2.</summary>
    private const int MaxOriginalRecipientOctets = 500;

    private static readonly SearchValues<byte> s_atom = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/?^_`{|}~"u8);

    /// <summary><c>"FULL" / "HDRS"</c></summary>
    public static DsnReturn? ReadReturn(ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(value, "FULL"u8))
            return DsnReturn.Full;
        return Ascii.EqualsIgnoreCase(value, "HDRS"u8) ? DsnReturn.Headers : null;
    }

    /// <summary>xtext, of printable ASCII once it is decoded.</summary>
    public static string? ReadEnvelopeId(ReadOnlySpan<byte> value)
        => value.Length is > 0 and <= MaxEnvelopeIdOctets && Xtext.TryDecode(value, out string? id) ? id : null;

    /// <summary><c>"NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" )</c></summary>
    public static DsnNotify? ReadNotify(ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(value, "NEVER"u8))
            return DsnNotify.Never;
        DsnNotify notify = DsnNotify.Never;
        while (true)
        {
            int comma = value.IndexOf((byte)',');
            ReadOnlySpan<byte> element = comma < 0 ? value : value[..comma];
            if (Ascii.EqualsIgnoreCase(element, "SUCCESS"u8))
                notify |= DsnNotify.Success;
            else if (Ascii.EqualsIgnoreCase(element, "FAILURE"u8))
                notify |= DsnNotify.Failure;
            else if (Ascii.EqualsIgnoreCase(element, "DELAY"u8))
                notify |= DsnNotify.Delay;
            else
                return null;
            if (comma < 0)
                return notify;
            value = value[(comma + 1)..];
        }
    }

    /// <summary><c>original-recipient-address = addr-type ";" xtext</c>; of the type utf-8 it is <c>utf-8-enc-addr</c> instead.</summary>
    public static OriginalRecipient? ReadOriginalRecipient(ReadOnlySpan<byte> value)
    {
        int semicolon = value.IndexOf((byte)';');
        if (value.Length > MaxOriginalRecipientOctets || semicolon <= 0 || value[..semicolon].ContainsAnyExcept(s_atom))
            return null;
        ReadOnlySpan<byte> encoded = value[(semicolon + 1)..];
        bool isUtf8 = Ascii.EqualsIgnoreCase(value[..semicolon], "utf-8"u8);
        string? address = isUtf8 ? DecodeUnitext(encoded) : Xtext.TryDecode(encoded, out string? text) ? text : null;
        return string.IsNullOrEmpty(address) ? null : new(Encoding.ASCII.GetString(value[..semicolon]), address);
    }

    /// <summary><c>1*( QUCHAR / EmbeddedUnicodeChar )</c>; controls are refused, also such as are written in digits: notices have the address in a line.</summary>
    private static string? DecodeUnitext(ReadOnlySpan<byte> encoded)
    {
        StringBuilder decoded = new(encoded.Length);
        while (!encoded.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(encoded, out Rune rune, out int octets) != OperationStatus.Done)
                return null;
            if (rune.Value is ' ' or '+' or '=' || (rune.Value == '\\' && !TryReadEmbedded(encoded, out rune, out octets)) || Rune.IsControl(rune))
                return null;
            decoded.Append(rune.ToString());
            encoded = encoded[octets..];
        }

        return decoded.ToString();
    }

    // EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"; HEXPOINT has two to six digits, upper case
    private static bool TryReadEmbedded(ReadOnlySpan<byte> encoded, out Rune rune, out int octets)
    {
        rune = default;
        octets = encoded.IndexOf((byte)'}') + 1;
        if (octets is < 6 or > 10 || !encoded.StartsWith("\\x{"u8))
            return false;
        ReadOnlySpan<byte> digits = encoded[3..(octets - 1)];
        return !digits.ContainsAnyExcept("0123456789ABCDEF"u8)
            && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int point)
            && Rune.TryCreate(point, out rune);
    }
}
