namespace FullStack.Imap.Notify;

/// <summary>A group of events and the mailboxes that it is about, the selected one excepted.</summary>
internal sealed record NotifyGroup(MailboxFilter Mailboxes, NotifyEvents Events);
