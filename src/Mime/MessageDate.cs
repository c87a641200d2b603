using System.Globalization;

namespace FullStack.Mime;

/// <summary>Dates of RFC 5322 §3.3 with the obsolete and broken forms that real mail has.</summary>
public static class MessageDate
{
    /// <summary>
    /// Reads a date: RFC 5322 with or without its day of the week, seconds and zone, the obsolete forms of §4.3, ctime, ISO 8601.
    /// A missing or unknown zone is UTC. False where day, month, year or time is missing or impossible, or the year is before 1900.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out DateTimeOffset date) => FieldsOf(value).TryMake(out date, out _);

    /// <summary>Reads the same as it is written, whatever its zone: what IMAP's SENTON compares (RFC 3501 §6.4.4).</summary>
    public static bool TryParseWritten(ReadOnlySpan<byte> value, out DateTime written) => FieldsOf(value).TryMake(out _, out written);

    /// <summary>
    /// Reads the same where there is a day at least: a time that is missing or impossible is midnight, as for what RFC 5256 §2.2 calls
    /// the sent date.
    /// </summary>
    public static bool TryParseSent(ReadOnlySpan<byte> value, out DateTimeOffset date)
    {
        DateFields fields = FieldsOf(value);
        fields.TakeMidnightIfTimeless();
        return fields.TryMake(out date, out _);
    }

    /// <summary>For instance <c>Sat, 21 Nov 2026 21:41:00 +0000</c>.</summary>
    public static string Format(DateTimeOffset date)
    {
        string sign = date.Offset < TimeSpan.Zero ? "-" : "+";
        return string.Create(CultureInfo.InvariantCulture, $"{date:ddd, d MMM yyyy HH:mm:ss} {sign}{date.Offset:hhmm}");
    }

    private static DateFields FieldsOf(ReadOnlySpan<byte> value)
    {
        DateFields fields = new();
        DateWords words = new(value);
        while (words.MoveNext())
            fields.Take(words.Word);
        return fields;
    }
}
