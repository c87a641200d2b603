using FullStack.Mime;
using FullStack.Store.Accounts;
using FullStack.Store.Annotations;
using FullStack.Store.Identity;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Search;

namespace FullStack.Store.Feed;

/// <summary>
/// One session's view of a mailbox: message numbers that change only when the session synchronises. One session uses
/// it, one call at a time; the mailbox below is shared.
/// </summary>
/// <remarks>
/// The view is the version of the mailbox that the session was told of. To synchronise is to compare it with the present
/// version, so there is no queue that could overflow, and what happened and was undone meanwhile costs nothing.
/// </remarks>
public sealed class MailboxView : IDisposable
{
    private readonly Account _account;
    private readonly Mailbox _mailbox;
    private readonly HashSet<uint> _recent = [];
    private MessageList _told;
    private bool _disposed;

    internal MailboxView(Account account, Mailbox mailbox, bool readOnly)
    {
        (_account, _mailbox, ReadOnly, User) = (account, mailbox, readOnly, account.Name);
        MailboxSnapshot snapshot = mailbox.Snapshot;
        (UidValidity, _told, ToldModSeq) = (snapshot.UidValidity, snapshot.Messages, snapshot.Highest);
        ClaimRecent();
    }

    public MailboxName Name => _mailbox.Location.Name;
    public bool ReadOnly { get; }

    /// <summary>Whose private annotations the view shows.</summary>
    public AccountName User { get; set; }

    /// <summary>Whether synchronising tells which annotations changed.</summary>
    public bool WatchesAnnotations { get; set; }
    public UidValidity UidValidity { get; }

    /// <summary>UIDNEXT of the mailbox now.</summary>
    public Uid UidNext => _mailbox.Snapshot.UidNext;

    /// <summary>The mailbox's highest mod-sequence now.</summary>
    public ModSeq HighestModSeq => _mailbox.Snapshot.Highest;

    /// <summary>
    /// A mod-sequence up to which the session was told of everything: no change that it still has to hear of has this one or an earlier
    /// one, so that a client may resynchronise from it (RFC 7162 §3.1.2.1).
    /// </summary>
    public ModSeq ToldModSeq { get; private set; }

    /// <summary>Keywords in use or used before in the mailbox.</summary>
    public IReadOnlyList<string> Keywords => _mailbox.Keywords.Known;

    /// <summary>The mailbox was deleted or got a new UIDVALIDITY: the session has to leave it.</summary>
    public bool IsDead => _mailbox.IsDead;

    /// <summary>Messages in this view.</summary>
    public int Count => _told.Count;

    /// <summary>Messages recent to this view.</summary>
    public int RecentCount => _recent.Count;

    /// <summary>The UID of a message number from 1 to <see cref="Count"/>.</summary>
    public Uid UidOf(int number) => _told.UidAt(number - 1);

    /// <summary>The number of a UID in this view; 0 where it has none.</summary>
    public int NumberOf(Uid uid) => _told.IndexOf(uid.Value) + 1;

    /// <summary>The smallest number whose UID is not below <paramref name="uid"/>; <see cref="Count"/> + 1 where there is none.</summary>
    public int LowerBound(Uid uid) => _told.LowerBound(uid.Value) + 1;

    /// <summary>The newest entry for a number; null where the message is gone although this view still numbers it.</summary>
    public MessageEntry? Entry(int number)
    {
        MessageList now = _mailbox.Snapshot.Messages;
        return ReferenceEquals(now, _told) ? now[number - 1] : now.Find(UidOf(number));
    }

    /// <summary>The entry that the session was told of; null where the message is gone.</summary>
    internal MessageEntry? ToldEntry(int number) => Entry(number) is null ? null : _told[number - 1];

    public bool IsRecent(int number) => _recent.Count > 0 && _recent.Contains(UidOf(number).Value);

