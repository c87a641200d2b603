using System.Text;

namespace FullStack.Imap.Grammar;

/// <summary>Reads the date-time of APPEND.</summary>
internal static class DateTimeGrammar
{
    private const int DateTimeOctets = 28;

    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    /// <summary>
    /// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE;
    /// date-day-fixed = (SP DIGIT) / 2DIGIT; time = 2DIGIT ":" 2DIGIT ":" 2DIGIT; zone = ("+" / "-") 4DIGIT
    /// </summary>
    public static bool TryReadDateTime(this ref ImapReader reader, out DateTimeOffset date)
    {
        date = default;
        ReadOnlySpan<byte> rest = reader.Rest;
        if (rest.Length < DateTimeOctets || !HasShape(rest))
            return false;
        int day = rest[1] == (byte)' ' ? Digits(rest[2..3]) : Digits(rest[1..3]);
        int month = MonthOf(rest[4..7]);
        int year = Digits(rest[8..12]);
        int hour = Digits(rest[13..15]), minute = Digits(rest[16..18]), second = Digits(rest[19..21]);
        int zoneHours = Digits(rest[23..25]), zoneMinutes = Digits(rest[25..27]);
        if (day < 1 || month < 1 || year < 1 || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60
            || zoneHours is < 0 or > 14 || zoneMinutes is < 0 or > 59 || (zoneHours * 60) + zoneMinutes > 14 * 60
            || day > System.DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        TimeSpan zone = TimeSpan.FromMinutes((zoneHours * 60) + zoneMinutes) * (rest[22] == (byte)'-' ? -1 : 1);
        DateTime local = new(year, month, day, hour, minute, Math.Min(second, 59)); // a leap second has no value of its own
        if (local.Ticks - zone.Ticks < 0 || local.Ticks - zone.Ticks > System.DateTime.MaxValue.Ticks)
            return false;
        date = new(local, zone);
        reader.Position += DateTimeOctets;
        return true;
    }

    private static bool HasShape(ReadOnlySpan<byte> text)
        => text[0] == (byte)'"' && text[3] == (byte)'-' && text[7] == (byte)'-' && text[12] == (byte)' ' && text[15] == (byte)':'
            && text[18] == (byte)':' && text[21] == (byte)' ' && text[22] is (byte)'+' or (byte)'-' && text[27] == (byte)'"';

    private static int MonthOf(ReadOnlySpan<byte> name)
    {
        for (int month = 1; month <= 12; month++)
        {
            if (Ascii.EqualsIgnoreCase(name, Months.Slice((month - 1) * 3, 3)))
                return month;
        }

        return 0;
    }

    /// <summary>The digits' value; -1 where there is something else.</summary>
    private static int Digits(ReadOnlySpan<byte> text)
    {
        int value = 0;
        foreach (byte octet in text)
        {
            if (octet is < (byte)'0' or > (byte)'9')
                return -1;
            value = (value * 10) + (octet - '0');
        }

        return value;
    }
}
