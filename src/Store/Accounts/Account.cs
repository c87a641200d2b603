using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.Search;

namespace FullStack.Store.Accounts;

/// <summary>The mailboxes of one user. All members may be called by many sessions at once.</summary>
public sealed class Account
{
    private readonly StoreContext _store;
    private readonly AccountMailboxes _changes;
    private readonly DefaultMailboxes _defaults;
    private int _maildropTaken;

    internal Account(StoreContext store, AccountName name, AccountPlace place)
    {
        (_store, Name, Behind) = (store, name, new(store.Log));
        Mailboxes = new(store, this);
        Directory = place.Directory;
        Index = new(store, Path.Combine(Directory, "index.db")) { Lost = OnIndexLost };
        Texts = new(store, Directory, Index);
        Catalog = new(store, Index, store.Format.Home(name, place), Directory) { Gone = OnGone, Found = name => Feed.PostBehind(new AccountEvent.Created(name), Behind) };
        Usage = new(store, name, store.Usage.DomainOf(name), AccountFolders.Encode(name.User)) { Counts = new(store, Catalog.Home, Mailboxes.Opened) };
        Usage.Note = Catalog.Home.UsageFile is { } file ? new(store, Usage, file, Behind.Run) : null;
        Catalog.Renames.Moved = Usage.Ledger.Rename;
        _changes = new(store, this);
        _defaults = new(store, this);
        Access = new(this, store.Shares);
        Metadata = new(this, store.Options);
        Catalog.AccessChanged = Access.Forget;
    }

    public AccountName Name { get; }

    /// <summary>Who may do what with the mailboxes.</summary>
    public AccountAccess Access { get; }

    /// <summary>Metadata of the mailboxes and of the account.</summary>
    public AccountMetadata Metadata { get; }

    /// <summary>Longest value of an annotation of a message, in octets, and most annotations of one message that a user may see.</summary>
    public (int ValueOctets, int Count) AnnotationLimits => (_store.Options.AnnotationValueLimit, _store.Options.AnnotationLimit);

    internal string Directory { get; }
    internal AccountIndex Index { get; }
    internal AccountCatalog Catalog { get; }
    internal AccountUsage Usage { get; }
    internal TextIndex Texts { get; }

    /// <summary>The objects of the mailboxes.</summary>
    internal OpenMailboxes Mailboxes { get; }

    /// <summary>Work that nobody waits for; closing the account does.</summary>
    internal BackgroundWork Behind { get; }

    /// <summary>Who watches all the mailboxes.</summary>
    internal AccountFeed Feed { get; } = new();

    /// <summary>Makes Drafts, Sent, Junk, Trash and Archive with their special uses, and subscribes to them, once in an account's life.</summary>
    public ValueTask<Result<Nothing>> EnsureDefaultMailboxesAsync(CancellationToken ct) => GuardAsync(() => _defaults.EnsureAsync(ct));

    /// <summary>All mailboxes, names without one that have children, and subscribed names that are gone (Exists false), sorted by name; INBOX first.</summary>
    /// <exception cref="IOException">The index cannot be used now.</exception>
    public async ValueTask<IReadOnlyList<MailboxInfo>> ListAsync(CancellationToken ct) => await _changes.ListAsync(ct);

    /// <summary>The user's keys for mailboxes.</summary>
    public MailboxKeys UrlKeys => new(this);

    /// <summary>Makes a mailbox; parents appear by themselves as names without mailbox.</summary>
    /// <returns>The id of the mailbox (RFC 8474 §4).</returns>
    public ValueTask<Result<string>> CreateAsync(MailboxName name, SpecialUse use, CancellationToken ct) => ChangeAsync(() => _changes.CreateAsync(name, use, ct), new AccountEvent.Created(name));

    /// <summary>Deletes a mailbox with its messages; children stay. INBOX cannot go. Views on it become dead.</summary>
    public ValueTask<Result<Nothing>> DeleteAsync(MailboxName name, CancellationToken ct) => ChangeAsync(() => _changes.DeleteAsync(name, ct), new AccountEvent.Deleted(name));

    /// <summary>Renames a mailbox and all below it. INBOX's messages are moved to a new mailbox instead (RFC 9051 §6.3.6).</summary>
    public ValueTask<Result<Nothing>> RenameAsync(MailboxName from, MailboxName to, CancellationToken ct)
        => ChangeAsync(() => _changes.RenameAsync(from, to, ct), from.IsInbox ? new AccountEvent.Created(to) : new AccountEvent.Renamed(from, to));

