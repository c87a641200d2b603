using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Export;

/// <summary>How one server wants a Maildir: names of folders and files, and its lists.</summary>
internal interface IListWriter
{
    /// <summary>The directory of a folder, in the server's spelling, each octet; empty for INBOX.</summary>
    byte[] EntryOf(MailboxName name);

    /// <summary>The base of a message's file, which may have to tell its POP3 name.</summary>
    /// <param name="usual">The base that would do.</param>
    /// <param name="uidl">The message's POP3 name; null outside INBOX.</param>
    string BaseOf(string usual, string? uidl);

    /// <summary>Letters after <c>:2,</c>.</summary>
    string LettersOf(ExportedMessage message, ExportedMailbox mailbox);

    /// <summary>Writes what the server keeps in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="mailbox">What it holds.</param>
    /// <param name="left">Takes what cannot be told.</param>
    void WriteFolder(FilePath folder, ExportedMailbox mailbox, List<string> left);

    /// <summary>Writes what the server keeps of the account as a whole.</summary>
    /// <param name="maildir">The Maildir.</param>
    /// <param name="subscriptions">Names subscribed to.</param>
    /// <param name="others">Access lists of names that have no mailbox.</param>
    /// <param name="lastUidValidity">The highest UIDVALIDITY given out.</param>
    /// <param name="left">Takes what cannot be told.</param>
    void WriteAccount(
        FilePath maildir, IReadOnlyList<MailboxName> subscriptions, IReadOnlyList<(MailboxName Name, IReadOnlyList<AclEntry> Entries)> others,
        uint lastUidValidity, List<string> left);
}
