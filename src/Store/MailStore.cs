using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Outside;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.Spool;
using Microsoft.Extensions.Logging;

namespace FullStack.Store;

/// <summary>All accounts of this server. One process has one; it holds the lock of its root folder.</summary>
public sealed class MailStore : IAsyncDisposable
{
    private readonly StoreContext _store;
    private readonly RootLock _lock;
    private readonly AccountTable _accounts;
    private readonly ITimer _sweep;
    private readonly OutsideDelivery _outside;
    private readonly StoreMetrics? _metrics;
    private int _sweeping;
    private int _disposed;

    /// <exception cref="IOException">The root folder cannot be made.</exception>
    /// <exception cref="StoreLockedException">Another process has it.</exception>
    /// <param name="options">Where and how.</param>
    /// <param name="time">The time.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="limits">How much accounts and domains may keep; null: any amount.</param>
    /// <param name="metrics">Measures it; null: nobody wants to know.</param>
    /// <param name="places">Where accounts' mail belongs; null: below the root.</param>
    public MailStore(
        StoreOptions options, TimeProvider time, ILoggerFactory loggers, IQuotaLimits? limits = null, StoreMetrics? metrics = null, IAccountPlaces? places = null)
        : this(options, time, loggers, FilesOf(options, metrics), limits, places)
        => _metrics = metrics;

    internal MailStore(StoreOptions options, TimeProvider time, ILoggerFactory loggers, IMaildirFiles files, IQuotaLimits? limits = null, IAccountPlaces? places = null)
    {
        string root = Path.GetFullPath(options.Root);
        options = options with { Root = root };
        FileError made = MaildirFolder.MakeTree(files, root);
        if (made != FileError.None)
            throw new IOException($"cannot make the mail store {root}: {made}");
        _lock = RootLock.Take(root);

        _store = new(options, files, time, loggers.CreateLogger<MailStore>(), limits ?? NoQuotaLimits.Instance);
        _accounts = new(_store, places ?? PlacesBelowRoot.Instance);
        _outside = new(_store);
        _store.Usage.Count = CountAsync;
        PrepareStaging();
        TimeSpan period = TimeSpan.FromTicks(Math.Max(options.AccountIdleTime.Ticks / 2, TimeSpan.TicksPerSecond));
        _sweep = time.CreateTimer(_ => _ = SweepAsync(), null, period, period);
    }

    /// <summary>Threads on which sessions run that deliver, and of which some may wait for the disk themselves; null: none may.</summary>
    public IWaitingThreads? SessionThreads
    {
        get => _store.Disk.Others;
        set => _store.Disk.Others = value;
    }

    /// <summary>The file system as a store of these options uses it.</summary>
    /// <exception cref="IOException">The system lacks what mail in homes needs.</exception>
    internal static IMaildirFiles FilesOf(StoreOptions options, StoreMetrics? metrics = null)
    {
        PosixFiles files = new(options.Sync, metrics);
        if (options.Place == StorePlace.Home && !SafePath.IsSupported)
            throw new IOException("mail in homes (store.place: home) needs openat2(2), of Linux 5.6, which is not here or not allowed to this process");
        return options.Place == StorePlace.Home ? new FilesInHomes(files, Path.GetFullPath(options.Root)) : files;
    }

    /// <summary>Returns once the disk has answered.</summary>
    /// <exception cref="IOException">The root folder cannot be used.</exception>
    public async Task CheckAsync()
    {
        FileError error = await _store.Disk.RunAsync(() => _store.Files.Stat(FilePath.Of(_store.Options.Root), out _));
        if (error != FileError.None)
            throw new IOException($"{_store.Options.Root}: {error}");
    }

    /// <summary>Which accounts let others see mailboxes.</summary>
    public ShareRegister Shares => _store.Shares;

    /// <summary>What the accounts share, for commands that work on mailboxes while no server runs.</summary>
    internal StoreContext Context => _store;

    /// <summary>Opens an account, making its Maildir where there is none yet. The lease is shared; dispose it when done.</summary>
    public async ValueTask<Result<AccountLease>> OpenAccountAsync(AccountName name, CancellationToken ct) => await _accounts.LeaseAsync(name, ct);

    /// <summary>Starts a message that will be delivered or appended: write its octets, then complete it.</summary>
    /// <param name="inMemoryOctets">Up to how many octets it waits in memory; null: as configured.</param>
    public StagedMessage Stage(int? inMemoryOctets = null) => new(_store, inMemoryOctets ?? _store.Options.StageInMemoryOctets);

    /// <summary>Starts a message that is kept octet for octet; for spools, never for mailboxes.</summary>
    public StagedMessage StageVerbatim() => new(_store, _store.Options.StageInMemoryOctets, isVerbatim: true);

