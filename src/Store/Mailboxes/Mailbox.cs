using System.Collections.Concurrent;
using System.Collections.Immutable;
using FullStack.Store.Annotations;
using FullStack.Store.Delivery;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Quota;
using FullStack.Store.Search;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// One mailbox of the process, shared by all sessions. Readers take the current <see cref="Snapshot"/> without a lock;
/// writers hold the lock of <see cref="EnterAsync"/>. What it keeps, and <c>MailboxVerifier</c> checks:
/// <list type="number">
/// <item>A UID is assigned once; UIDNEXT never falls and is above every UID.</item>
/// <item>UIDVALIDITY changes only where 1 cannot be kept, and then grows.</item>
/// <item>Every change that a client can see has a new, higher mod-sequence; none is above HIGHESTMODSEQ.</item>
/// <item>Where index and files differ the files win: each message has one file and each file of cur/ and new/ one
/// message; its flags are those of the name. The index can be rebuilt.</item>
/// <item>An answer is sent after fsync.</item>
/// <item>Changes become visible in the order of their mod-sequences, under the lock.</item>
/// <item>Nobody outside is called under the lock.</item>
/// <item>A crash leaves only names in tmp/ and in the staging folder.</item>
/// <item>What the index knows and the files do not is in the list beside the folder, at the latest when the mailbox is closed.</item>
/// </list>
/// </summary>
internal sealed class Mailbox(StoreContext store, AccountIndex index, AccountUsage usage, MailboxLocation location)
{
    private readonly AsyncLock _lock = new();
    private ImmutableArray<MailboxView> _views = [];
    private volatile MailboxSnapshot? _snapshot;
    private volatile MailboxLocation _location = location;
    private volatile bool _isDead;
    private volatile bool _isLoading;
    private MailboxCounters? _counters;
    private UidList? _list;
    private NameIndex? _names;
    private MailboxImage? _image;
    private QuotaAmount _stored;
    private int _added, _happened, _dormantWatches, _searched;

    public StoreContext Store => store;
    public AccountIndex Index => index;
    public AccountUsage Usage => usage;

    /// <summary>The account's index of texts; null where the mailbox has none.</summary>
    public TextIndex? Texts { get; init; }

    /// <summary>Who watches the whole account.</summary>
    public AccountFeed? Feed { get; init; }

    public RecentClaims Recent { get; } = new();
    public KeywordTable Keywords { get; } = new();

    /// <summary>The annotations that were set of late.</summary>
    public AnnotationLog Annotations { get; } = new();

    /// <summary>The list of UIDs beside the folder. Only under the lock.</summary>
    public UidList List => _list ??= new(this);

    /// <summary>Messages by the base of their file name, made when somebody first asks. Only under the lock.</summary>
    public NameIndex Names => _names ??= NameIndex.Of(Snapshot.Messages);

    /// <summary>Files that this process has put, or is about to put, into the folder and will announce itself, or take out again (<see cref="Withdrawal"/>).</summary>
    public ConcurrentDictionary<byte[], byte> InFlight { get; } = new(BaseNameComparer.Instance);

    public MailboxLocation Location => _location;
    public IMailboxFolder Folder => _location.Folder;

    /// <summary>The mailbox was deleted, or its UIDs are void.</summary>
    public bool IsDead => _isDead;
    public bool IsLoaded => _snapshot is not null && !_isLoading && !_isDead;
    public bool HasViews => !_views.IsEmpty;

    /// <summary>When the mailbox was last asked for, as the time provider's stamp.</summary>
    public long LastUsed { get; set; } = store.Time.GetTimestamp();

    /// <exception cref="InvalidOperationException">The mailbox is not loaded.</exception>
    public MailboxSnapshot Snapshot => _snapshot ?? throw new InvalidOperationException("mailbox not loaded");

    /// <summary>The snapshot; null where the mailbox is not loaded.</summary>
    public MailboxSnapshot? Current => _snapshot;

    public MailboxCounters Counters => _counters ?? throw new InvalidOperationException("mailbox not loaded");

    /// <summary>The image that it was loaded from; null where it was not loaded from one.</summary>
    public MailboxImage? Image => _image;

    /// <summary>What its messages count for quotas together.</summary>
    public long StoredOctets => _stored.Octets;

    /// <summary>Whether somebody keeps an eye on the folder also while it is not loaded.</summary>
    public bool IsWatchedDormant => Volatile.Read(ref _dormantWatches) > 0;

    public ValueTask<AsyncLock.Held> EnterAsync(CancellationToken ct) => _lock.EnterAsync(ct);

