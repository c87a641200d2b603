using System.Buffers.Text;
using System.Text;

namespace FullStack.Mime;

/// <summary>The fields of a date as its words come by, in any order that makes sense.</summary>
internal struct DateFields
{
    private int _day, _month, _year = -1, _hour = -1, _minute, _second;
    private int? _zoneMinutes;

    public DateFields()
    {
    }

    public void Take(ReadOnlySpan<byte> word)
    {
        if (word.Length > 1 && word[0] == '-' && char.IsAsciiLetter((char)word[1]))
            word = word[1..];
        byte first = word[0];
        if (char.IsAsciiLetter((char)first))
            TakeName(word);
        else if (first is (byte)'+' or (byte)'-' && _hour >= 0 && word.Length >= 5)
            TakeOffset(word);
        else if (first is (byte)'+' && _hour >= 0 && word.Length == 3)
            TakeOffset([.. word, (byte)'0', (byte)'0']);
        else if (word.Contains((byte)':'))
            TakeTime(word);
        else
            TakeNumber(word.TrimStart((byte)'-'));
    }

    /// <param name="date">The moment, with its zone where <see cref="DateTimeOffset"/> can hold that, else in UTC.</param>
    /// <param name="written">Date and time of day as they stand there.</param>
    public readonly bool TryMake(out DateTimeOffset date, out DateTime written)
    {
        date = default;
        written = default;
        if (_year is < 1900 or > 9998 || _month is < 1 or > 12 || _day < 1 || _day > DateTime.DaysInMonth(_year, _month) || _hour is < 0 or > 23)
            return false;

        written = new(_year, _month, _day, _hour, _minute, _second, DateTimeKind.Unspecified);
        int zone = _zoneMinutes ?? 0;
        const int widest = 14 * 60;
        date = Math.Abs(zone) <= widest
            ? new DateTimeOffset(written, TimeSpan.FromMinutes(zone))
            : new DateTimeOffset(written.AddMinutes(-zone), TimeSpan.Zero);
        return true;
    }

    /// <summary>Has a date without a time of day begin at its first moment.</summary>
    public void TakeMidnightIfTimeless() => _hour = Math.Max(_hour, 0);

    private void TakeNumber(ReadOnlySpan<byte> word)
    {
        if (!Utf8Parser.TryParse(word, out uint number, out int used) || used == 0 || number > 9999)
            return;
        if (used <= 2 && _year >= 0 && _month == 0)
            _month = (int)number; // ISO 8601: the year came first.
        else if (used <= 2 && _day == 0 && number is >= 1 and <= 31)
            _day = (int)number;
        else if (_year < 0)
            _year = FullYear((int)number, used);
    }

    // RFC 5322 §4.3 obs-year. Programs that count years from 1900 wrote 102 for 2002, some of them with four digits.
    private static int FullYear(int year, int digits) => digits switch
    {
        <= 2 => year < 50 ? year + 2000 : year + 1900,
        3 => year + 1900,
        _ => year is >= 100 and < 200 ? year + 1900 : year,
    };

    private void TakeTime(ReadOnlySpan<byte> word)
    {
        if (_hour >= 0 || !Utf8Parser.TryParse(word, out uint hour, out int used) || hour > 23 || word.Length == used || word[used] != ':')
            return;
        ReadOnlySpan<byte> rest = word[(used + 1)..];
        if (!Utf8Parser.TryParse(rest, out uint minute, out used) || minute > 59)
            return;
        uint second = 0;
        if (rest.Length > used && rest[used] == ':' && (!Utf8Parser.TryParse(rest[(used + 1)..], out second, out _) || second > 60))
            return;
        _hour = (int)hour;
        _minute = (int)minute;
        _second = (int)Math.Min(second, 59); // A leap second is none to us.
    }

    private void TakeOffset(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> digits = word[1..];
        byte[] plain = digits.Length == 5 && digits[2] == ':' ? [.. digits[..2], .. digits[3..]] : [.. digits[..Math.Min(4, digits.Length)]];
        if (!Utf8Parser.TryParse(plain, out uint number, out int used) || used != 4)
            return;
        int minutes = (int)(number / 100 * 60 + number % 100);
        _zoneMinutes = word[0] == '-' ? -minutes : minutes;
    }

    private void TakeName(ReadOnlySpan<byte> word)
    {
        if (_month == 0 && word.Length >= 3 && MonthOf(word) is > 0 and int month)
            _month = month;
        else if (Ascii.EqualsIgnoreCase(word, "pm"u8) && _hour is >= 0 and < 12)
            _hour += 12;
        else if (Ascii.EqualsIgnoreCase(word, "am"u8) && _hour == 12)
            _hour = 0;
        else if (_hour >= 0 && _zoneMinutes is null)
            _zoneMinutes = ZoneOf(word);
    }

    private static int MonthOf(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> months = "janfebmaraprmayjunjulaugsepoctnovdec"u8;
        for (int i = 0; i < 12; i++)
        {
            if (Ascii.EqualsIgnoreCase(word[..3], months.Slice(i * 3, 3)))
                return i + 1;
        }

        return 0;
    }

    // RFC 5322 §4.3 obs-zone: unknown names, and the military ones, which RFC 822 had backwards, are as good as -0000.
    private static int? ZoneOf(ReadOnlySpan<byte> word) => Encoding.Latin1.GetString(word).ToUpperInvariant() switch
    {
        "UT" or "GMT" or "UTC" or "Z" => 0,
        "EST" => -300,
        "EDT" => -240,
        "CST" => -360,
        "CDT" => -300,
        "MST" => -420,
        "MDT" => -360,
        "PST" => -480,
        "PDT" => -420,
        "MET" or "CET" => 60,
        "CEST" or "MEST" => 120,
        "BST" => 60,
        "JST" => 540,
        _ => null,
    };
}
