namespace FullStack.Imap.Notify;

/// <summary>What a client can ask to be told of without asking again (RFC 5465 §5).</summary>
[Flags]
internal enum NotifyEvents
{
    None = 0,
    MessageNew = 1,
    MessageExpunge = 2,
    FlagChange = 4,
    MailboxName = 8,
    SubscriptionChange = 16,
    MailboxMetadataChange = 32,
    ServerMetadataChange = 64,
    AnnotationChange = 128,

    /// <summary>Those about the messages of a mailbox.</summary>
    OfMessages = MessageNew | MessageExpunge | FlagChange | AnnotationChange,
}
