using FullStack.Store.Mailboxes;

namespace FullStack.Store.Accounts;

/// <summary>Special use of a mailbox (RFC 6154 §2).</summary>
public enum SpecialUse
{
    None,
    Archive,
    Drafts,
    Junk,
    Sent,
    Trash,
}

/// <summary>One mailbox as LIST sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Exists">False for a name that only has mailboxes below it (\NoSelect).</param>
/// <param name="HasChildren">Whether mailboxes lie below it.</param>
/// <param name="Subscribed">Whether the owner subscribed to it.</param>
/// <param name="SpecialUse">Its special use.</param>
public sealed record MailboxInfo(MailboxName Name, bool Exists, bool HasChildren, bool Subscribed, SpecialUse SpecialUse);

/// <summary>Counts of a mailbox without opening a view (RFC 9051 §6.3.11, RFC 3501 §6.3.10).</summary>
public sealed record MailboxStatus(int Messages, int Recent, Uid UidNext, UidValidity UidValidity, int Unseen, int Deleted, ModSeq HighestModSeq, long SizeOctets)
{
    /// <summary>What the messages with \Deleted have on the wire (RFC 9208 §4.1.4).</summary>
    public long DeletedOctets { get; init; }

    /// <summary>The mailbox's id, which it keeps when it is renamed (RFC 8474 §4).</summary>
    public string ObjectId { get; init; } = "";
}

/// <summary>What appending or copying gave: RFC 4315 APPENDUID and COPYUID. Both lists run in the same order.</summary>
public sealed record CopyOutcome(UidValidity UidValidity, IReadOnlyList<Uid> Source, IReadOnlyList<Uid> Target)
{
    /// <summary>Messages have moved, durably, and get their UIDs when the index can be written again. A refusal would be a lie: they are where they were to go.</summary>
    internal static CopyOutcome WithoutUids(Mailbox target, IOException cause)
    {
        StoreLog.IndexUnusable(target.Store.Log, target.Folder.Path.ToString(), cause.Message);
        return new(target.Counters.UidValidity, [], []);
    }
}

/// <summary>What appended messages became.</summary>
/// <param name="UidValidity">The mailbox's UIDVALIDITY.</param>
/// <param name="Uids">Their UIDs, in the order of the messages.</param>
public sealed record AppendOutcome(UidValidity UidValidity, IReadOnlyList<Uid> Uids)
{
    /// <summary>The UID of the first message, which mostly is the only one.</summary>
    public Uid Uid => Uids[0];
}
