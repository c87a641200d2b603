namespace FullStack.Store.Mailboxes;

/// <summary>Flags by the right that changing them needs (RFC 4314 §4).</summary>
[Flags]
public enum FlagKinds
{
    None = 0,

    /// <summary>\Seen.</summary>
    Seen = 1,

    /// <summary>\Deleted.</summary>
    Deleted = 2,

    /// <summary>The other system flags, and all keywords.</summary>
    Others = 4,

    All = Seen | Deleted | Others,
}
