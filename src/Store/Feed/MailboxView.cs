using FullStack.Mime;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>One thing to tell a session of. Numbers are right in the order of the list.</summary>
public abstract record ViewUpdate
{
    /// <summary>The message of that number is gone; those above it moved down by one.</summary>
    public sealed record Expunged(int Number, Uid Uid) : ViewUpdate;

    /// <summary>The mailbox now has that many messages, that many of them recent to this view.</summary>
    public sealed record Grown(int Count, int Recent) : ViewUpdate;

    /// <summary>The message's flags or keywords changed.</summary>
    public sealed record FlagsChanged(int Number, MessageEntry Entry) : ViewUpdate;

    private ViewUpdate()
    {
    }
}

/// <summary>
/// One session's view of a mailbox: message numbers that change only when the session synchronises. One session uses
/// it, one call at a time; the mailbox below is shared.
/// </summary>
public sealed class MailboxView : IDisposable
{
    public MailboxName Name => throw new NotImplementedException();
    public bool ReadOnly => throw new NotImplementedException();
    public UidValidity UidValidity => throw new NotImplementedException();

    /// <summary>UIDNEXT of the mailbox now.</summary>
    public Uid UidNext => throw new NotImplementedException();

    /// <summary>The mailbox's highest mod-sequence now.</summary>
    public ModSeq HighestModSeq => throw new NotImplementedException();

    /// <summary>Keywords in use or used before in the mailbox.</summary>
    public IReadOnlyList<string> Keywords => throw new NotImplementedException();

    /// <summary>The mailbox was deleted or got a new UIDVALIDITY: the session has to leave it.</summary>
    public bool IsDead => throw new NotImplementedException();

    /// <summary>Messages in this view.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Messages recent to this view.</summary>
    public int RecentCount => throw new NotImplementedException();

    /// <summary>The UID of a message number from 1 to <see cref="Count"/>.</summary>
    public Uid UidOf(int number) => throw new NotImplementedException();

    /// <summary>The number of a UID in this view; 0 where it has none.</summary>
    public int NumberOf(Uid uid) => throw new NotImplementedException();

    /// <summary>The smallest number whose UID is not below <paramref name="uid"/>; <see cref="Count"/> + 1 where there is none.</summary>
    public int LowerBound(Uid uid) => throw new NotImplementedException();

    /// <summary>The newest entry for a number; null where the message is gone although this view still numbers it.</summary>
    public MessageEntry? Entry(int number) => throw new NotImplementedException();

    public bool IsRecent(int number) => throw new NotImplementedException();

    /// <summary>
    /// Takes over what happened since the last call and returns what the session has to tell its client, in order:
    /// expunges (only where <paramref name="allowExpunges"/>), growth, flag changes.
    /// </summary>
    /// <remarks>Changes this view made with <c>silent</c> are left out.</remarks>
    public IReadOnlyList<ViewUpdate> Synchronize(bool allowExpunges) => throw new NotImplementedException();

    /// <summary>Called, from any thread and without any lock held, when there may be something to synchronise. Must not block.</summary>
    public Action? Changed { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    /// <summary>Changes flags. Durable as far as the Maildir keeps flags (in file names) when it returns.</summary>
    /// <param name="uids">UIDs not in the mailbox are ignored.</param>
    /// <param name="change">What to do.</param>
    /// <param name="unchangedSince">Messages with a higher mod-sequence are left alone; null: no condition.</param>
    /// <param name="silent">Do not report the change to this view.</param>
    public ValueTask<Result<StoreOutcome>> StoreFlagsAsync(UidSet uids, FlagChange change, ModSeq? unchangedSince, bool silent, CancellationToken ct)
        => throw new NotImplementedException();

    /// <summary>Removes the messages among <paramref name="uids"/> that have \Deleted, for good. They leave views at their next synchronisation.</summary>
    /// <returns>The UIDs removed.</returns>
    public ValueTask<Result<UidSet>> ExpungeAsync(UidSet uids, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Copies messages with flags, keywords and internal date, all or none.</summary>
    public ValueTask<Result<CopyOutcome>> CopyAsync(UidSet uids, MailboxName target, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Moves messages (RFC 6851): each is in one of the two mailboxes at any time, also after a crash.</summary>
    public ValueTask<Result<CopyOutcome>> MoveAsync(UidSet uids, MailboxName target, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Opens a message's octets.</summary>
    public ValueTask<Result<MessageContent>> OpenMessageAsync(Uid uid, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>
    /// The structures of messages, in the order asked; from the index where they are there, else parsed and remembered.
    /// Messages that are gone are left out.
    /// </summary>
    public IAsyncEnumerable<(Uid Uid, MimeMessage Structure)> StructuresAsync(IReadOnlyList<Uid> uids, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>A name for the message that stays the same for as long as it exists, 1 to 70 octets 0x21 to 0x7E: POP3's UIDL (RFC 1939 §7).</summary>
    public string UidlOf(Uid uid) => throw new NotImplementedException();

    /// <summary>Looks at the Maildir now, without waiting for the watch: for CHECK and NOOP.</summary>
    public ValueTask RescanAsync(CancellationToken ct) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
