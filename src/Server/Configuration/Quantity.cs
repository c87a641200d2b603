using System.Globalization;

namespace FullStack.Server.Configuration;

/// <summary>Reads and writes sizes (<c>50MiB</c>) and durations (<c>30s</c>) as the configuration has them: a whole number and a unit.</summary>
internal static class Quantity
{
    // Largest first: the form written is the one with the largest unit that divides the value.
    private static readonly (string Unit, long Factor)[] SizeUnits = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    private static readonly (string Unit, long Factor)[] DurationUnits =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a size in octets; a number without unit counts octets.</summary>
    public static bool TryParseSize(string text, out long octets) => TryParse(text, SizeUnits, out octets) || TryParseNumber(text, out octets);

    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        bool ok = TryParse(text, DurationUnits, out long ticks);
        duration = new TimeSpan(ticks);
        return ok;
    }

    public static string FormatSize(long octets) => Format(octets, SizeUnits);

    public static string FormatDuration(TimeSpan duration) => Format(duration.Ticks, DurationUnits);

    /// <summary>Reads a whole number of at least 0 without sign, spaces or separators.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, out long number)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryParse(string text, (string Unit, long Factor)[] units, out long value)
    {
        value = 0;
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0)
            return false;
        ReadOnlySpan<char> unit = text.AsSpan(digits).TrimStart(' ');
        foreach ((string name, long factor) in units)
        {
            if (!unit.Equals(name, StringComparison.Ordinal))
                continue;
            if (!TryParseNumber(text.AsSpan(0, digits), out long number) || number > long.MaxValue / factor)
                return false;
            value = number * factor;
            return true;
        }

        return false;
    }

    private static string Format(long value, (string Unit, long Factor)[] units)
    {
        (string unit, long factor) = Array.Find(units, u => value != 0 && value % u.Factor == 0);
        return unit is null ? "0" + units[^1].Unit : string.Create(CultureInfo.InvariantCulture, $"{value / factor}{unit}");
    }
}