    /// <summary>Starts a message that may hold NUL.</summary>
    /// <param name="inMemoryOctets">Up to how many octets it waits in memory.</param>
    public BinaryMessage StageBinary(int inMemoryOctets) => new(_store, inMemoryOctets);

    /// <summary>Opens a folder for message files outside mailboxes, making it where needed. It works as long as the store is open.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public MessageSpool OpenSpool(string root) => new(_store, Path.GetFullPath(root));

    /// <summary>Opens a folder for files that grow, making it where needed. It works as long as the store is open.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public PartialFolder OpenPartials(string root) => new(_store, Path.GetFullPath(root));

    /// <summary>
    /// Delivers one complete staged message into the INBOX of each account: written and synced once, hard-linked for
    /// the others where the file system allows. When it returns, each success is durable.
    /// </summary>
    /// <returns>One result for each account, in order. An account that is named twice gets the message once.</returns>
    public ValueTask<IReadOnlyList<Result<Nothing>>> DeliverAsync(StagedMessage message, IReadOnlyList<AccountName> accounts, CancellationToken ct)
        => DeliverAsync(message, accounts, SpecialUse.None, ct);

    /// <summary>The same into each account's mailbox with a special use, for instance Junk; into its INBOX where it has none or that one cannot be opened.</summary>
    public async ValueTask<IReadOnlyList<Result<Nothing>>> DeliverAsync(
        StagedMessage message, IReadOnlyList<AccountName> accounts, SpecialUse use, CancellationToken ct)
        => await RunAsync(new(_store, _accounts, message, use, mark: null), accounts, ct);

    /// <summary>The same into accounts of which each gets the message once, also where an earlier delivery of the same mark was cut off after it was made.</summary>
    public async ValueTask<IReadOnlyList<Result<Nothing>>> DeliverOnceAsync(
        StagedMessage message, DeliveryMark mark, IReadOnlyList<AccountName> accounts, SpecialUse use, CancellationToken ct)
        => await RunAsync(new(_store, _accounts, message, use, mark), accounts, ct);

    /// <summary>
    /// Takes a message out of mailboxes again that it was delivered to a moment ago, several at once: its sender is told that nobody has it, and sends it to all again. Where
    /// a disk fails at that too, it goes when it can, and stays where the process ends before.
    /// </summary>
    public async ValueTask WithdrawAsync(StagedMessage message)
    {
        foreach (DeliveredFile delivered in message.Delivered)
        {
            Result<AccountLease> opened = await _accounts.LeaseAsync(delivered.Account, CancellationToken.None);
            if (!opened.Ok)
                continue;
            using AccountLease lease = opened.Value;
            Result<Mailbox> found = await lease.Account.GuardAsync(() => lease.Account.Mailboxes.FindAsync(delivered.Mailbox, CancellationToken.None));
            await Withdrawal.RunAsync(found.Ok ? found.Value : lease.Account.Mailboxes.Inbox, [delivered.Name]);
        }
    }

    private async ValueTask<IReadOnlyList<Result<Nothing>>> RunAsync(DeliveryRun run, IReadOnlyList<AccountName> accounts, CancellationToken ct)
    {
        long began = _metrics?.Begin() ?? 0;
        Dictionary<AccountName, Result<Nothing>> results = await run.RunAsync([.. accounts.Distinct()], ct);
        _metrics?.Delivered(results.Values, began);
        return [.. accounts.Select(name => results[name])];
    }

    /// <summary>Appends a complete staged message to an account's mailbox with a special use. When it returns, a success is durable.</summary>
    /// <returns><see cref="StoreError.NotFound"/> where the account has no such mailbox.</returns>
    public async ValueTask<Result<Nothing>> KeepAsync(StagedMessage message, AccountName name, SpecialUse use, MessageFlags flags, CancellationToken ct)
    {
        Result<AccountLease> opened = await _accounts.LeaseAsync(name, ct);
        if (!opened.Ok)
            return opened.Error;
        using AccountLease lease = opened.Value;
        if (await lease.Account.FindUseAsync(use, ct) is not { } mailbox)
            return StoreError.NotFound;
        Result<AppendOutcome> appended = await lease.Account.AppendAsync(mailbox.Location.Name, message, flags, internalDate: null, ct);
        return appended.Ok ? default(Nothing) : appended.Error;
    }