    /// <summary>
    /// Takes over what happened since the last call and returns what the session has to tell its client, in order:
    /// expunges (only where <paramref name="allowExpunges"/>), growth, flag changes.
    /// </summary>
    /// <remarks>Changes this view made with <c>silent</c> are left out.</remarks>
    public IReadOnlyList<ViewUpdate> Synchronize(bool allowExpunges)
    {
        MailboxSnapshot snapshot = _mailbox.Snapshot;
        MessageList now = snapshot.Messages;
        List<(int Number, Uid Uid)> withheld = [];
        Withheld = withheld;
        if (ReferenceEquals(now, _told))
        {
            ToldModSeq = snapshot.Highest;
            return [];
        }

        List<ViewUpdate> updates = [], flags = [];
        List<MessageEntry> kept = [];
        int removed = 0;
        ViewDiff.Compare(_told, now, (index, before, after) =>
        {
            if (after is null && allowExpunges)
            {
                updates.Add(new ViewUpdate.Expunged(index + 1 - removed++, before.Uid));
                _recent.Remove(before.Uid.Value);
            }
            else if (after is null)
            {
                withheld.Add((index + 1, before.Uid));
            }
            else
            {
                kept.Add(after);
                if (IsChanged(before, after))
                    flags.Add(new ViewUpdate.FlagsChanged(index + 1 - removed, after) { Annotations = AnnotationsChanged(before, after) });
            }
        });

        int before = _told.Count - removed;
        if (withheld.Count == 0)
            ToldModSeq = snapshot.Highest;
        _told = withheld.Count == 0 ? now : _told.Replace(kept).Append(Later(now));
        ClaimRecent();
        if (_told.Count > before)
            updates.Add(new ViewUpdate.Grown(_told.Count, _recent.Count));
        updates.AddRange(flags);
        return updates;
    }

    /// <summary>The messages that are gone and keep their numbers, for the last synchronisation was one that may not tell.</summary>
    public IReadOnlyList<(int Number, Uid Uid)> Withheld { get; private set; } = [];

    /// <summary>Whether something happened that the session was not told of.</summary>
    public bool HasUntold
    {
        get
        {
            MessageList now = _mailbox.Snapshot.Messages;
            bool hasUntold = now.Count != Count;
            ViewDiff.Compare(_told, now, (_, before, after) => hasUntold |= after is null || IsChanged(before, after));
            return hasUntold && !IsDead;
        }
    }

    /// <summary>What this view numbers now.</summary>
    public ViewVersion Version => new(_told);

    /// <summary>The numbers of messages that came, or whose flags changed, since a version of this view; rising. Silent changes count too.</summary>
    public IReadOnlyList<int> ChangedSince(ViewVersion version)
    {
        if (ReferenceEquals(version.Messages, _told))
            return [];
        List<int> numbers = [];
        ViewDiff.Compare(version.Messages, _told, (_, before, after) =>
        {
            if (after is not null && IsChanged(before, after))
                numbers.Add(NumberOf(after.Uid));
        });
        for (int number = version.LastUid is { } last ? LowerBound(new(last.Value + 1)) : 1; number <= Count; number++)
            numbers.Add(number);
        return numbers;
    }

    /// <summary>Called, from any thread and without any lock held, when there may be something to synchronise. Must not block.</summary>
    public Action? Changed { get; set; }

    /// <summary>Changes flags. Durable as far as the Maildir keeps flags (in file names) when it returns.</summary>
    /// <param name="uids">UIDs not in the mailbox are ignored.</param>
    /// <param name="change">What to do.</param>
    /// <param name="unchangedSince">Messages with a higher mod-sequence are left alone; null: no condition.</param>
    /// <param name="silent">Do not report the change to this view.</param>
    public async ValueTask<Result<StoreOutcome>> StoreFlagsAsync(UidSet uids, FlagChange change, ModSeq? unchangedSince, bool silent, CancellationToken ct)
    {
        if (ReadOnly)
            return StoreError.ReadOnly;
        return await _account.GuardAsync(async () =>
        {
            (Result<StoreOutcome> outcome, List<EntryChange> changes) = await FlagWriter.StoreAsync(_mailbox, uids, change, unchangedSince, ct);
            if (silent && outcome.Ok)
            {
                // Known already, unless another session changed the same message before and this one was not told yet.
                // The mod-sequence tells: an entry is also replaced when only its file moves from new/ to cur/. Nor does the
                // client know what another program did to the flags at the same time.
                _told = _told.Replace(
                [
                    .. changes.Where(c => _told.Find(c.Before.Uid)?.ModSeq == c.Before.ModSeq && c.After.Flags == FlagWriter.Apply(c.Before.Flags, change))
                        .Select(static c => c.After),
                ]);
            }

            return outcome;
        });
    }

