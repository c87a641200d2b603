using FullStack.Store.Accounts;
using FullStack.Store.Posix;

namespace FullStack.Store.Quota;

/// <summary>
/// What the mailboxes of one open account keep, and what is on its way into them. A mailbox that is loaded tells of each
/// change; of the others the number counted last is known, and what this process delivered since.
/// </summary>
/// <remarks>
/// What it keeps to:
/// <list type="number">
/// <item>Used and reserved together never exceed a limit through anything that this process does: a message's room is
/// reserved before it is placed, and turns into use in the same step in which the mailbox gets the message.</item>
/// <item>A mailbox's number is set, not added up, where the mailbox knows it: no error lasts.</item>
/// <item>A number with a stamp is right as long as the folder has that stamp.</item>
/// <item>Nothing waits for the disk under the lock.</item>
/// </list>
/// </remarks>
internal sealed class AccountUsage(StoreContext store, AccountName name, DomainUsage domain, string folder)
{
    private readonly Dictionary<string, MailboxUsage> _mailboxes = [];
    private readonly HashSet<string> _unwritten = [];
    private readonly UsageGate _gate = new();
    private QuotaAmount _used;
    private QuotaAmount _reserved;
    private QuotaAmount _unnoted;
    private bool _isCounted;
    private bool _isTracked;

    /// <summary>The mailboxes on the disk, to be counted where they are not loaded.</summary>
    public required MailboxCounts Counts { get; init; }

    /// <summary>The file beside the mail that other programs keep too; null where the format has none.</summary>
    public UsageNote? Note { get; set; }

    public AccountName Name => name;

    public DomainUsage Domain => domain;

    /// <summary>What the account keeps, as far as it is known. Exact after <see cref="CountAsync"/>.</summary>
    public QuotaAmount Used
    {
        get
        {
            lock (domain.Lock)
                return _used;
        }
    }

    /// <summary>The limits as they are now.</summary>
    /// <exception cref="IOException">They cannot be found out now.</exception>
    public ValueTask<AccountLimits> LimitsAsync(CancellationToken ct) => store.Limits.OfAsync(name, ct);

    /// <summary>Takes over what was written down when the account was last open. Blocks.</summary>
    public void Load()
    {
        List<UsageRow> rows = store.Usage.File.Load(domain.Folder, folder);
        lock (domain.Lock)
        {
            foreach (UsageRow row in rows)
            {
                _mailboxes[row.Entry] = new() { Amount = row.Amount, Stamp = row.Stamp };
                _used += row.Amount;
            }

            _isTracked = rows.Count > 0;
            domain.Report(folder, _used);
        }
    }

    /// <summary>Takes room for messages that are about to be placed.</summary>
    /// <returns>The reservation, to be disposed when the operation has ended; <see cref="StoreError.OverQuota"/>;
    /// <see cref="StoreError.TooBig"/> for one message that would not fit even into an empty account.</returns>
    /// <exception cref="IOException">The limits, or what is used, cannot be found out now.</exception>
    public async ValueTask<Result<Reservation>> ReserveAsync(QuotaAmount amount, CancellationToken ct)
    {
        AccountLimits limits = await LimitsAsync(ct);
        if (!limits.IsUnlimited)
            await PrepareAsync(limits, ct);
        if (Note is { } note)
            note.IsWanted = !limits.Account.IsUnlimited;
        for (bool again = false; ; again = true)
        {
            await _gate.EnterAsync(ct);
            if (TryReserve(limits, amount, out Reservation? reservation))
                return reservation;
            _gate.Leave();
            if (amount.Messages == 1 && (amount.Octets > limits.Account.Octets || amount.Octets > limits.Domain.Octets))
                return StoreError.TooBig;

            // Another program may have made room in a mailbox that is not loaded.
            if (again || !await CountAsync(all: false, ct))
                return StoreError.OverQuota;
        }
    }

    /// <summary>Begins an operation that takes no room, but removes messages or moves them.</summary>
    public async ValueTask<Reservation> HoldAsync(CancellationToken ct)
    {
        await _gate.EnterAsync(ct);
        return new(this);
    }

