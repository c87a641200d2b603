using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace FullStack.Store.Mbox;

/// <summary>The line that begins each message of an mbox: <c>From sender date</c>.</summary>
/// <remarks>
/// RFC 4155 appendix A has the plain form, <c>From sender Www Mmm dd hh:mm:ss yyyy</c>. Programs also write it without
/// seconds, with one or two words of time zone before the year or one after it, and with <c>remote from host</c> at the
/// end. The sender may be absent or hold spaces. A line without such a date separates nothing.
/// </remarks>
public static class FromLine
{
    /// <summary>Longest line that can be one.</summary>
    public const int MaxOctets = 1000;

    private const int MaxWords = 32;
    private const int MaxWordsAfterTime = 6;

    /// <summary>What each begins with.</summary>
    public static ReadOnlySpan<byte> Prefix => "From "u8;

    private static ReadOnlySpan<byte> Weekdays => "SunMonTueWedThuFriSat"u8;
    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    /// <summary>Whether a line, without its line end, begins a message, and the date it tells.</summary>
    /// <param name="line">The line.</param>
    /// <param name="date">Its date; taken as UTC where it names no zone, as RFC 4155 has it.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, out DateTimeOffset date)
    {
        date = default;
        if (line.Length > MaxOctets || !line.StartsWith(Prefix))
            return false;
        Span<Range> words = stackalloc Range[MaxWords];
        line = line[Prefix.Length..];
        int count = Split(line, words);
        for (int at = 0; at + 4 < count; at++)
        {
            if (TryReadDate(line, words[at..count], out date))
                return true;
        }

        return false;
    }

    /// <summary>Makes the line, with its line end.</summary>
    /// <param name="sender">Who sent the message; anything that no From_ line can hold makes it MAILER-DAEMON.</param>
    /// <param name="date">When it arrived.</param>
    public static byte[] Format(string sender, DateTimeOffset date)
    {
        bool fits = sender.Length is > 0 and <= 500 && Ascii.IsValid(sender) && !sender.AsSpan().ContainsAnyInRange('\0', ' ') && !sender.Contains('\x7f');
        string text = date.UtcDateTime.ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture);

