using System.Globalization;
using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Server;

/// <summary>Response codes that carry numbers or ids.</summary>
internal static class ResponseCodes
{
    /// <summary>resp-code-apnd = "APPENDUID" SP nz-number SP append-uid (RFC 4315 §4); a set of UIDs after several messages.</summary>
    public static string AppendUid(AppendOutcome outcome)
    {
        StringBuilder code = new("APPENDUID ");
        code.Append(CultureInfo.InvariantCulture, $"{outcome.UidValidity.Value} ");
        AppendInOrder(code, outcome.Uids);
        return code.ToString();
    }

    /// <summary>resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set (RFC 4315 §4); both sets in the order of the copying.</summary>
    public static string CopyUid(CopyOutcome outcome)
    {
        StringBuilder code = new("COPYUID ");
        code.Append(CultureInfo.InvariantCulture, $"{outcome.UidValidity.Value} ");
        AppendInOrder(code, outcome.Source);
        code.Append(' ');
        AppendInOrder(code, outcome.Target);
        return code.ToString();
    }

    /// <summary>
    /// "HIGHESTMODSEQ" SP mod-sequence-value, for who enabled QRESYNC and expunged something; else null (RFC 7162 §3.2.7, §3.2.9). What has
    /// happened until now is told before the answer that has it.
    /// </summary>
    public static string? HighestModSeq(ImapSession session, UidSet expunged)
        => session.IsQResyncEnabled && !expunged.IsEmpty
            ? "HIGHESTMODSEQ " + session.View.HighestModSeq.Value.ToString(CultureInfo.InvariantCulture)
            : null;

    /// <summary>"MODIFIED" SP sequence-set (RFC 7162 §7)</summary>
    public static string Modified(NumberRanges numbers)
    {
        StringBuilder code = new("MODIFIED ");
        for (int i = 0; i < numbers.Count; i++)
        {
            if (i > 0)
                code.Append(',');
            AppendRange(code, numbers[i].First, numbers[i].Last);
        }

        return code.ToString();
    }

    /// <summary>"URLMECH" SP "INTERNAL" *(SP mechanism ["=" base64]) (RFC 4467 §9)</summary>
    public const string UrlMechanisms = "URLMECH INTERNAL";

    /// <summary>"BADURL" SP url-resp-text (RFC 4469 §5); what that cannot hold is percent-encoded, and a long URL cut off.</summary>
    public static string BadUrl(ReadOnlySpan<byte> url)
    {
        const int MostOctets = 1000;
        StringBuilder code = new("BADURL ");
        foreach (byte octet in url[..Math.Min(url.Length, MostOctets)])
        {
            if (octet is > 0x20 and < 0x7F and not ((byte)']' or (byte)'\\' or (byte)'"'))
                code.Append((char)octet);
            else
                code.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return code.ToString();
    }

    /// <summary>"MAILBOXID" SP "(" objectid ")" (RFC 8474 §7); with a letter before it, for an id "starting with digits" is to be avoided (§8.1).</summary>
    public static string MailboxId(string id) => $"MAILBOXID (F{id})";

    private static void AppendInOrder(StringBuilder code, IReadOnlyList<Uid> uids)
    {
        for (int i = 0; i < uids.Count;)
        {
            int first = i;
            while (++i < uids.Count && uids[i].Value == uids[i - 1].Value + 1)
            {
            }

            if (first > 0)
                code.Append(',');
            AppendRange(code, uids[first].Value, uids[i - 1].Value);
        }
    }

    private static void AppendRange(StringBuilder code, uint first, uint last)
    {
        code.Append(first);
        if (last != first)
            code.Append(':').Append(last);
    }
}
