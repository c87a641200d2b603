using System.Text;
using FullStack.Imap.Grammar;

namespace FullStack.Imap.Search;

/// <summary>Reads the dates of SEARCH.</summary>
internal static class DateGrammar
{
    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    /// <summary>date = date-text / DQUOTE date-text DQUOTE; date-text = date-day "-" date-month "-" date-year</summary>
    public static bool TryReadDate(this ref ImapReader reader, out DateOnly date)
    {
        int start = reader.Position;
        bool quoted = reader.TryReadOctet((byte)'"');
        if (TryReadDateText(ref reader, out date) && (!quoted || reader.TryReadOctet((byte)'"')))
            return true;
        reader.Position = start;
        return false;
    }

    /// <summary>date-day = 1*2DIGIT; date-month = "Jan" / … / "Dec"; date-year = 4DIGIT</summary>
    private static bool TryReadDateText(ref ImapReader reader, out DateOnly date)
    {
        date = default;
        if (!TryReadDigits(ref reader, 1, 2, out int day) || !reader.TryReadOctet((byte)'-') || !TryReadMonth(ref reader, out int month)
            || !reader.TryReadOctet((byte)'-') || !TryReadDigits(ref reader, 4, 4, out int year)
            || year < 1 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        date = new(year, month, day);
        return true;
    }

    private static bool TryReadMonth(ref ImapReader reader, out int month)
    {
        for (month = 1; month <= 12; month++)
        {
            if (reader.TryReadWord(Months.Slice((month - 1) * 3, 3)))
                return true;
        }

        return false;
    }

    private static bool TryReadDigits(ref ImapReader reader, int least, int most, out int value)
    {
        value = 0;
        ReadOnlySpan<byte> rest = reader.Rest;
        int length = 0;
        for (; length < most && length < rest.Length && char.IsAsciiDigit((char)rest[length]); length++)
            value = (value * 10) + (rest[length] - '0');
        return length >= least && reader.TryReadWord(rest[..length]);
    }
}
