namespace FullStack.Pop3;

/// <summary>Which messages a POP3 client sees.</summary>
public enum Pop3Messages
{
    /// <summary>All of one mailbox.</summary>
    All,

    /// <summary>Those of one mailbox that nobody has read.</summary>
    Unread,

    /// <summary>Those that nobody has read, of all mailboxes but Sent, Drafts, Junk and Trash.</summary>
    UnreadEverywhere,
}

/// <summary>What becomes of messages that a POP3 client deletes.</summary>
public enum Pop3Deletion
{
    /// <summary>They are gone.</summary>
    Remove,

    /// <summary>They go to the mailbox for deleted ones.</summary>
    Trash,

    /// <summary>They stay where they are, and POP3 shows them no more: they get the keyword $POP3Deleted.</summary>
    Hide,
}

/// <summary>What an account's mail looks like by POP3. An account may have its own, as metadata.</summary>
public sealed record MaildropOptions
{
    /// <summary>The mailbox that POP3 shows; INBOX where an account has none of that name.</summary>
    public string Mailbox { get; init; } = "INBOX";

    /// <summary>Which messages it shows.</summary>
    public Pop3Messages Messages { get; init; } = Pop3Messages.All;

    /// <summary>What DELE does, once QUIT commits it.</summary>
    public Pop3Deletion Deletion { get; init; } = Pop3Deletion.Remove;

    /// <summary>Whether a message that was retrieved whole becomes \Seen at QUIT.</summary>
    public bool MarkSeen { get; init; } = true;

    /// <summary>Whether one session at a time has the maildrop, as RFC 1939 §4 wants it.</summary>
    public bool Exclusive { get; init; } = true;
}