    /// <summary>Writes a message to a file outside the store: durable on success.</summary>
    /// <param name="content">The message.</param>
    /// <param name="skip">Octets at its start, as stored, that are left out.</param>
    /// <param name="file">Where to.</param>
    public async ValueTask<Result<Nothing>> DeliverOutsideAsync(MessageContent content, long skip, OutsideFile file)
    {
        FileError error = await _store.Disk.RunAsync(() => _outside.Deliver(content, skip, file));
        return error switch
        {
            FileError.None => default(Nothing),
            FileError.Denied or FileError.NotSupported => StoreError.NotPermitted,
            FileError.NotFound => StoreError.NotFound,
            _ => _store.Fail("deliver", FilePath.Of(file.Path), error),
        };
    }

    /// <summary>The folder that an account's mail lies in, and files of its owner's such as .forward.</summary>
    public string FolderOf(AccountName name) => StoreRoot.FolderOf(_store.Options.Root, name);

    /// <summary>Whether a message could be delivered to an account now, as far as quotas go. It takes no room: another message may be faster.</summary>
    /// <param name="name">The account.</param>
    /// <param name="octets">The least that the message will count for.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns><see cref="StoreError.OverQuota"/>, <see cref="StoreError.TooBig"/>, or what keeps it from being found out.</returns>
    public async ValueTask<StoreError> CheckRoomAsync(AccountName name, long octets, CancellationToken ct)
    {
        try
        {
            if ((await _store.Limits.OfAsync(name, ct)).IsUnlimited)
                return StoreError.None;
            Result<AccountLease> lease = await _accounts.LeaseAsync(name, ct);
            if (!lease.Ok)
                return lease.Error;
            using (lease.Value)
                return await lease.Value.Account.Usage.CheckAsync(new(octets, 1), ct);
        }
        catch (IOException e)
        {
            StoreLog.UsageUnknown(_store.Log, name.ToString(), e.Message);
            return StoreError.Unavailable;
        }
    }

    /// <summary>Counts all that an account keeps, whatever is remembered of it, and puts right what other programs are told.</summary>
    public async ValueTask<Result<QuotaAmount>> RecountAsync(AccountName name, CancellationToken ct)
    {
        Result<AccountLease> opened = await _accounts.LeaseAsync(name, ct);
        if (!opened.Ok)
            return opened.Error;
        using AccountLease lease = opened.Value;
        return await lease.Account.GuardAsync<QuotaAmount>(async () =>
        {
            await lease.Account.Usage.CountAsync(all: true, ct);
            await lease.Account.Usage.RestAsync(ct);
            return lease.Account.Usage.Used;
        });
    }

    /// <summary>Writes all indexes and closes everything.</summary>
    public ValueTask DisposeAsync() => CloseAsync(abandon: false);

    /// <summary>Ends as a crash would: nothing that waits is written. For tests of recovery.</summary>
    internal ValueTask AbandonAsync() => CloseAsync(abandon: true);

    /// <summary>Closes and rests what nobody uses. The timer calls it.</summary>
    internal async Task SweepAsync()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
            return;
        try
        {
            await _accounts.SweepAsync();
            await _store.Shares.WriteAsync();
        }
        catch (Exception e) // Nobody awaits the timer.
        {
            StoreLog.BackgroundFailed(_store.Log, e);
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }

    private async Task CountAsync(AccountName name, CancellationToken ct)
    {
        Result<AccountLease> lease = await _accounts.LeaseAsync(name, ct);
        if (!lease.Ok)
            throw new IOException($"the account {name} cannot be opened: {lease.Error}");
        using (lease.Value)
            await lease.Value.Account.Usage.CountAsync(all: false, ct);
    }

    /// <summary>
    /// Empties the staging folder. One that is there tells that the last server did not end in order: then what it did
    /// and never synced is made durable first, so that mail is not acknowledged below a directory that can still vanish.
    /// </summary>
    private void PrepareStaging()
    {
        bool unclean = MaildirFolder.RemoveTree(_store.Files, _store.Staging) != FileError.NotFound;
        FileError error = unclean ? _store.Files.SyncFileSystem(FilePath.Of(_store.Options.Root)) : FileError.None;
        if (error == FileError.None)
            error = MaildirFolder.MakeTree(_store.Files, _store.Staging.ToString());
        if (error == FileError.None)
            return;
        _lock.Dispose();
        throw new IOException($"cannot make {_store.Staging}: {error}");
    }

    private async ValueTask CloseAsync(bool abandon)
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _sweep.DisposeAsync();
        await _accounts.CloseAllAsync(abandon);
        if (!abandon)
        {
            await _store.Usage.WriteAsync();
            await _store.Shares.WriteAsync();
        }

        _store.Usage.Dispose();
        if (!abandon)
            await _store.Disk.RunAsync(() => MaildirFolder.RemoveTree(_store.Files, _store.Staging));
        _store.Watcher.Dispose();
        _store.Disk.Dispose();
        _lock.Dispose();
    }
}