    /// <summary>The message that a file is, whatever its flags; null where it is none. Under the lock.</summary>
    public MessageEntry? Find(ReadOnlySpan<byte> fileName) => _snapshot is { } now ? Names.Find(MaildirFileName.Base(fileName), now.Messages) : null;

    /// <summary>
    /// Takes over messages of which some are new to the index, or all. Where a list beside the folder told of messages before, its successor must do so before anybody sees
    /// the mailbox, and the index must know them before it; else only bounds must be on the disk, and who waits for the mailbox does not wait for rows. Under the lock.
    /// </summary>
    /// <param name="counters">The numbers it goes on with.</param>
    /// <param name="messages">Its messages.</param>
    /// <param name="post">Hands their rows to the index, to be written behind.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="IOException">The list beside the folder, or the index, cannot be written.</exception>
    public async Task LoadAsync(MailboxCounters counters, MessageList messages, Action post, CancellationToken ct)
    {
        bool rowsFirst = List.OwesMessages;
        if (rowsFirst)
            post();
        await List.BeforeLoadedAsync(counters, messages, ct);
        Load(counters, messages, image: null);
        if (!rowsFirst)
            post();
    }

    /// <summary>Takes over what was found on the disk. Nobody sees it before <see cref="Reveal"/>. Under the lock.</summary>
    /// <param name="counters">The numbers it goes on with.</param>
    /// <param name="messages">Its messages.</param>
    /// <param name="image">The image they come from; null where they do not come from one.</param>
    public void Load(MailboxCounters counters, MessageList messages, MailboxImage? image)
    {
        (_counters, _image, _names, _isLoading) = (counters, image, null, true);
        _stored = new(image?.StoredOctets ?? messages.StoredOctets(), messages.Count);
        foreach (MessageEntry entry in messages.InNew())
            Recent.Add(entry.Uid);
        _snapshot = new(messages, counters.UidValidity, counters.UidNext, counters.Highest);
    }

    /// <summary>Opens the mailbox that was loaded to everybody. Under the lock.</summary>
    public void Reveal()
    {
        _isLoading = false;
        usage.Ledger.Set(Location.Entry, _stored, operation: null);
        WakeTexts();
    }

    /// <summary>Somebody has opened the mailbox who can search it: from now on its texts are indexed. Those of an account that only downloads are not.</summary>
    public void BeginSearching()
    {
        if (Interlocked.Exchange(ref _searched, 1) == 0)
            WakeTexts();
    }

    /// <summary>Forgets the messages; they are loaded again when they are needed. Under the lock.</summary>
    public void Forget()
    {
        (_snapshot, _names, _image, _isLoading) = (null, null, null, false);
        Recent.Clear();
    }

    /// <summary>Adds messages at the end; their UIDs come from <see cref="Counters"/>. Under the lock.</summary>
    /// <param name="added">The messages.</param>
    /// <param name="recent">Whether nobody has seen them yet.</param>
    /// <param name="operation">The operation that brought them, with the room it reserved; null where they were found.</param>
    public void Add(IReadOnlyList<MessageEntry> added, bool recent, Reservation? operation)
    {
        foreach (MessageEntry entry in added)
        {
            _stored += Stored(entry);
            _names?.Add(entry.BaseName, entry.Uid);
            if (recent)
                Recent.Add(entry.Uid);
            List.Touch(entry.Uid);
        }

        index.Post(Counters.Id, added);
        Publish(Snapshot.Messages.Append(added));
        Report(new(added.Count, false, false, false), operation);
    }

    /// <summary>Puts changed entries in place. Under the lock.</summary>
    /// <param name="changed">The entries.</param>
    /// <param name="areAnnotations">Whether what changed are annotations, of which an entry has but the mod-sequence.</param>
    public void Replace(IReadOnlyList<MessageEntry> changed, bool areAnnotations = false)
    {
        MessageList messages = Snapshot.Messages;
        bool isVisible = false;
        List<MessageEntry> posted = new(changed.Count);
        foreach (MessageEntry entry in changed)
        {
            if (!messages.TryFind(entry.Uid, out MessageChunk? before, out int at))
                continue;
            isVisible |= before.ModSeqAt(at) != entry.ModSeq;
            if (!before.BaseNameOf(at).SequenceEqual(entry.BaseName))
            {
                _names?.Remove(before.BaseNameOf(at), entry.Uid);
                _names?.Add(entry.BaseName, entry.Uid);
                List.Touch(entry.Uid);
            }

            posted.Add(entry);
            if (!ReferenceEquals(before.KeywordsAt(at), entry.Keywords))
                List.Touch(entry.Uid);
        }

        index.Post(Counters.Id, posted);
        Publish(messages.Replace(changed));
        if (!_isLoading)
            Happened(new(0, false, isVisible && !areAnnotations, false) { AnnotationsChanged = isVisible && areAnnotations });
    }

