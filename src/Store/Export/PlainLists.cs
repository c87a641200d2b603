using FullStack.Store.Acl;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Export;

/// <summary>A Maildir that says nothing beyond messages, folders and flags.</summary>
internal sealed class PlainLists : IListWriter
{
    public byte[] EntryOf(MailboxName name) => name.IsInbox ? [] : System.Text.Encoding.ASCII.GetBytes(FolderNames.Encode(name.Text)!);

    public string BaseOf(string usual, string? uidl) => usual;

    public string LettersOf(ExportedMessage message, ExportedMailbox mailbox) => FlagLetters.Of(message.Entry);

    public void WriteFolder(FilePath folder, ExportedMailbox mailbox, List<string> left)
    {
        int count = mailbox.Messages.Count(static m => m.Entry.Keywords.Count > 0);
        if (count > 0)
            left.Add($"{mailbox.Name}: keywords of {count} messages");
        if (mailbox.Acl.Count > 0)
            left.Add($"{mailbox.Name}: its access list");
    }

    public void WriteAccount(
        FilePath maildir, IReadOnlyList<MailboxName> subscriptions, IReadOnlyList<(MailboxName Name, IReadOnlyList<AclEntry> Entries)> others,
        uint lastUidValidity, List<string> left)
        => left.Add($"UIDs, POP3 names and {subscriptions.Count} subscriptions: clients download again");
}