    /// <summary>Sets annotations of messages, of all or none. When it returns, a success is durable.</summary>
    /// <param name="uids">UIDs not in the mailbox are ignored.</param>
    /// <param name="changes">What to set.</param>
    /// <param name="unchangedSince">Messages with a higher mod-sequence are left alone; null: no condition.</param>
    /// <returns><see cref="StoreError.TooBig"/> and <see cref="StoreError.OverQuota"/> where a bound is passed. The change is not reported to this view.</returns>
    public async ValueTask<Result<StoreOutcome>> AnnotateAsync(
        UidSet uids, IReadOnlyList<AnnotationChange> changes, ModSeq? unchangedSince, CancellationToken ct)
    {
        if (ReadOnly)
            return StoreError.ReadOnly;
        return await _account.GuardAsync(async () =>
        {
            (Result<StoreOutcome> outcome, List<EntryChange> changed) = await AnnotationWriter.StoreAsync(_mailbox, AnnotationKeys, uids, changes, unchangedSince, ct);
            _told = _told.Replace([.. changed.Where(c => _told.Find(c.Before.Uid)?.ModSeq == c.Before.ModSeq).Select(static c => c.After)]);
            return outcome;
        });
    }

    /// <summary>The annotations of messages that the view's user sees; a message that has none is left out.</summary>
    public ValueTask<Result<IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>>>> AnnotationsAsync(IReadOnlyList<Uid> uids, CancellationToken ct)
        => _account.GuardAsync<IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>>>(
            async () => await AnnotationReader.ReadAsync(_mailbox, AnnotationKeys, uids, ct));

    /// <summary>The messages that have an annotation, among those that the view's user sees, which fulfils a condition.</summary>
    public ValueTask<Result<UidSet>> AnnotatedAsync(Func<Annotation, bool> condition, CancellationToken ct)
        => _account.GuardAsync<UidSet>(async () => await AnnotationReader.FindAsync(_mailbox, AnnotationKeys, condition, ct));

    /// <summary>Removes the messages among <paramref name="uids"/> that have \Deleted, for good. They leave views at their next synchronisation.</summary>
    /// <returns>The UIDs removed.</returns>
    public async ValueTask<Result<UidSet>> ExpungeAsync(UidSet uids, CancellationToken ct)
        => ReadOnly ? StoreError.ReadOnly : await _account.GuardAsync(() => Expunger.ExpungeAsync(_mailbox, uids, onlyDeleted: true, ct));

    /// <summary>Removes messages for good, whether or not they have \Deleted.</summary>
    /// <returns>The UIDs removed.</returns>
    public async ValueTask<Result<UidSet>> RemoveAsync(UidSet uids, CancellationToken ct)
        => ReadOnly ? StoreError.ReadOnly : await _account.GuardAsync(() => Expunger.ExpungeAsync(_mailbox, uids, onlyDeleted: false, ct));

    /// <summary>Copies messages with flags, keywords and internal date, all or none.</summary>
    public ValueTask<Result<CopyOutcome>> CopyAsync(UidSet uids, MailboxName target, CancellationToken ct) => CopyAsync(uids, new TransferTarget(_account, target), ct);

    /// <summary>Copies messages, perhaps to another account's mailbox, with those flags that they may keep there, all or none.</summary>
    public async ValueTask<Result<CopyOutcome>> CopyAsync(UidSet uids, TransferTarget target, CancellationToken ct)
        => await TransferAsync(uids, target, isCopy: true, () => _mailbox.Store.Format.Transfer(_mailbox, target).CopyAsync(uids, ct), ct);

    /// <summary>Moves messages (RFC 6851): each is in one of the two mailboxes at any time, also after a crash.</summary>
    public ValueTask<Result<CopyOutcome>> MoveAsync(UidSet uids, MailboxName target, CancellationToken ct) => MoveAsync(uids, new TransferTarget(_account, target), ct);

    /// <summary>Moves messages, perhaps to another account's mailbox. After a crash in that case they may be in both, never in neither.</summary>
    public async ValueTask<Result<CopyOutcome>> MoveAsync(UidSet uids, TransferTarget target, CancellationToken ct)
    {
        if (ReadOnly)
            return StoreError.ReadOnly;
        return ReferenceEquals(target.Account, _account)
            ? await TransferAsync(uids, target, isCopy: false, () => _mailbox.Store.Format.Transfer(_mailbox, target).MoveAsync(uids, ct), ct)
            : await MoveAwayAsync(uids, target, ct);
    }

    /// <summary>Opens a message's octets.</summary>
    public ValueTask<Result<MessageContent>> OpenMessageAsync(Uid uid, CancellationToken ct) => MessageReader.OpenAsync(_mailbox, uid, ct);