    /// <summary>Takes messages out that have no file any more. Under the lock.</summary>
    /// <param name="removed">The messages.</param>
    /// <param name="modSeq">The mod-sequence of their removal.</param>
    /// <param name="operation">The operation that removed them, which keeps their room until it ends; null where they were found to be gone.</param>
    public void Remove(IReadOnlyList<MessageEntry> removed, ModSeq modSeq, Reservation? operation)
    {
        if (removed.Count == 0)
            return;
        foreach (MessageEntry entry in removed)
        {
            _stored -= Stored(entry);
            _names?.Remove(entry.BaseName, entry.Uid);
            Recent.Remove(entry.Uid);
            index.PostExpunge(Counters.Id, entry.Uid, modSeq);
        }

        Publish(Snapshot.Messages.Remove(new(NumberRanges.From(removed.Select(static e => e.Uid.Value)))));
        Report(new(0, true, false, false), operation);
    }

    /// <summary>What a message counts for quotas.</summary>
    public static QuotaAmount Stored(MessageEntry entry) => new(entry.StoredOctets, 1);

    /// <summary>Tells the views that there may be something to synchronise, and who watches the account. Never under the lock.</summary>
    public void Announce()
    {
        foreach (MailboxView view in _views)
            view.Changed?.Invoke();
        int added = Interlocked.Exchange(ref _added, 0), happened = Interlocked.Exchange(ref _happened, 0);
        MessageChanges changes = new(added, (happened & 1) != 0, (happened & 2) != 0, (happened & 4) != 0) { AnnotationsChanged = (happened & 8) != 0 };
        if (!changes.IsNothing)
            Feed?.Post(Location.Name, changes);
    }

    /// <summary>Takes note of what happened to messages, for the next announcement.</summary>
    public void Happened(MessageChanges changes)
    {
        Interlocked.Add(ref _added, changes.Added);
        Interlocked.Or(ref _happened, (changes.Removed ? 1 : 0) | (changes.FlagsChanged ? 2 : 0) | (changes.Unknown ? 4 : 0) | (changes.AnnotationsChanged ? 8 : 0));
    }

    /// <summary>Keeps an eye on the folder also while the mailbox is not loaded.</summary>
    public void WatchDormant()
    {
        Interlocked.Increment(ref _dormantWatches);
        store.Watcher.Watch(this);
    }

    /// <summary>Ends one <see cref="WatchDormant"/>.</summary>
    public async Task UnwatchDormantAsync()
    {
        using (await EnterAsync(CancellationToken.None))
        {
            if (Interlocked.Decrement(ref _dormantWatches) == 0 && !IsLoaded)
                store.Watcher.Unwatch(this);
        }
    }

    public void Attach(MailboxView view) => ImmutableInterlocked.Update(ref _views, static (views, v) => views.Add(v), view);

    public void Detach(MailboxView view) => ImmutableInterlocked.Update(ref _views, static (views, v) => views.Remove(v), view);

    /// <summary>The folder has another name now. Under the lock.</summary>
    public void Relocate(MailboxLocation location) => _location = location;

    /// <summary>Ends the mailbox for all its views. Its files and rows are not touched any more.</summary>
    public void Kill()
    {
        End();
        store.Watcher.Unwatch(this);
    }

    /// <summary>Ends the mailbox for all its views, all being written. Under the lock.</summary>
    public void End() => _isDead = true;

    /// <summary>Writes down beside the folder what changed, for the case that the index is lost.</summary>
    public async Task TidyAsync()
    {
        using (await EnterAsync(CancellationToken.None))
        {
            await Withdrawal.SettleAsync(this);
            if (IsLoaded)
                await List.FlushAsync(Counters, CancellationToken.None);
        }
    }

    /// <summary>
    /// Tells of messages that came or went. While the mailbox is being loaded there is nobody to tell, and what it keeps is not known yet: a number that
    /// lacks what others did could let in more than there is room for.
    /// </summary>
    private void Report(MessageChanges changes, Reservation? operation)
    {
        if (_isLoading)
            return;
        Happened(changes);
        usage.Ledger.Set(Location.Entry, _stored, operation);
        WakeTexts();
    }

    private void WakeTexts()
    {
        if (Texts is { } texts && (Volatile.Read(ref _searched) != 0 || texts.IsMade)) // one that is made has to forget what is removed
            texts.Wake(this);
    }

    private void Publish(MessageList messages)
        => _snapshot = new(messages, Counters.UidValidity, Counters.UidNext, Counters.Highest);
}
