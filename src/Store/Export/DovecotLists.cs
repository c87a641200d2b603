using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Acl;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Export;

/// <summary>Dovecot's lists: <c>dovecot-uidlist</c> version 3, <c>dovecot-keywords</c>, <c>dovecot-acl</c>, <c>subscriptions</c>, <c>dovecot-uidvalidity</c>.</summary>
internal sealed class DovecotLists(TreeWriter tree) : IListWriter
{
    /// <summary>Keywords that have a letter; Dovecot keeps others in an index that only it writes.</summary>
    private const int MaxLetters = 26;

    public byte[] EntryOf(MailboxName name) => name.IsInbox ? [] : Encoding.ASCII.GetBytes(FolderNames.Encode(name.Text)!);

    public string BaseOf(string usual, string? uidl) => usual;

    public string LettersOf(ExportedMessage message, ExportedMailbox mailbox)
    {
        StringBuilder letters = new(FlagLetters.Of(message.Entry));
        for (int i = 0; i < Math.Min(MaxLetters, mailbox.Keywords.Count); i++)
        {
            if (message.Entry.Keywords.Contains(mailbox.Keywords[i], StringComparer.OrdinalIgnoreCase))
                letters.Append((char)('a' + i));
        }

        return letters.ToString();
    }

    public void WriteFolder(FilePath folder, ExportedMailbox mailbox, List<string> left)
    {
        // What a GUID is is for Dovecot to decide; that it is another for each life of a mailbox is for us.
        string guid = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{mailbox.Name} {mailbox.UidValidity}")), 0, 16);
        StringBuilder uids = new();
        uids.Append(CultureInfo.InvariantCulture, $"3 V{mailbox.UidValidity} N{mailbox.UidNext} G{guid}\n");
        foreach (ExportedMessage message in mailbox.Messages)
        {
            uids.Append(CultureInfo.InvariantCulture, $"{message.Entry.Uid}");
            if (message.Uidl is { } uidl)
                uids.Append(CultureInfo.InvariantCulture, $" P{uidl}");
            uids.Append(CultureInfo.InvariantCulture, $" :{message.Base}\n");
        }

        tree.WriteList(folder, "dovecot-uidlist", uids);
        if (mailbox.Keywords.Count > 0)
        {
            StringBuilder keywords = new();
            for (int i = 0; i < Math.Min(MaxLetters, mailbox.Keywords.Count); i++)
                keywords.Append(CultureInfo.InvariantCulture, $"{i} {mailbox.Keywords[i]}\n");
            tree.WriteList(folder, "dovecot-keywords", keywords);
        }

        if (mailbox.Keywords.Count > MaxLetters)
            left.Add($"{mailbox.Name}: keywords beyond the {MaxLetters}th: {string.Join(' ', mailbox.Keywords.Skip(MaxLetters).Take(10))}");
        if (mailbox.Acl.Count > 0)
            tree.WriteText(folder, "dovecot-acl", Acl(mailbox.Acl));
    }

    public void WriteAccount(
        FilePath maildir, IReadOnlyList<MailboxName> subscriptions, IReadOnlyList<(MailboxName Name, IReadOnlyList<AclEntry> Entries)> others,
        uint lastUidValidity, List<string> left)
    {
        StringBuilder names = new("V\t2\n\n");
        foreach (MailboxName name in subscriptions)
            names.Append(name.IsInbox ? "INBOX" : FolderNames.Encode(name.Text)![1..].Replace('.', '\t')).Append('\n');
        tree.WriteList(maildir, "subscriptions", names);
        string last = lastUidValidity.ToString("x8", CultureInfo.InvariantCulture);
        tree.WriteText(maildir, "dovecot-uidvalidity", last);
        tree.WriteText(maildir, $"dovecot-uidvalidity.{last}", "");
        left.AddRange(others.Select(static other => $"{other.Name}: the access list of a name without mailbox"));
    }

    /// <summary>
    /// Dovecot lets an entry about fewer people take the place of those about more: so each gets what everybody has added.
    /// </summary>
    private static string Acl(IReadOnlyList<AclEntry> entries)
    {
        StringBuilder text = new();
        foreach (AclEntry entry in entries)
        {
            if (entry.Identifier.IsAdministrators)
                continue; // a group that has everything anyway
            AclRights rights = entry.Rights;
            if (!entry.Identifier.IsNegative)
            {
                foreach (AclEntry other in entries)
                {
                    if (!other.Identifier.IsNegative && other.Identifier.Subject < entry.Identifier.Subject
                        && other.Identifier.Subject is AclSubject.Anyone or AclSubject.Authenticated)
                        rights |= other.Rights;
                }

                rights &= ~(entries.FirstOrDefault(e => e.Identifier == entry.Identifier.WithSign(isNegative: true))?.Rights ?? AclRights.None);
            }

            string identifier = entry.Identifier.ToString();
            text.Append(identifier.Contains(' ', StringComparison.Ordinal) ? $"\"{identifier}\"" : identifier).Append(' ').Append(AclLetters.Format(rights)).Append('\n');
        }

        return text.ToString();
    }
}
