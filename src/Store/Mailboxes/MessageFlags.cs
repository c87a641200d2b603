namespace FullStack.Store.Mailboxes;

/// <summary>The system flags of RFC 9051 §2.3.2 that are stored. \Recent belongs to a view, not to a message.</summary>
[Flags]
public enum SystemFlags : byte
{
    None = 0,
    Seen = 1,
    Answered = 2,
    Flagged = 4,
    Deleted = 8,
    Draft = 16,
}

/// <summary>A message's flags. Keywords compare without ASCII case; the spelling first used in the mailbox is kept.</summary>
/// <param name="System">The system flags.</param>
/// <param name="Keywords">The keywords, each once. A mailbox takes up to 1,000 different ones, then answers OverQuota.</param>
public sealed record MessageFlags(SystemFlags System, IReadOnlyList<string> Keywords)
{
    public static MessageFlags None { get; } = new(SystemFlags.None, []);
}

/// <summary>How STORE changes flags.</summary>
public enum FlagOperation
{
    Replace,
    Add,
    Remove,
}

/// <summary>One change of flags, applied to many messages.</summary>
public sealed record FlagChange(FlagOperation Operation, MessageFlags Flags);

/// <summary>What STORE did (RFC 7162 §3.1.3).</summary>
/// <param name="Stored">Messages that now have the flags asked for, changed or not.</param>
/// <param name="Modified">Messages left alone because they changed after UNCHANGEDSINCE.</param>
/// <param name="ModSeq">The mod-sequence of the change; the mailbox's highest where nothing changed.</param>
public sealed record StoreOutcome(UidSet Stored, UidSet Modified, ModSeq ModSeq);
