namespace FullStack.Smtp.Grammar;

/// <summary>Dates and times as parameters have them, such as <c>2026-03-02T10:00:00Z</c>.</summary>
/// <remarks>RFC 3339 §5.6 <c>date-time</c>. A leap second counts as the first of the next minute; fractions are read to 100 ns.</remarks>
internal static class InternetDate
{
    /// <summary>Reads a date and time that ends where the octets do.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out DateTimeOffset time)
    {
        time = default;
        if (octets.Length < 20 || octets[4] != '-' || octets[7] != '-' || octets[10] is not ((byte)'T' or (byte)'t') || octets[13] != ':' || octets[16] != ':'
            || Number(octets[..4]) is not { } year || Number(octets[5..7]) is not { } month || Number(octets[8..10]) is not { } day
            || Number(octets[11..13]) is not { } hour || Number(octets[14..16]) is not { } minute || Number(octets[17..19]) is not { } second
            || year is < 2 or 9999 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = octets[19..];
        if (!TryReadFraction(ref rest, out long ticks) || !TryReadOffset(rest, out TimeSpan offset))
            return false;
        DateTimeOffset local = new(year, month, day, hour, minute, 0, TimeSpan.Zero);
        time = local.AddSeconds(second).AddTicks(ticks) - offset;
        return true;
    }

    // time-secfrac = "." 1*DIGIT
    private static bool TryReadFraction(ref ReadOnlySpan<byte> rest, out long ticks)
    {
        ticks = 0;
        if (rest.IsEmpty || rest[0] != '.')
            return true;
        int digits = 0;
        long unit = TimeSpan.TicksPerSecond;
        rest = rest[1..];
        while (digits < rest.Length && char.IsAsciiDigit((char)rest[digits]))
        {
            unit /= 10;
            ticks += (rest[digits++] - '0') * unit;
        }

        rest = rest[digits..];
        return digits > 0;
    }

    // time-offset = "Z" / ("+" / "-") time-hour ":" time-minute
    private static bool TryReadOffset(ReadOnlySpan<byte> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest is [(byte)'Z' or (byte)'z'])
            return true;
        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':'
            || Number(rest[1..3]) is not { } hours || Number(rest[4..]) is not { } minutes || hours > 23 || minutes > 59)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (rest[0] == '-' ? -1 : 1);
        return true;
    }

    private static int? Number(ReadOnlySpan<byte> digits)
    {
        int number = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return null;
            number = (number * 10) + (digit - '0');
        }

        return number;
    }
}
