namespace FullStack.Store.Mailboxes;

/// <summary>What a mailbox is called and where it lies.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Entry">Its entry in the account's folder; empty for INBOX.</param>
/// <param name="Folder">What the entry leads to.</param>
internal sealed record MailboxLocation(MailboxName Name, string Entry, IMailboxFolder Folder);
