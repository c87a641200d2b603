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
public sealed class MailboxView : IDisposable
{
    private readonly Account _account;
    private readonly Mailbox _mailbox;
    private readonly ToldMessages _told;
    private bool _disposed;

    internal MailboxView(Account account, Mailbox mailbox, bool readOnly)
    {
        (_account, _mailbox, ReadOnly, User) = (account, mailbox, readOnly, account.Name);
        MailboxSnapshot snapshot = mailbox.Snapshot;
        UidValidity = snapshot.UidValidity;
        _told = new(account, mailbox, snapshot, takesRecent: !readOnly);
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
    public ModSeq ToldModSeq => _told.ModSeq;

    /// <summary>Keywords in use or used before in the mailbox.</summary>
    public IReadOnlyList<string> Keywords => _mailbox.Keywords.Known;

    /// <summary>The mailbox was deleted or got a new UIDVALIDITY: the session has to leave it.</summary>
    public bool IsDead => _mailbox.IsDead;

    /// <summary>Messages in this view.</summary>
    public int Count => _told.Messages.Count;

    /// <summary>Messages recent to this view.</summary>
    public int RecentCount => _told.RecentCount;

    /// <summary>The UID of a message number from 1 to <see cref="Count"/>.</summary>
    public Uid UidOf(int number) => _told.Messages.UidAt(number - 1);

    /// <summary>The number of a UID in this view; 0 where it has none.</summary>
    public int NumberOf(Uid uid) => _told.Messages.IndexOf(uid.Value) + 1;

    /// <summary>The smallest number whose UID is not below <paramref name="uid"/>; <see cref="Count"/> + 1 where there is none.</summary>
    public int LowerBound(Uid uid) => _told.Messages.LowerBound(uid.Value) + 1;

    /// <summary>The newest entry for a number; null where the message is gone although this view still numbers it.</summary>
    public MessageEntry? Entry(int number)
    {
        MessageList now = _mailbox.Snapshot.Messages;
        return ReferenceEquals(now, _told.Messages) ? now[number - 1] : now.Find(UidOf(number));
    }

    /// <summary>The entry that the session was told of; null where the message is gone.</summary>
    internal MessageEntry? ToldEntry(int number) => Entry(number) is null ? null : _told.Messages[number - 1];

    public bool IsRecent(int number) => _told.IsRecent(number);

    /// <summary>
    /// Takes over what happened since the last call and returns what the session has to tell its client, in order:
    /// expunges (only where <paramref name="allowExpunges"/>), growth, flag changes.
    /// </summary>
    /// <remarks>Changes this view made with <c>silent</c> are left out.</remarks>
    public IReadOnlyList<ViewUpdate> Synchronize(bool allowExpunges) => _told.Synchronize(allowExpunges, AnnotationsChanged);

    /// <summary>The messages that are gone and keep their numbers, for the last synchronisation was one that may not tell.</summary>
    public IReadOnlyList<(int Number, Uid Uid)> Withheld => _told.Withheld;

    /// <summary>Whether something happened that the session was not told of.</summary>
    public bool HasUntold => _told.IsBehind && !IsDead;

    /// <summary>What this view numbers now.</summary>
    public ViewVersion Version => new(_told.Messages);

    /// <summary>The numbers of messages that came, or whose flags changed, since a version of this view; rising. Silent changes count too.</summary>
    public IReadOnlyList<int> ChangedSince(ViewVersion version) => _told.ChangedSince(version);

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
                _told.Know(
                [
                    .. changes.Where(c => _told.Messages.Find(c.Before.Uid)?.ModSeq == c.Before.ModSeq && c.After.Flags == FlagWriter.Apply(c.Before.Flags, change))
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
            _told.Know([.. changed.Where(c => _told.Messages.Find(c.Before.Uid)?.ModSeq == c.Before.ModSeq).Select(static c => c.After)]);
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
        => await Transfer.CopyAsync(uids, target, ct);

    /// <summary>Moves messages (RFC 6851): each is in one of the two mailboxes at any time, also after a crash.</summary>
    public ValueTask<Result<CopyOutcome>> MoveAsync(UidSet uids, MailboxName target, CancellationToken ct) => MoveAsync(uids, new TransferTarget(_account, target), ct);

    /// <summary>Moves messages, perhaps to another account's mailbox. After a crash in that case they may be in both, never in neither.</summary>
    public async ValueTask<Result<CopyOutcome>> MoveAsync(UidSet uids, TransferTarget target, CancellationToken ct)
        => ReadOnly ? StoreError.ReadOnly : await Transfer.MoveAsync(uids, target, ct);

    /// <summary>Opens a message's octets.</summary>
    public ValueTask<Result<MessageContent>> OpenMessageAsync(Uid uid, CancellationToken ct) => MessageReader.OpenAsync(_mailbox, uid, ct);

    /// <summary>Opens the octets of several messages in one visit to the disk: for those who will soon ask for them. Null where one cannot be opened.</summary>
    public Task<MessageContent?[]> OpenMessagesAsync(IReadOnlyList<Uid> uids, CancellationToken ct) => MessageReader.OpenAsync(_mailbox, uids, ct);

    /// <summary>Whether the mailbox still has a message.</summary>
    public bool Has(Uid uid) => _mailbox.Snapshot.Messages.IndexOf(uid.Value) >= 0;

    /// <summary>The form of an opened message whose headers have no UTF-8 (RFC 6858); null where they have none anyway.</summary>
    public async ValueTask<SurrogateMessage?> SurrogateOfAsync(Uid uid, MessageContent content, CancellationToken ct)
    {
        if (content.HasSurelyAsciiHeaders || _mailbox.Snapshot.Messages.Find(uid) is { IsSentAsIs: true })
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

    /// <summary>How POP3 sends the messages that this view numbers now.</summary>
    public async ValueTask<Result<KnownSizes>> SentSizesAsync(CancellationToken ct)
        => await _account.GuardAsync<KnownSizes>(async () => await SentSizes.ReadAsync(this, _mailbox, _told.Messages, ct));

    /// <summary>The POP3 names of the messages that this view numbers now.</summary>
    public async ValueTask<Result<Uidls>> UidlsAsync(CancellationToken ct)
        => await _account.GuardAsync(() => Uidls.ReadAsync(_mailbox, _told.Messages, ct));

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

    private ViewTransfer Transfer => new(_account, _mailbox, User);
}
