namespace FullStack.Mime;

/// <summary>Two hexadecimal digits of either case as an octet.</summary>
internal static class HexDigits
{
    public static bool TryRead(byte high, byte low, out byte octet)
    {
        octet = 0;
        if (!char.IsAsciiHexDigit((char)high) || !char.IsAsciiHexDigit((char)low))
            return false;
        octet = (byte)((Value(high) << 4) | Value(low));
        return true;
    }

    private static int Value(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
