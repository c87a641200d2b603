using System.Text;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Takeover;

/// <summary>Reads the names that a user subscribed to at a former server. Names that cannot be names here are left out.</summary>
internal static class FormerSubscriptions
{
    /// <summary>
    /// Dovecot's <c>subscriptions</c>: with the header <c>V TAB 2</c> and an empty line, the levels of a name are separated by
    /// TAB; without it, by a dot. Modified UTF-7.
    /// </summary>
    public static IReadOnlyList<MailboxName> OfDovecot(ReadOnlySpan<byte> text)
    {
        List<MailboxName> names = [];
        bool tabs = text.StartsWith("V\t2\n"u8);
        TextLines lines = new(tabs ? text[4..] : text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            // A dot within a level comes from a layout other than Maildir++ and would make two levels of it.
            if (tabs && line.Contains((byte)'.'))
                continue;
            byte[] name = line.ToArray();
            name.AsSpan().Replace((byte)'\t', (byte)MailboxName.Separator);
            Add(names, name);
        }

        return names;
    }

    /// <summary>Courier's <c>courierimapsubscribed</c>: full names below <c>INBOX</c>, in UTF-8 since its version 5, in modified UTF-7 before. Shared folders are not ours.</summary>
    public static IReadOnlyList<MailboxName> OfCourier(ReadOnlySpan<byte> text)
    {
        List<MailboxName> names = [];
        TextLines lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (line.SequenceEqual("INBOX"u8) || line.StartsWith("INBOX."u8))
                Add(names, line);
        }

        return names;
    }

    private static void Add(List<MailboxName> names, ReadOnlySpan<byte> octets)
    {
        ReadOnlySpan<byte> prefix = "INBOX"u8;
        if (octets.Length >= prefix.Length && Ascii.EqualsIgnoreCase(octets[..prefix.Length], prefix))
        {
            if (octets.Length == prefix.Length)
            {
                names.Add(MailboxName.Inbox);
                return;
            }

            if (octets[prefix.Length] == '.')
                octets = octets[(prefix.Length + 1)..];
        }

        // Both servers spell a name here as they spell its folder.
        if (FolderNames.TryDecode([(byte)'.', .. octets], out MailboxName? name))
            names.Add(name);
    }
}