    /// <summary>Whether so much could be reserved now; nothing is.</summary>
    /// <exception cref="IOException">The limits, or what is used, cannot be found out now.</exception>
    public async ValueTask<StoreError> CheckAsync(QuotaAmount amount, CancellationToken ct)
    {
        Result<Reservation> reserved = await ReserveAsync(amount, ct);
        if (reserved.Ok)
            reserved.Value.Dispose();
        return reserved.Error;
    }

    /// <summary>Ends a reservation: what it still holds is free again.</summary>
    public void Release(Reservation reservation)
    {
        lock (domain.Lock)
            Change(reservation, default);
        _gate.Leave();
        Note?.Wake();
    }

    /// <summary>A loaded mailbox has changed, or was loaded.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="amount">What it keeps now.</param>
    /// <param name="operation">
    /// The operation of this process that changed it: its reservation becomes use where the mailbox grew, and keeps what the mailbox lost; null where the
    /// change was found.
    /// </param>
    public void Set(string entry, QuotaAmount amount, Reservation? operation)
    {
        lock (domain.Lock)
        {
            MailboxUsage mailbox = Find(entry);
            QuotaAmount change = amount - mailbox.Amount;
            if (change == default && mailbox.Stamp == 0)
                return;
            mailbox.Stamp = 0;
            Update(entry, mailbox, amount);
            if (operation is null)
                return;
            bool isGrowth = change.Messages > 0;
            Change(operation, isGrowth ? default : operation.Amount - change);
            _unnoted += change;
        }
    }

    /// <summary>Messages were placed into a mailbox that is not loaded.</summary>
    public void Add(string entry, Reservation operation)
    {
        lock (domain.Lock)
        {
            MailboxUsage mailbox = Find(entry);
            mailbox.Stamp = 0;
            Update(entry, mailbox, mailbox.Amount + operation.Amount);
            _unnoted += operation.Amount;
            Change(operation, default);
        }
    }

    /// <summary>A mailbox is gone with all its messages.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="isOurs">Whether this process removed it.</param>
    public void Remove(string entry, bool isOurs)
    {
        lock (domain.Lock)
        {
            if (!_mailboxes.TryGetValue(entry, out MailboxUsage? mailbox))
                return;
            if (isOurs)
                _unnoted -= mailbox.Amount;
            Update(entry, mailbox, default);
            _mailboxes.Remove(entry);
        }

        Note?.Wake();
    }

    /// <summary>A mailbox has another entry.</summary>
    public void Rename(string from, string to)
    {
        lock (domain.Lock)
        {
            if (!_mailboxes.Remove(from, out MailboxUsage? mailbox))
                return;
            mailbox.Version++;
            _mailboxes[to] = mailbox;
            _unwritten.UnionWith([from, to]);
        }

        PostWrite();
    }

    /// <summary>Counts the mailboxes that may have changed unseen.</summary>
    /// <param name="all">Whether every mailbox that is not loaded is counted, whatever its stamp.</param>
    /// <param name="ct">Ends the wait for those who are placing messages.</param>
    /// <returns>Whether any number was another than the one known.</returns>
    /// <exception cref="IOException">The account's folder cannot be listed now.</exception>
    public async Task<bool> CountAsync(bool all, CancellationToken ct)
    {
        QuotaAmount before = Used;
        await _gate.CountAsync(async () =>
        {
            HashSet<string> there = [];
            foreach (string entry in await Counts.ListAsync(ct))
            {
                there.Add(entry);
                await CountMailboxAsync(entry, all, ct);
            }

            RemoveOthers(there);
        }, ct);
        return Used != before;
    }

    /// <summary>What is to be written to other programs' file: the changes since it was asked last.</summary>
    /// <param name="used">What is used with these changes.</param>
    public QuotaAmount TakeUnnoted(out QuotaAmount used)
    {
        lock (domain.Lock)
        {
            QuotaAmount unnoted = _unnoted;
            (_unnoted, used) = (default, _used);
            return unnoted;
        }
    }

