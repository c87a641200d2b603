namespace FullStack.Store.Mailboxes;

/// <summary>What the store knows of one message without opening its file. Immutable: a change makes a new entry.</summary>
public sealed class MessageEntry
{
    public required Uid Uid { get; init; }
    public required ModSeq ModSeq { get; init; }
    public required SystemFlags Flags { get; init; }

    /// <summary>Its keywords; lists are shared between messages that have the same.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Octets with every line end as CRLF: RFC822.SIZE.</summary>
    public required long WireOctets { get; init; }

    /// <summary>When it arrived (the file's modification time), to the second, in UTC.</summary>
    public required DateTimeOffset InternalDate { get; init; }
}