    /// <summary>Most names that can be subscribed to: the account's file has them all, and is written anew with each.</summary>
    public const int MaxSubscriptions = 10_000;

    /// <summary>Subscribes or unsubscribes a name, whether or not a mailbox has it.</summary>
    /// <returns><see cref="StoreError.OverQuota"/> where there are <see cref="MaxSubscriptions"/> already.</returns>
    public ValueTask<Result<Nothing>> SetSubscribedAsync(MailboxName name, bool subscribed, CancellationToken ct)
        => ChangeAsync<Nothing>(async () =>
        {
            bool hasRoom = true;
            await Index.CommitAsync(i =>
            {
                if (hasRoom = !subscribed || MailboxTable.CountSubscriptions(i, except: name) < MaxSubscriptions)
                    MailboxTable.SetSubscribed(i, name, subscribed);
            }, ct);
            return hasRoom ? default(Nothing) : StoreError.OverQuota;
        }, new AccountEvent.SubscriptionChanged(name));

    /// <summary>Begins to watch what happens to the mailboxes, those that are not open among them.</summary>
    public AccountWatch Watch() => new(this);

    public ValueTask<Result<MailboxStatus>> StatusAsync(MailboxName name, CancellationToken ct)
        => GuardAsync<MailboxStatus>(async () =>
        {
            Result<Mailbox> found = await Mailboxes.FindAsync(name, ct);
            if (!found.Ok)
                return found.Error;
            await found.Value.Store.Watcher.CatchUpAsync(found.Value);
            if (found.Value.Current is not { } now)
                return found.Value.Store.PutOff("counting messages", found.Value.Folder.Path, StoreContext.Closed);
            return new MailboxStatus(
                now.Messages.Count, found.Value.Recent.Count, now.UidNext, now.UidValidity, now.Messages.Totals.Unseen,
                now.Messages.Totals.Deleted, now.Highest, now.Messages.Totals.WireOctets)
            {
                DeletedOctets = DeletedOctets(now.Messages),
                ObjectId = found.Value.Counters.ObjectId,
            };
        });

    /// <summary>What the account keeps, of how much.</summary>
    public ValueTask<Result<AccountQuota>> QuotaAsync(CancellationToken ct)
        => GuardAsync<AccountQuota>(async () =>
        {
            AccountLimits limits = await Usage.LimitsAsync(ct);
            if (!limits.Account.IsUnlimited)
                await Usage.CountAsync(all: false, ct);
            int mailboxes = (await _changes.ListAsync(ct)).Count(static info => info.Exists);
            return new AccountQuota(limits.Account, Usage.Used, mailboxes, limits.Mailboxes);
        });

    /// <summary>Whether so much mail could be kept now, as far as quotas go. It takes no room.</summary>
    /// <param name="octets">The least that it will count for.</param>
    /// <param name="messages">How many messages it is.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<StoreError> CheckRoomAsync(long octets, int messages, CancellationToken ct)
    {
        Result<Nothing> checkedRoom = await GuardAsync<Nothing>(async () =>
            await Usage.CheckAsync(new(octets, messages), ct) is not StoreError.None and var error ? error : default(Nothing));
        return checkedRoom.Error;
    }

    /// <summary>Opens a view of a mailbox for one session. A writable view takes \Recent from messages nobody has seen yet.</summary>
    public ValueTask<Result<MailboxView>> OpenAsync(MailboxName name, bool readOnly, CancellationToken ct)
        => GuardAsync(() => Mailboxes.OpenViewAsync(name, readOnly, searches: true, ct));

    /// <summary>The same for one who only downloads messages: nothing is made ready for searches.</summary>
    public ValueTask<Result<MailboxView>> OpenForDownloadAsync(MailboxName name, CancellationToken ct)
        => GuardAsync(() => Mailboxes.OpenViewAsync(name, readOnly: false, searches: false, ct));

    /// <summary>Appends a complete staged message. When it returns, a success is durable.</summary>
    public ValueTask<Result<AppendOutcome>> AppendAsync(
        MailboxName name, StagedMessage message, MessageFlags flags, DateTimeOffset? internalDate, CancellationToken ct)
        => AppendAsync(name, [new(message, flags, internalDate)], ct);

    /// <summary>Appends complete staged messages, all or none. When it returns, a success is durable.</summary>
    public ValueTask<Result<AppendOutcome>> AppendAsync(MailboxName name, IReadOnlyList<NewMessage> messages, CancellationToken ct)
        => GuardAsync<AppendOutcome>(async () =>
        {
            Result<Mailbox> found = await Mailboxes.FindAsync(name, ct);
            return found.Ok ? await new Appending(_store, this, found.Value).RunAsync(messages, ct) : found.Error;
        });

