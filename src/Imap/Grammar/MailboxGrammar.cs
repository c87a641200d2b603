using System.Buffers;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Grammar;

/// <summary>Reads mailbox names and the patterns of LIST and LSUB.</summary>
internal static class MailboxGrammar
{
    // list-char = ATOM-CHAR / list-wildcards / resp-specials
    private static readonly SearchValues<byte> ListCharacters
        = SearchValues.Create("!#$%&'*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz|}~"u8);

    /// <summary>mailbox = "INBOX" / astring</summary>
    public static bool TryReadMailbox(this ref ImapReader reader, out MailboxArgument mailbox)
    {
        bool read = reader.TryReadMailboxOctets(out ReadOnlySpan<byte> octets);
        mailbox = read ? new(NameOf(octets)) : default;
        return read;
    }

    /// <summary>The name of a mailbox to be made. A separator at its end only says that others will come below it (RFC 3501 §6.3.3).</summary>
    public static bool TryReadNewMailbox(this ref ImapReader reader, out MailboxArgument mailbox)
    {
        bool read = reader.TryReadMailboxOctets(out ReadOnlySpan<byte> octets);
        mailbox = read ? new(NameOf(octets is [.., (byte)MailboxName.Separator] ? octets[..^1] : octets)) : default;
        return read;
    }

    /// <summary>A mailbox name as it came. 8-bit octets are an error of syntax; they need UTF8=ACCEPT (RFC 6855), which is not offered.</summary>
    public static bool TryReadMailboxOctets(this ref ImapReader reader, out ReadOnlySpan<byte> octets)
    {
        int start = reader.Position;
        if (reader.TryReadAString(out octets) && !octets.ContainsAnyExceptInRange((byte)1, (byte)0x7F))
            return true;
        reader.Position = start;
        return false;
    }

    /// <summary>list-mailbox = 1*list-char / string</summary>
    public static bool TryReadListMailbox(this ref ImapReader reader, out ReadOnlySpan<byte> pattern)
    {
        int start = reader.Position;
        if (reader.TryReadRun(ListCharacters, out pattern))
            return true;
        if (reader.TryReadString(out pattern) && !pattern.ContainsAnyExceptInRange((byte)1, (byte)0x7F))
            return true;
        reader.Position = start;
        return false;
    }

    private static MailboxName? NameOf(ReadOnlySpan<byte> octets)
        => ModifiedUtf7.TryDecode(octets, out string? text) && MailboxName.TryParse(text, out MailboxName? name) ? name : null;
}
