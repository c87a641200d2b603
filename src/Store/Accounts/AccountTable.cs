using System.Collections.Concurrent;
using FullStack.Store.Maildir;
using FullStack.Store.Places;
using FullStack.Store.Posix;

namespace FullStack.Store.Accounts;

/// <summary>The open accounts: opened by the first lease, closed when nobody leased them for a while.</summary>
internal sealed class AccountTable(StoreContext store, IAccountPlaces places)
{
    private readonly PlaceFinder _finder = new(store);
    private readonly Lock _gate = new();
    private readonly Dictionary<AccountName, Slot> _slots = [];
    private readonly ConcurrentDictionary<string, Lazy<FileError>> _domains = new();

    /// <summary>Opens an account, making its Maildir where there is none.</summary>
    public async Task<Result<AccountLease>> LeaseAsync(AccountName name, CancellationToken ct)
    {
        while (true)
        {
            Slot? slot;
            Task? closing = null;
            lock (_gate)
            {
                if (!_slots.TryGetValue(name, out slot))
                {
                    _slots[name] = slot = new(name, OpenAsync(name));
                    StoreLog.AccountOpened(store.Log, name.ToString());
                }

                if (slot.Closing is null)
                    slot.Leases++;
                else
                    closing = slot.Closing;
            }

            if (closing is not null)
            {
                await closing.WaitAsync(ct);
                continue;
            }

            Result<Account> opened = await slot.Ready;
            if (opened.Ok)
                return new AccountLease(opened.Value, () => Release(slot));
            Release(slot);
            lock (_gate)
            {
                // Not one that was opened anew meanwhile.
                if (_slots.GetValueOrDefault(name) == slot)
                    _slots.Remove(name);
            }

            return opened.Failure;
        }
    }

    /// <summary>Closes accounts that nobody uses, and lets mailboxes and databases of the others rest.</summary>
    public async Task SweepAsync()
    {
        List<Slot> closing = [], resting = [];
        lock (_gate)
        {
            foreach (Slot slot in _slots.Values)
            {
                if (slot.Closing is not null || slot.Opened is null)
                    continue;
                if (slot.Leases > 0 || store.Time.GetElapsedTime(slot.LastUsed) < store.Options.AccountIdleTime)
                {
                    resting.Add(slot);
                    continue;
                }

                closing.Add(slot);
            }

            foreach (Slot slot in closing)
                slot.Closing = CloseAsync(slot, hurried: false);
        }

        foreach (Slot slot in resting)
            await RestAsync(slot);
        await Task.WhenAll(closing.Select(static slot => slot.Closing!));
    }

    /// <summary>Closes all accounts, leased or not.</summary>
    public async Task CloseAllAsync(bool abandon)
    {
        Slot[] slots;
        lock (_gate)
            slots = [.. _slots.Values];
        foreach (Slot slot in slots)
        {
            Result<Account> opened = await slot.Ready;
            if (slot.Closing is { } closing)
                await closing;
            else if (opened.Ok && abandon)
                await opened.Value.AbandonAsync();
            else if (opened.Ok)
                await CloseAsync(slot, hurried: true);
        }
    }

    private async Task CloseAsync(Slot slot, bool hurried)
    {
        await Task.Yield();
        try
        {
            await slot.Opened!.CloseAsync(hurried);
        }
        catch (IOException e)
        {
            // The next opening reads what was reserved and goes on behind it.
            StoreLog.IndexUnusable(store.Log, slot.Name.ToString(), e.Message);
        }
        finally
        {
            StoreLog.AccountClosed(store.Log, slot.Name.ToString());
            lock (_gate)
                _slots.Remove(slot.Name);
        }
    }

    private async Task RestAsync(Slot slot)
    {
        try
        {
            await slot.Opened!.RestAsync(store.Options.AccountIdleTime);
        }
        catch (IOException e)
        {
            StoreLog.IndexUnusable(store.Log, slot.Name.ToString(), e.Message);
        }
    }

    private void Release(Slot slot)
    {
        lock (_gate)
        {
            slot.Leases--;
            slot.LastUsed = store.Time.GetTimestamp();
        }
    }

    /// <summary>Never throws: whoever waits for it gets an answer.</summary>
    private async Task<Result<Account>> OpenAsync(AccountName name)
    {
        await Task.Yield(); // A lock is held here, and a directory may take its time before it first waits.
        try
        {
            WantedPlace wanted = await places.OfAsync(name, CancellationToken.None);
            return await store.Disk.RunAsync(() => Open(name, wanted), CancellationToken.None);
        }
        catch (IOException e)
        {
            return Refuse(name, e.Message);
        }
    }

    private Result<Account> Open(AccountName name, WantedPlace wanted)
    {
        if (_finder.Find(name, wanted, out string? refusal) is not { } found)
            return Refuse(name, refusal!);

        // Two accounts of a new domain may open at once: the second may not go on before the domain is durable.
        Account account = new(store, name, found.Place);
        string domain = Path.GetDirectoryName(account.Directory)!;
        Lazy<FileError> making = _domains.GetOrAdd(domain, path => new(() => MaildirFolder.MakeTree(store.Files, path)));
        FileError made = making.Value;
        if (made != FileError.None)
            _domains.TryRemove(new(domain, making));
        if (made == FileError.None)
            made = MaildirFolder.MakeTree(store.Files, account.Directory);
        if (made == FileError.None)
            made = _finder.Prepare(account, found);
        account.Usage.Load();
        return made == FileError.None ? account
            : new StoreFailure(store.Fail("opening the account", FilePath.Of(account.Directory), made), $"opening the account in {account.Directory} failed: {made}");
    }

    private StoreFailure Refuse(AccountName name, string reason)
    {
        StoreLog.PlaceRefused(store.Log, name.ToString(), reason);
        return new(StoreError.Unavailable, reason);
    }

    private sealed class Slot(AccountName name, Task<Result<Account>> ready)
    {
        public AccountName Name { get; } = name;
        public Task<Result<Account>> Ready { get; } = ready;

        /// <summary>The account once it is open; null where it is not yet, or could not be.</summary>
        public Account? Opened => Ready is { IsCompletedSuccessfully: true, Result: { Ok: true } opened } ? opened.Value : null;

        public int Leases { get; set; }
        public long LastUsed { get; set; }
        public Task? Closing { get; set; }
    }
}
