namespace FullStack.Store.Mailboxes;

/// <summary>
/// The messages of a folder of which nothing is known yet, in the order in which they get their UIDs. Another program may have put very many there, so
/// nothing is made of one before it is packed.
/// </summary>
internal interface IArrivals
{
    /// <summary>How many there are, or were when they were listed.</summary>
    int Count { get; }

    /// <summary>Finds what has to be known of some of them. Blocks; may run on several threads at once, each for others.</summary>
    /// <param name="first">The first of them, from 0.</param>
    /// <param name="count">How many.</param>
    /// <param name="known">Lengths that were counted already.</param>
    void Examine(int first, int count, WireSizes known);

    /// <summary>Whether all were examined: false where one is not gone and could not be looked at.</summary>
    bool AreExamined { get; }

    /// <summary>Those that are there, after all were examined.</summary>
    /// <param name="takeUid">Gives UIDs.</param>
    /// <param name="modSeq">Their mod-sequence.</param>
    MessageList Pack(Func<Uid> takeUid, ModSeq modSeq);
}

/// <summary>A message without keywords that is to get its UID.</summary>
/// <param name="StoredOctets">Its length on the disk, as quotas count it.</param>
/// <param name="Length">Its length on the wire.</param>
/// <param name="DateSeconds">When it arrived, Unix time.</param>
/// <param name="Flags">Its system flags.</param>
/// <param name="InNew">Whether no mailbox program has taken note of it yet.</param>
internal readonly record struct Arrived(long StoredOctets, WireLength Length, long DateSeconds, SystemFlags Flags, bool InNew);
