using System.Globalization;
using FullStack.Server.Configuration;
using FullStack.Store.Quota;

namespace FullStack.Server.Cli;

/// <summary>How commands write limits and usage for people.</summary>
internal static class QuotaText
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A limit of octets as it may be typed again; empty where none is set.</summary>
    public static string Size(long? limit) => limit is { } octets ? ValueForms.SizeLimit.Format(octets) : "";

    /// <summary>A limit of messages as it may be typed again; empty where none is set.</summary>
    public static string Count(long? limit) => limit is { } messages ? ValueForms.CountLimit.Format(messages) : "";

    /// <summary>Limits in one sentence.</summary>
    public static string Sentence(QuotaLimits limits) => limits switch
    {
        { IsUnlimited: true } => ValueForms.Unlimited,
        { Messages: QuotaLimits.Unlimited } => Size(limits.Octets),
        { Octets: QuotaLimits.Unlimited } => $"{Count(limits.Messages)} messages",
        _ => $"{Size(limits.Octets)} and {Count(limits.Messages)} messages",
    };

    /// <summary>A size to about three digits.</summary>
    public static string Rounded(long octets)
    {
        double value = octets;
        int unit = 0;
        for (; value >= 999.5 && unit < s_units.Length - 1; unit++)
            value /= 1024;
        string digits = unit == 0 || value >= 99.95 ? "0" : "0.0";
        return value.ToString(digits, CultureInfo.InvariantCulture) + s_units[unit];
    }
}
