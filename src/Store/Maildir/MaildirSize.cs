using System.Buffers.Text;
using System.Globalization;
using System.Text;
using FullStack.Store.Quota;

namespace FullStack.Store.Maildir;

/// <summary>The contents of a <c>maildirsize</c> file, by which programs that share a Maildir++ tell each other what it keeps.</summary>
/// <remarks>
/// The first line is the quota: <c>nS</c> octets and <c>nC</c> messages with a comma between, either of them alone too. Each
/// further line is what somebody added or removed: octets, white space, messages. The sums are what there is.
/// </remarks>
/// <param name="Quota">The quota in the first line.</param>
/// <param name="Sum">The sums.</param>
internal readonly record struct MaildirSize(QuotaLimits Quota, QuotaAmount Sum)
{
    /// <summary>A file that would grow beyond this is written anew, with one line for the sums.</summary>
    public const int MaxOctets = 5120;

    /// <summary>Reads a file; false where it is not one, or ends within a line.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out MaildirSize size)
    {
        size = default;
        if (!TryReadLine(ref text, out ReadOnlySpan<byte> first) || !TryParseQuota(first, out QuotaLimits quota))
            return false;
        QuotaAmount sum = default;
        while (!text.IsEmpty)
        {
            if (!TryReadLine(ref text, out ReadOnlySpan<byte> line) || !TryReadNumber(ref line, out long octets)
                || !TryReadNumber(ref line, out long messages) || !line.Trim(" \t\r"u8).IsEmpty)
                return false;
            sum = new(unchecked(sum.Octets + octets), unchecked(sum.Messages + messages));
        }

        size = new(quota, sum);
        return true;
    }

    /// <summary>A line for a change: two numbers of twelve columns with a space between, 26 octets with the line end.</summary>
    public static byte[] Line(QuotaAmount change)
        => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{change.Octets,12} {change.Messages,12}\n"));

    /// <summary>A whole file.</summary>
    public byte[] Format()
    {
        string octets = Quota.Octets == QuotaLimits.Unlimited ? "" : string.Create(CultureInfo.InvariantCulture, $"{Quota.Octets}S");
        string messages = Quota.Messages == QuotaLimits.Unlimited ? "" : string.Create(CultureInfo.InvariantCulture, $"{Quota.Messages}C");
        string comma = octets.Length > 0 && messages.Length > 0 ? "," : "";
        string none = octets.Length + messages.Length == 0 ? "0S" : ""; // which is no limit to all readers
        return [.. Encoding.ASCII.GetBytes($"{none}{octets}{comma}{messages}\n"), .. Line(Sum)];
    }

    private static bool TryParseQuota(ReadOnlySpan<byte> line, out QuotaLimits quota)
    {
        quota = QuotaLimits.None;
        line = line.Trim(" \t\r"u8);
        while (!line.IsEmpty)
        {
            if (!Utf8Parser.TryParse(line, out ulong value, out int used) || used == line.Length || value > long.MaxValue)
                return false;
            long limit = value == 0 ? QuotaLimits.Unlimited : (long)value;
            switch (line[used])
            {
                case (byte)'S': quota = quota with { Octets = limit }; break;
                case (byte)'C': quota = quota with { Messages = limit }; break;
                default: return false; // B, blocks, is reserved and nobody writes it
            }

            line = line[(used + 1)..];
            if (line.IsEmpty)
                return true;
            if (line[0] != ',')
                return false;
            line = line[1..];
        }

        return true;
    }

    private static bool TryReadLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        int end = text.IndexOf((byte)'\n');
        line = end < 0 ? default : text[..end];
        text = text[(end + 1)..];
        return end >= 0;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> line, out long number)
    {
        line = line.TrimStart(" \t"u8);
        bool read = Utf8Parser.TryParse(line, out number, out int used);
        line = line[used..];
        return read && (line.IsEmpty || line[0] is (byte)' ' or (byte)'\t' or (byte)'\r');
    }
}
