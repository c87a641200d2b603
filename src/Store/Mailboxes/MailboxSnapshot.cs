namespace FullStack.Store.Mailboxes;

/// <summary>One version of a mailbox.</summary>
internal sealed record MailboxSnapshot(MessageList Messages, UidValidity UidValidity, Uid UidNext, ModSeq Highest);
