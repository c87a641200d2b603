using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FullStack.Smtp.Grammar;

/// <summary>Text in a parameter's value, with what may not stand there written as hexadecimal digits.</summary>
/// <remarks>RFC 3461 §4: <c>xtext = *( xchar / hexchar )</c>; <c>hexchar = "+" 2(%x30-39 / %x41-46)</c>.</remarks>
internal static class Xtext
{
    /// <summary>Decodes a value that is xtext from end to end and stands for printable ASCII, blanks included.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        StringBuilder decoded = new(value.Length);
        while (!value.IsEmpty)
        {
            if (!TryReadOctet(ref value, out byte octet) || octet is < 0x20 or > 0x7E)
                return false;
            decoded.Append((char)octet);
        }

        text = decoded.ToString();
        return true;
    }

    /// <summary>Whether a value is xtext from end to end, whatever it stands for, and not empty.</summary>
    public static bool IsValid(ReadOnlySpan<byte> value)
    {
        bool any = !value.IsEmpty;
        while (!value.IsEmpty)
        {
            if (!TryReadOctet(ref value, out _))
                return false;
        }

        return any;
    }

    private static bool TryReadOctet(ref ReadOnlySpan<byte> value, out byte octet)
    {
        octet = value[0];
        if (octet is < 0x21 or > 0x7E or (byte)'=')
            return false;
        if (octet != '+')
        {
            value = value[1..];
            return true;
        }

        if (value.Length < 3 || HexDigit(value[1]) is not { } high || HexDigit(value[2]) is not { } low)
            return false;
        octet = (byte)((high << 4) | low);
        value = value[3..];
        return true;
    }

    private static int? HexDigit(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'A' and <= (byte)'F' => octet - 'A' + 10,
        _ => null,
    };
}