    /// <summary>Takes the account's POP3 maildrop for one session (RFC 1939 §4: exclusive access); null where another session has it.</summary>
    public IDisposable? TryLockMaildrop() => Interlocked.Exchange(ref _maildropTaken, 1) == 0 ? new MaildropLock(this) : null;

    /// <summary>The mailbox with a special use, loaded; one of those that every account has is made where the account is new. Null where there is none.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    internal async Task<Mailbox?> FindUseAsync(SpecialUse use, CancellationToken ct)
    {
        Result<Mailbox> found = await GuardAsync<Mailbox>(async () =>
        {
            await _defaults.EnsureAsync(ct);
            MailboxInfo? info = (await _changes.ListAsync(ct)).FirstOrDefault(mailbox => mailbox.Exists && mailbox.SpecialUse == use);
            return info is null ? StoreError.NotFound : await Mailboxes.FindAsync(info.Name, ct);
        });
        return found.Ok ? found.Value : null;
    }

    /// <summary>Turns a failing index into an answer.</summary>
    internal async ValueTask<Result<T>> GuardAsync<T>(Func<Task<Result<T>>> operation)
    {
        try
        {
            return await operation();
        }
        catch (IOException e)
        {
            StoreLog.IndexUnusable(_store.Log, Name.ToString(), e.Message);
            return new StoreFailure(e.HResult == Errno.NoSpace ? StoreError.NoSpace : StoreError.Unavailable, e.Message);
        }
    }

    /// <summary>Changes something of the account as a whole: as <see cref="GuardAsync"/>, and written down beside the index too.</summary>
    internal ValueTask<Result<T>> ChangeAsync<T>(Func<Task<Result<T>>> operation)
        => GuardAsync(async () =>
        {
            await Catalog.EnsureKnownAsync(CancellationToken.None);
            Result<T> result = await operation();
            if (result.Ok)
                Catalog.File.Touch();
            await Catalog.File.SaveAsync();
            return result;
        });

    /// <summary>The same, and those who watch the account hear of it.</summary>
    internal async ValueTask<Result<T>> ChangeAsync<T>(Func<Task<Result<T>>> operation, AccountEvent change)
    {
        Result<T> result = await ChangeAsync(operation);
        if (result.Ok)
            Feed.Post(change);
        return result;
    }

    /// <summary>Unloads mailboxes that no view uses and that were not asked for of late, then lets the database rest.</summary>
    internal async Task RestAsync(TimeSpan idle)
    {
        await Mailboxes.RestAsync(idle);
        await Texts.RestAsync();
        await Usage.RestAsync(CancellationToken.None);
        await Catalog.File.SaveAsync();
        await Index.RestAsync(CancellationToken.None);
    }

    /// <summary>Writes everything and closes.</summary>
    /// <param name="hurried">Whether the server is stopping: what can be found out at the next opening is left for then.</param>
    internal async Task CloseAsync(bool hurried)
    {
        await Texts.CloseAsync();
        await Behind.EndAsync();
        await Mailboxes.CloseAsync();
        await Catalog.File.CloseAsync();
        if (!hurried)
            await Usage.RestAsync(CancellationToken.None);
        await _store.Usage.WriteAsync();
        await Index.RestAsync(CancellationToken.None);
    }

    /// <summary>Closes as a crash would: nothing that waits is written. For tests of recovery.</summary>
    internal async Task AbandonAsync()
    {
        await Texts.CloseAsync();
        await Behind.EndAsync();
        Mailboxes.Kill();
        await Index.AbandonAsync();
    }

    /// <summary>Another program took a mailbox away.</summary>
    private void OnGone(MailboxRow row)
    {
        Mailboxes.End(row.Name);
        Usage.Remove(row.Directory, isOurs: false);
        Feed.PostBehind(new AccountEvent.Deleted(row.Name), Behind);
    }

    /// <summary>Every view of the lost index ends.</summary>
    private void OnIndexLost()
    {
        Catalog.Forget();
        Mailboxes.EndAll();
    }

    private static long DeletedOctets(MessageList messages)
        => messages.Totals.Deleted == 0 ? 0 : messages.In(UidSet.All, SystemFlags.Deleted).Sum(static message => message.WireOctets);

    private sealed class MaildropLock(Account account) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                Volatile.Write(ref account._maildropTaken, 0);
        }
    }
}
