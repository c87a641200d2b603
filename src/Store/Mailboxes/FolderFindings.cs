namespace FullStack.Store.Mailboxes;

/// <summary>What other programs did to a mailbox's folder.</summary>
internal sealed class FolderFindings
{
    /// <summary>Messages that are no longer there.</summary>
    public List<MessageEntry> Gone { get; } = [];

    /// <summary>Messages that have another name, other flags or other keywords. Sorted by UID.</summary>
    public List<(MessageEntry Entry, ListedMessage Listed)> Changed { get; } = [];

    /// <summary>Messages without UID.</summary>
    public List<FoundMessage> Added { get; } = [];

    public bool IsEmpty => Gone.Count + Changed.Count + Added.Count == 0;

    /// <summary>Whether a client can see any of it.</summary>
    public bool ClientSees => Gone.Count + Added.Count > 0 || Changed.Exists(static c => DiffersForClient(c.Entry, c.Listed));

    /// <summary>Whether a message has other flags or keywords in its folder than in the mailbox.</summary>
    public static bool DiffersForClient(MessageEntry entry, ListedMessage listed)
        => listed.Flags != entry.Flags
            || (listed.Keywords is { } keywords && !ReferenceEquals(keywords, entry.Keywords) && !keywords.SequenceEqual(entry.Keywords));
}
