using FullStack.Store.Accounts;

namespace FullStack.Store.Quota;

/// <summary>
/// What the mailboxes of one open account keep, and what is on its way into them. A mailbox that is loaded tells of each
/// change; of the others the number counted last is known, and what this process delivered since.
/// </summary>
/// <remarks>The numbers are the <see cref="Ledger"/>'s, which waits for nothing; here is what waits: for limits, for the disk, and for those who are placing messages.</remarks>
internal sealed class AccountUsage
{
    private readonly StoreContext _store;
    private readonly UsageGate _gate = new();

    /// <param name="store">The store.</param>
    /// <param name="name">The account.</param>
    /// <param name="domain">Its domain's numbers.</param>
    /// <param name="folder">The name of its folder in the domain's.</param>
    public AccountUsage(StoreContext store, AccountName name, DomainUsage domain, string folder)
    {
        (_store, Name) = (store, name);
        Ledger = new(domain, folder) { Changed = () => store.Usage.Post(this) };
    }

    /// <summary>The mailboxes on the disk, to be counted where they are not loaded.</summary>
    public required MailboxCounts Counts { get; init; }

    /// <summary>The file beside the mail that other programs keep too; null where the format has none.</summary>
    public UsageNote? Note { get; set; }

    public AccountName Name { get; }

    /// <summary>The numbers.</summary>
    public UsageLedger Ledger { get; }

    /// <summary>What the account keeps, as far as it is known. Exact after <see cref="CountAsync"/>.</summary>
    public QuotaAmount Used => Ledger.Used;

    /// <summary>The limits as they are now.</summary>
    /// <exception cref="IOException">They cannot be found out now.</exception>
    public ValueTask<AccountLimits> LimitsAsync(CancellationToken ct) => _store.Limits.OfAsync(Name, ct);

    /// <summary>Takes over what was written down when the account was last open. Blocks.</summary>
    public void Load() => Ledger.Load(_store.Usage.File.Load(Ledger.Domain.Folder, Ledger.Folder));

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
            Reservation reservation = new(this);
            if (Ledger.TryReserve(reservation, amount, limits))
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
        Ledger.Free(reservation);
        _gate.Leave();
        Note?.Wake();
    }

    /// <summary>A mailbox is gone with all its messages.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="isOurs">Whether this process removed it.</param>
    public void Remove(string entry, bool isOurs)
    {
        if (Ledger.Remove(entry, isOurs))
            Note?.Wake();
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

            Ledger.EndCount(there);
        }, ct);
        return Used != before;
    }

    /// <summary>Takes stock while nothing else happens: what other programs did is found, written down and noted. Never fails for what cannot be read now.</summary>
    public async Task RestAsync(CancellationToken ct)
    {
        try
        {
            bool isNeeded = !(await LimitsAsync(ct)).IsUnlimited || Ledger.IsCounted;
            if (!isNeeded)
                Note?.LookAgain();
            else if (Note is { } note)
                await note.UpdateAsync(check: true, ct);
            else
                await CountAsync(all: false, ct);
        }
        catch (IOException e)
        {
            StoreLog.UsageUnknown(_store.Log, Name.ToString(), e.Message);
        }
    }

    private async Task PrepareAsync(AccountLimits limits, CancellationToken ct)
    {
        if (!Ledger.IsCounted)
            await CountAsync(all: false, ct);
        if (!limits.Domain.IsUnlimited)
            await _store.Usage.CompleteAsync(Ledger.Domain, ct);
    }

    private async Task CountMailboxAsync(string entry, bool all, CancellationToken ct)
    {
        (long stamp, int version) = Ledger.Known(entry);
        try
        {
            if (await Counts.CountAsync(entry, all ? 0 : stamp, ct) is { } counted)
                Ledger.SetCounted(entry, counted.Amount, counted.Stamp.LastingAt(_store.Time.GetUtcNow()), version);
        }
        catch (IOException e)
        {
            StoreLog.UsageUnknown(_store.Log, Name.ToString(), e.Message); // what is known of it is better than no mail
        }
    }
}