    /// <summary>What has not been written down yet; null where nothing is.</summary>
    public UsageChanges? TakeUnwritten()
    {
        lock (domain.Lock)
        {
            if (_unwritten.Count == 0)
                return null;
            UsageChanges changes = new(domain.Folder, folder, [], []);
            foreach (string entry in _unwritten)
            {
                if (_mailboxes.TryGetValue(entry, out MailboxUsage? mailbox))
                    changes.Changed.Add(new(entry, mailbox.Amount, mailbox.Stamp));
                else
                    changes.Gone.Add(entry);
            }

            _unwritten.Clear();
            return changes;
        }
    }

    /// <summary>Takes stock while nothing else happens: what other programs did is found, written down and noted. Never fails for what cannot be read now.</summary>
    public async Task RestAsync(CancellationToken ct)
    {
        try
        {
            bool isNeeded = !(await LimitsAsync(ct)).IsUnlimited || Volatile.Read(ref _isCounted);
            if (!isNeeded)
                Note?.LookAgain();
            else if (Note is { } note)
                await note.UpdateAsync(check: true, ct);
            else
                await CountAsync(all: false, ct);
        }
        catch (IOException e)
        {
            StoreLog.UsageUnknown(store.Log, name.ToString(), e.Message);
        }
    }

    private async Task PrepareAsync(AccountLimits limits, CancellationToken ct)
    {
        if (!Volatile.Read(ref _isCounted))
            await CountAsync(all: false, ct);
        if (!limits.Domain.IsUnlimited)
            await store.Usage.CompleteAsync(domain, ct);
    }

    private bool TryReserve(AccountLimits limits, QuotaAmount amount, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Reservation? reservation)
    {
        lock (domain.Lock)
        {
            bool fits = limits.Account.Allow(_used + _reserved + amount) && (limits.Domain.IsUnlimited || limits.Domain.Allow(domain.Taken + amount));
            reservation = fits ? new(this) : null;
            if (reservation is not null)
                Change(reservation, amount);
            return fits;
        }
    }

    private async Task CountMailboxAsync(string entry, bool all, CancellationToken ct)
    {
        long known;
        int version;
        lock (domain.Lock)
        {
            MailboxUsage? mailbox = _mailboxes.GetValueOrDefault(entry);
            (known, version) = (mailbox is null || all ? 0 : mailbox.Stamp, mailbox?.Version ?? 0);
        }

        FolderCount? result;
        try
        {
            result = await Counts.CountAsync(entry, known, ct);
        }
        catch (IOException e)
        {
            StoreLog.UsageUnknown(store.Log, name.ToString(), e.Message); // what is known of it is better than no mail
            return;
        }

        if (result is not { } counted)
            return;
        lock (domain.Lock)
        {
            MailboxUsage mailbox = Find(entry);
            if (mailbox.Version != version)
                return; // It was loaded meanwhile, and knows better.
            mailbox.Stamp = counted.Stamp.LastingAt(store.Time.GetUtcNow());
            _isTracked = true;
            Update(entry, mailbox, counted.Amount);
        }
    }

    private void RemoveOthers(HashSet<string> there)
    {
        lock (domain.Lock)
        {
            foreach ((string entry, MailboxUsage mailbox) in _mailboxes.ToArray())
            {
                if (there.Contains(entry))
                    continue;
                Update(entry, mailbox, default);
                _mailboxes.Remove(entry);
            }

            _isCounted = true;
        }
    }

    private MailboxUsage Find(string entry)
    {
        if (!_mailboxes.TryGetValue(entry, out MailboxUsage? mailbox))
            _mailboxes[entry] = mailbox = new();
        return mailbox;
    }

    private void Update(string entry, MailboxUsage mailbox, QuotaAmount amount)
    {
        _used += amount - mailbox.Amount;
        mailbox.Amount = amount;
        mailbox.Version++;
        domain.Report(folder, _used);
        _unwritten.Add(entry);
        PostWrite();
    }

    private void Change(Reservation reservation, QuotaAmount amount)
    {
        QuotaAmount change = amount - reservation.Amount;
        reservation.Amount = amount;
        _reserved += change;
        domain.Reserve(change);
    }

    /// <summary>An account that never had a limit is not worth writing down.</summary>
    private void PostWrite()
    {
        if (_isTracked)
            store.Usage.Post(this);
    }
}
