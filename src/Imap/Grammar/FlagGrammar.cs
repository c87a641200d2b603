using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Grammar;

/// <summary>Reads flags as a client may set them: \Recent is not among them.</summary>
internal static class FlagGrammar
{
    /// <summary>Longest keyword, in octets.</summary>
    public const int MaxKeywordOctets = 200;

    /// <summary>Most keywords in one list.</summary>
    public const int MaxKeywords = 200;

    /// <summary>flag-list = "(" [flag *(SP flag)] ")"</summary>
    public static bool TryReadFlagList(this ref ImapReader reader, [NotNullWhen(true)] out MessageFlags? flags)
    {
        int start = reader.Position;
        flags = null;
        if (!reader.TryReadOctet((byte)'('))
            return false;
        if (reader.TryReadOctet((byte)')'))
            flags = MessageFlags.None;
        else if (!reader.TryReadFlags(out flags) || !reader.TryReadOctet((byte)')'))
            flags = null;
        if (flags is null)
            reader.Position = start;
        return flags is not null;
    }

    /// <summary>flag *(SP flag)</summary>
    public static bool TryReadFlags(this ref ImapReader reader, [NotNullWhen(true)] out MessageFlags? flags)
    {
        int start = reader.Position;
        SystemFlags system = SystemFlags.None;
        List<string> keywords = [];
        flags = null;
        do
        {
            if (keywords.Count > MaxKeywords || !TryReadFlag(ref reader, ref system, keywords))
            {
                reader.Position = start;
                return false;
            }
        }
        while (reader.TryReadSpace());

        flags = new(system, keywords);
        return true;
    }

    /// <summary>flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword; flag-keyword = atom</summary>
    private static bool TryReadFlag(ref ImapReader reader, ref SystemFlags system, List<string> keywords)
    {
        if (reader.TryReadOctet((byte)'\\'))
        {
            SystemFlags flag = reader.TryReadAtom(out ReadOnlySpan<byte> name) ? SystemFlagOf(name) : SystemFlags.None;
            system |= flag;
            return flag != SystemFlags.None;
        }

        if (!reader.TryReadAtom(out ReadOnlySpan<byte> atom) || atom.Length > MaxKeywordOctets)
            return false;
        string keyword = Encoding.ASCII.GetString(atom);
        if (!keywords.Contains(keyword, StringComparer.OrdinalIgnoreCase))
            keywords.Add(keyword);
        return true;
    }

    private static SystemFlags SystemFlagOf(ReadOnlySpan<byte> name) => name switch
    {
        _ when Ascii.EqualsIgnoreCase(name, "Seen"u8) => SystemFlags.Seen,
        _ when Ascii.EqualsIgnoreCase(name, "Answered"u8) => SystemFlags.Answered,
        _ when Ascii.EqualsIgnoreCase(name, "Flagged"u8) => SystemFlags.Flagged,
        _ when Ascii.EqualsIgnoreCase(name, "Deleted"u8) => SystemFlags.Deleted,
        _ when Ascii.EqualsIgnoreCase(name, "Draft"u8) => SystemFlags.Draft,
        _ => SystemFlags.None,
    };
}
