using FullStack.Store.Index;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// Gives out UIDs and mod-sequences. Blocks of both are reserved in the index before any of them is used, so that after a
/// crash the mailbox goes on at the block's end and no number is given twice. Used under the mailbox lock.
/// </summary>
internal sealed class MailboxCounters(MailboxRow row, UidList list)
{
    private const uint UidBlock = 1000;
    private const ulong ModSeqBlock = 10_000;

    /// <summary>A mailbox with so few UIDs left begins a new life when it is opened.</summary>
    public const uint LastUsableUid = uint.MaxValue - 16 * 1024 * 1024;

    public long Id { get; } = row.Id;

    /// <summary>The mailbox's id (RFC 8474 §4).</summary>
    public string ObjectId { get; } = row.ObjectId;

    /// <summary>Whether the UIDVALIDITY is a former server's.</summary>
    public bool IsFormer { get; } = row.Origin == MailboxOrigin.Former;
    public UidValidity UidValidity { get; } = row.UidValidity;
    public Uid UidNext { get; private set; } = new(row.UidNext);
    public ModSeq Highest { get; private set; } = new(row.ModSeq);

    /// <summary>No UID from here on may be given out yet.</summary>
    public uint UidReserved { get; private set; } = row.UidNext;

    /// <summary>No mod-sequence above it may be given out yet.</summary>
    public ulong ModSeqReserved { get; private set; } = row.ModSeq;

    /// <summary>Makes sure that so many UIDs and one mod-sequence can be given out.</summary>
    /// <exception cref="IOException">The index cannot be written, or no UIDs are left.</exception>
    public async ValueTask ReserveAsync(AccountIndex index, int uids, CancellationToken ct)
    {
        if (UidNext.Value + (ulong)uids <= UidReserved && Highest.Value < ModSeqReserved)
            return;
        ulong wanted = UidNext.Value + (ulong)uids + UidBlock;
        if (wanted > uint.MaxValue)
            throw new IOException("the mailbox has no UIDs left");
        uint uidReserved = uids == 0 ? UidReserved : (uint)wanted;
        ulong modSeqReserved = Highest.Value + ModSeqBlock;
        await index.CommitAsync(i => MailboxTable.SetCounters(i, Id, uidReserved, modSeqReserved), ct);
        await list.ReserveAsync(this, uidReserved, modSeqReserved, ct);
        (UidReserved, ModSeqReserved) = (uidReserved, modSeqReserved);
    }

    public Uid TakeUid()
    {
        Uid uid = UidNext;
        if (uid.Value >= UidReserved)
            throw new InvalidOperationException("UID taken without reservation");
        UidNext = new(uid.Value + 1);
        return uid;
    }

    public ModSeq TakeModSeq()
    {
        if (Highest.Value >= ModSeqReserved)
            throw new InvalidOperationException("mod-sequence taken without reservation");
        Highest = new(Highest.Value + 1);
        return Highest;
    }

    /// <summary>Leaves numbers out. Nothing is reserved afterwards.</summary>
    public void Skip(ulong uids, ulong modSeqs)
    {
        UidNext = new((uint)Math.Min(UidNext.Value + uids, uint.MaxValue));
        Highest = new(Highest.Value + modSeqs);
        (UidReserved, ModSeqReserved) = (UidNext.Value, Highest.Value);
    }

    /// <summary>Gives back what was reserved and not used, when the mailbox closes in order.</summary>
    public async Task CloseAsync(AccountIndex index)
    {
        await list.CloseAsync(this, CancellationToken.None);
        if (UidReserved == UidNext.Value && ModSeqReserved == Highest.Value)
            return;
        (uint uidNext, ulong modSeq) = (UidNext.Value, Highest.Value);
        await index.CommitAsync(
            i =>
            {
                MailboxTable.SetCounters(i, Id, uidNext, modSeq);
                MessageTable.Prune(i, Id, MessageTable.MaxTombstones);
            },
            CancellationToken.None);
        (UidReserved, ModSeqReserved) = (uidNext, modSeq);
    }
}