    /// <summary>Opens the octets of several messages in one visit to the disk: for those who will soon ask for them. Null where one cannot be opened.</summary>
    public ValueTask<MessageContent?[]> OpenMessagesAsync(IReadOnlyList<Uid> uids, CancellationToken ct) => MessageReader.OpenAsync(_mailbox, uids, ct);

    /// <summary>Whether the mailbox still has a message.</summary>
    public bool Has(Uid uid) => _mailbox.Snapshot.Messages.IndexOf(uid.Value) >= 0;

    /// <summary>The form of an opened message whose headers have no UTF-8 (RFC 6858); null where they have none anyway.</summary>
    public async ValueTask<SurrogateMessage?> SurrogateOfAsync(Uid uid, MessageContent content, CancellationToken ct)
    {
        if (content.IsSurelyAscii)
            return null;
        await foreach ((_, MimeMessage structure) in StructuresAsync([uid], ct))
            return await SurrogateMessage.MakeAsync(content, structure, ct);
        return null;
    }

    /// <summary>
    /// The structures of messages, in the order asked; from the index where they are there, else parsed and remembered.
    /// Messages that are gone are left out.
    /// </summary>
    public IAsyncEnumerable<(Uid Uid, MimeMessage Structure)> StructuresAsync(IReadOnlyList<Uid> uids, CancellationToken ct)
        => StructureReader.ReadAsync(_mailbox, uids, ct);

    /// <summary>The envelopes of messages, in the order asked: what there is to sort and thread by. Messages that are gone are left out.</summary>
    /// <param name="uids">Which messages.</param>
    /// <param name="addresses">Whether their addresses are wanted too; without them they are empty.</param>
    /// <param name="ct">Ends the reading.</param>
    public IAsyncEnumerable<(Uid Uid, MessageEnvelope Envelope)> EnvelopesAsync(IReadOnlyList<Uid> uids, bool addresses, CancellationToken ct)
        => StructureReader.ReadEnvelopesAsync(_mailbox, uids, addresses, ct);

    /// <summary>Finds messages among those that this view numbers now; numbers mean what they mean until it synchronises.</summary>
    public async ValueTask<SearchOutcome> SearchAsync(MessageQuery query, SearchExtent extent, CancellationToken ct)
        => await new MailboxSearch(_mailbox, this, query).RunAsync(extent, ct);

    /// <summary>Finds messages among some of those that this view numbers, as it knows them: what changed since it synchronised does not count yet.</summary>
    /// <param name="query">What to find.</param>
    /// <param name="among">Message numbers, rising.</param>
    /// <param name="ct">Ends the search.</param>
    public async ValueTask<SearchOutcome> SearchAsync(MessageQuery query, IReadOnlyList<int> among, CancellationToken ct)
        => await new MailboxSearch(_mailbox, this, query).RunAsync(among, ct);

    /// <summary>The mailbox's id, which it keeps when it is renamed (RFC 8474 §4).</summary>
    public string ObjectId => _mailbox.Counters.ObjectId;

    /// <summary>Ids and save dates of messages, in the order asked. Messages that are gone are left out.</summary>
    /// <param name="uids">Which messages.</param>
    /// <param name="wanted">What of them; a thread that is not known yet costs reading the message.</param>
    /// <param name="ct">Ends the reading.</param>
    public async ValueTask<Result<IReadOnlyList<MessageIdentity>>> IdentitiesAsync(IReadOnlyList<Uid> uids, IdentityParts wanted, CancellationToken ct)
        => await _account.GuardAsync<IReadOnlyList<MessageIdentity>>(async () => await IdentityReader.ReadAsync(_mailbox, uids, wanted, ct));

    /// <summary>The UIDs expunged after a mod-sequence (RFC 7162 §3.2.5.2); null where the mailbox does not remember so far back.</summary>
    public async ValueTask<Result<UidSet?>> ExpungedSinceAsync(ModSeq since, CancellationToken ct)
        => await _account.GuardAsync<UidSet?>(async () =>
        {
            long id = _mailbox.Counters.Id;
            await _mailbox.Index.FlushAsync(durable: false, ct);
            List<uint>? expunged = await _mailbox.Index.ReadAsync(index => MessageTable.LoadExpunged(index, id, since.Value), ct);
            return expunged is null ? default(UidSet?) : new UidSet(NumberRanges.From(expunged));
        });