        // asctime pads the day with a space.
        if (date.UtcDateTime.Day < 10)
            text = text.Insert(8, " ");
        return Encoding.ASCII.GetBytes($"From {(fits ? sender : "MAILER-DAEMON")} {text}\n");
    }

    /// <summary>The first word behind <c>From</c>; empty where a line is none of these.</summary>
    public static string SenderOf(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith(Prefix))
            return "";
        line = line[Prefix.Length..];
        int end = line.IndexOfAny((byte)' ', (byte)'\n');
        return end < 0 ? "" : Encoding.Latin1.GetString(line[..end]);
    }

    private static int Split(ReadOnlySpan<byte> line, Span<Range> words)
    {
        int count = 0;
        for (int at = 0; at < line.Length && count < words.Length;)
        {
            int skip = line[at..].IndexOfAnyExcept((byte)' ', (byte)'\t');
            if (skip < 0)
                break;
            at += skip;
            int length = line[at..].IndexOfAny((byte)' ', (byte)'\t');
            int end = length < 0 ? line.Length : at + length;
            words[count++] = at..end;
            at = end;
        }

        return count;
    }

    /// <summary>Weekday, month, day, time, then year and zone in any of the orders in use.</summary>
    private static bool TryReadDate(ReadOnlySpan<byte> line, ReadOnlySpan<Range> words, out DateTimeOffset date)
    {
        date = default;
        int month = Name(line[words[1]], Months);
        if (Name(line[words[0]], Weekdays) < 0 || month < 0 || !TryReadNumber(line[words[2]], 1, 31, out int day)
            || !TryReadTime(line[words[3]], out TimeSpan time))
            return false;
        ReadOnlySpan<Range> rest = words[4..Math.Min(words.Length, 4 + MaxWordsAfterTime)];
        for (int at = 0; at < Math.Min(rest.Length, 3); at++)
        {
            ReadOnlySpan<byte> word = line[rest[at]];
            if (word.Length == 4 && TryReadNumber(word, 1970, 9998, out int year))
            {
                if (day > DateTime.DaysInMonth(year, month + 1) || !IsTail(line, rest[(at + 1)..]))
                    return false;
                TimeSpan zone = at > 0 ? Zone(line[rest[0]]) : rest.Length > 1 ? Zone(line[rest[1]]) : TimeSpan.Zero;
                date = new DateTimeOffset(new DateTime(year, month + 1, day, 0, 0, 0, DateTimeKind.Utc).Add(time).Subtract(zone), TimeSpan.Zero);
                return true;
            }

            if (!IsZone(word))
                return false;
        }

        return false;
    }

    /// <summary>What may follow the year: a zone, <c>remote from host</c>, or both.</summary>
    private static bool IsTail(ReadOnlySpan<byte> line, ReadOnlySpan<Range> rest)
    {
        if (!rest.IsEmpty && IsZone(line[rest[0]]) && !line[rest[0]].SequenceEqual("remote"u8))
            rest = rest[1..];
        return rest.IsEmpty || rest.Length >= 3 && line[rest[0]].SequenceEqual("remote"u8) && line[rest[1]].SequenceEqual("from"u8);
    }

    private static int Name(ReadOnlySpan<byte> word, ReadOnlySpan<byte> names)
    {
        if (word.Length != 3)
            return -1;
        for (int at = 0; at < names.Length; at += 3)
        {
            if (Ascii.EqualsIgnoreCase(word, names.Slice(at, 3)))
                return at / 3;
        }

        return -1;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> word, int least, int most, out int value)
    {
        bool read = Utf8Parser.TryParse(word, out uint number, out int used) && used == word.Length && number >= least && number <= most;
        value = read ? (int)number : 0;
        return read;
    }

    /// <summary><c>hh:mm</c> or <c>hh:mm:ss</c>.</summary>
    private static bool TryReadTime(ReadOnlySpan<byte> word, out TimeSpan time)
    {
        time = default;
        if (word.Length is not (4 or 5 or 7 or 8))
            return false;
        int colon = word.IndexOf((byte)':');
        if (colon is not (1 or 2) || word.Length - colon is not (3 or 6) || !TryReadNumber(word[..colon], 0, 23, out int hour)
            || !TryReadNumber(word.Slice(colon + 1, 2), 0, 59, out int minute))
            return false;
        int second = 0;
        if (word.Length - colon == 6 && (word[colon + 3] != ':' || !TryReadNumber(word[(colon + 4)..], 0, 60, out second)))
            return false;
        time = new(hour, minute, Math.Min(second, 59));
        return true;
    }

    /// <summary>One word of a zone: letters, as EST or MET, or <c>+hhmm</c>.</summary>
    private static bool IsZone(ReadOnlySpan<byte> word)
    {
        if (word.Length is 5 && word[0] is (byte)'+' or (byte)'-')
            return !word[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
        return word.Length is > 0 and <= 6 && !word.ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    }

    /// <summary>How far a zone is east of Greenwich; names that RFC 5322 §4.3 does not define count as UTC.</summary>
    private static TimeSpan Zone(ReadOnlySpan<byte> word)
    {
        if (word.Length == 5 && word[0] is (byte)'+' or (byte)'-')
        {
            if (!TryReadNumber(word.Slice(1, 2), 0, 23, out int hours) || !TryReadNumber(word[3..], 0, 59, out int minutes))
                return TimeSpan.Zero;
            TimeSpan zone = new(hours, minutes, 0);
            return word[0] == '-' ? -zone : zone;
        }

        return word switch
        {
            _ when word.SequenceEqual("EDT"u8) => TimeSpan.FromHours(-4),
            _ when word.SequenceEqual("EST"u8) || word.SequenceEqual("CDT"u8) => TimeSpan.FromHours(-5),
            _ when word.SequenceEqual("CST"u8) || word.SequenceEqual("MDT"u8) => TimeSpan.FromHours(-6),
            _ when word.SequenceEqual("MST"u8) || word.SequenceEqual("PDT"u8) => TimeSpan.FromHours(-7),
            _ when word.SequenceEqual("PST"u8) => TimeSpan.FromHours(-8),
            _ => TimeSpan.Zero,
        };
    }
}
