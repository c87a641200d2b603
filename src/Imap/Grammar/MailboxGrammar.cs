using System.Buffers;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Grammar;

/// <summary>Reads mailbox names and the patterns of LIST and LSUB.</summary>
internal static class MailboxGrammar
{
    // list-char = ATOM-CHAR / list-wildcards / resp-specials
    private static readonly SearchValues<byte> ListCharacters
        = SearchValues.Create("!#$%&'*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz|}~"u8);

    /// <summary>mailbox = "INBOX" / astring. 8-bit octets are an error of syntax; they need UTF8=ACCEPT (RFC 6855), which is not offered.</summary>
    public static bool TryReadMailbox(this ref ImapReader reader, out MailboxArgument mailbox)
    {
        mailbox = default;
        int start = reader.Position;
        if (!reader.TryReadAString(out ReadOnlySpan<byte> octets))
            return false;
        if (octets.ContainsAnyExceptInRange((byte)1, (byte)0x7F))
        {
            reader.Position = start;
            return false;
        }

        mailbox = new(NameOf(octets));
        return true;
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
