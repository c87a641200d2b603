using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
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
        mailbox = read ? NameOf(octets, reader.Utf8) : default;
        return read;
    }

    /// <summary>The name of a mailbox to be made. A separator at its end only says that others will come below it (RFC 3501 §6.3.3).</summary>
    public static bool TryReadNewMailbox(this ref ImapReader reader, out MailboxArgument mailbox)
    {
        bool read = reader.TryReadMailboxOctets(out ReadOnlySpan<byte> octets);
        mailbox = read ? NameOf(octets is [.., (byte)MailboxName.Separator] ? octets[..^1] : octets, reader.Utf8) : default;
        return read;
    }

    /// <summary>A mailbox name as it came: ASCII, or UTF-8 for a client that enabled it. Anything else is an error of syntax.</summary>
    public static bool TryReadMailboxOctets(this ref ImapReader reader, out ReadOnlySpan<byte> octets)
    {
        int start = reader.Position;
        if (reader.TryReadAString(out octets) && IsText(octets, reader.Utf8))
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
        if (reader.TryReadString(out pattern) && IsText(pattern, reader.Utf8))
            return true;
        reader.Position = start;
        return false;
    }

    /// <summary>The text of a name or pattern: UTF-8 for who enabled it, else modified UTF-7.</summary>
    public static bool TryDecodeText(ReadOnlySpan<byte> octets, bool utf8, [NotNullWhen(true)] out string? text)
    {
        if (!utf8)
            return ModifiedUtf7.TryDecode(octets, out text);
        text = Utf8.IsValid(octets) ? Encoding.UTF8.GetString(octets) : null;
        return text is not null;
    }

    private static bool IsText(ReadOnlySpan<byte> octets, bool utf8)
        => !octets.Contains((byte)0) && (utf8 ? Utf8.IsValid(octets) : !octets.ContainsAnyInRange((byte)0x80, (byte)0xFF));

    private static MailboxArgument NameOf(ReadOnlySpan<byte> octets, bool utf8)
    {
        if (!TryDecodeText(octets, utf8, out string? text) || !MailboxName.TryParse(text, out MailboxName? name))
            return default;
        return new(name, text.IsNormalized() ? null : text);
    }
}
