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
    private const SystemFlags Other = SystemFlags.Answered | SystemFlags.Flagged | SystemFlags.Draft;

    public static MessageFlags None { get; } = new(SystemFlags.None, []);

    /// <summary>The kinds of which there are any.</summary>
    public FlagKinds Kinds
        => ((System & SystemFlags.Seen) != 0 ? FlagKinds.Seen : FlagKinds.None)
            | ((System & SystemFlags.Deleted) != 0 ? FlagKinds.Deleted : FlagKinds.None)
            | ((System & Other) != 0 || Keywords.Count > 0 ? FlagKinds.Others : FlagKinds.None);

    /// <summary>The flags of some kinds.</summary>
    public MessageFlags Only(FlagKinds kinds)
        => kinds == FlagKinds.All ? this : new(System & MaskOf(kinds), kinds.HasFlag(FlagKinds.Others) ? Keywords : []);

    /// <summary>The system flags of some kinds.</summary>
    public static SystemFlags MaskOf(FlagKinds kinds)
        => (kinds.HasFlag(FlagKinds.Seen) ? SystemFlags.Seen : SystemFlags.None)
            | (kinds.HasFlag(FlagKinds.Deleted) ? SystemFlags.Deleted : SystemFlags.None)
            | (kinds.HasFlag(FlagKinds.Others) ? Other : SystemFlags.None);
}

/// <summary>How STORE changes flags.</summary>
public enum FlagOperation
{
    Replace,
    Add,
    Remove,
}

/// <summary>One change of flags, applied to many messages.</summary>
/// <param name="Operation">What happens to the flags there are.</param>
/// <param name="Flags">The flags it is about.</param>
public sealed record FlagChange(FlagOperation Operation, MessageFlags Flags)
{
    /// <summary>The kinds of flags that it may change; those of others stay as they are, also where all are replaced.</summary>
    public FlagKinds Within { get; init; } = FlagKinds.All;

    /// <summary>The kinds of flags that it would change.</summary>
    public FlagKinds Kinds => Operation == FlagOperation.Replace ? Within : Flags.Kinds;

    /// <summary>The same change, of some kinds of flags only.</summary>
    public FlagChange Only(FlagKinds kinds) => kinds == FlagKinds.All ? this : new(Operation, Flags.Only(kinds)) { Within = Within & kinds };
}

/// <summary>What STORE did (RFC 7162 §3.1.3).</summary>
/// <param name="Stored">Messages that now have the flags asked for, changed or not.</param>
/// <param name="Modified">Messages left alone because they changed after UNCHANGEDSINCE.</param>
/// <param name="ModSeq">The mod-sequence of the change; the mailbox's highest where nothing changed.</param>
public sealed record StoreOutcome(UidSet Stored, UidSet Modified, ModSeq ModSeq);