    /// <summary>Those messages that this view numbers now of which POP3 sends another number of octets than their size on the wire.</summary>
    public async ValueTask<Result<IReadOnlyDictionary<uint, SentSize>>> SentSizesAsync(CancellationToken ct)
        => await _account.GuardAsync<IReadOnlyDictionary<uint, SentSize>>(async () => await SentSizes.ReadAsync(this, _mailbox, _told, ct));

    /// <summary>The POP3 names of the messages that this view numbers now.</summary>
    public async ValueTask<Result<Uidls>> UidlsAsync(CancellationToken ct)
        => await _account.GuardAsync(() => Uidls.ReadAsync(_mailbox, _told, ct));

    /// <summary>Takes over what other programs did to the Maildir until now, as far as the watch has seen it. Cheap: for NOOP.</summary>
    public async ValueTask CatchUpAsync() => await _mailbox.Store.Watcher.CatchUpAsync(_mailbox);

    /// <summary>Looks at the whole Maildir now, without trusting the watch: for CHECK.</summary>
    public async ValueTask RescanAsync(CancellationToken ct)
        => await _account.GuardAsync<Nothing>(async () =>
        {
            await MailboxRescan.RescanAsync(_mailbox, null, ct);
            return default(Nothing);
        });

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Changed = null;
        _mailbox.LastUsed = _mailbox.Store.Time.GetTimestamp();
        _mailbox.Detach(this);
    }

    private AnnotationKeys AnnotationKeys => new(_account.Name, User);

    private IReadOnlyList<string> AnnotationsChanged(MessageEntry before, MessageEntry after)
        => WatchesAnnotations ? _mailbox.Annotations.EntriesBetween(after.Uid, AnnotationKeys, before.ModSeq, after.ModSeq) : [];

    private async ValueTask<Result<CopyOutcome>> TransferAsync(
        UidSet uids, TransferTarget target, bool isCopy, Func<Task<Result<CopyOutcome>>> transfer, CancellationToken ct)
        => await _account.GuardAsync(async () =>
        {
            Result<CopyOutcome> outcome = await IdentityTransfer.RunAsync(_mailbox, target, uids, transfer, ct);
            if (isCopy && outcome.Ok && outcome.Value.Target.Count > 0)
                await AnnotationTransfer.CopyAsync(_mailbox, AnnotationKeys, target, new(target.Account.Name, User), outcome.Value);
            return outcome;
        });

    /// <summary>The other account has to have room first, and has the messages for good before they go here.</summary>
    private async ValueTask<Result<CopyOutcome>> MoveAwayAsync(UidSet uids, TransferTarget target, CancellationToken ct)
    {
        Result<CopyOutcome> copied = await CopyAsync(uids, target, ct);
        if (!copied.Ok || copied.Value.Source.Count == 0)
            return copied;
        Result<UidSet> removed = await RemoveAsync(UidSet.Of([.. copied.Value.Source]), CancellationToken.None);
        if (removed.Ok)
            return copied;

        // Who is told that nothing was moved shall not find copies; but of what is gone here, the copy is all there is.
        List<Uid> left = [];
        for (int i = 0; i < copied.Value.Source.Count; i++)
        {
            if (_mailbox.Current?.Messages.Find(copied.Value.Source[i]) is not null)
                left.Add(copied.Value.Target[i]);
        }

        return await target.Account.GuardAsync<CopyOutcome>(async () =>
        {
            Result<Mailbox> found = await target.Account.FindAsync(target.Name, CancellationToken.None);
            if (left.Count > 0 && found.Ok && found.Value.Counters.UidValidity == copied.Value.UidValidity)
                await Expunger.ExpungeAsync(found.Value, UidSet.Of([.. left]), onlyDeleted: false, CancellationToken.None);
            return removed.Error;
        });
    }

    private static bool IsChanged(MessageEntry before, MessageEntry after)
        => after.Flags != before.Flags || !ReferenceEquals(after.Keywords, before.Keywords) || after.ModSeq != before.ModSeq;

    /// <summary>The messages that came after all that this view numbers.</summary>
    private List<MessageEntry> Later(MessageList now)
    {
        List<MessageEntry> later = [];
        for (int i = _told.Count == 0 ? 0 : now.LowerBound(_told.UidAt(_told.Count - 1).Value + 1); i < now.Count; i++)
            later.Add(now[i]);
        return later;
    }

    private void ClaimRecent()
    {
        bool any = _mailbox.Recent.Claim(_told, _recent, take: !ReadOnly);
        if (any && !ReadOnly && !IsDead)
            _account.RunBehind(ct => Settler.SettleAsync(_mailbox, ct));
    }
}
