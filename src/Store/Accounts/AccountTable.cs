using System.Collections.Concurrent;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store.Accounts;

/// <summary>The open accounts: opened by the first lease, closed when nobody leased them for a while.</summary>
internal sealed class AccountTable(StoreContext store)
{
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
                    Account account = new(store, name);
                    _slots[name] = slot = new(account, store.Disk.RunAsync(() => MakeHome(account), CancellationToken.None));
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

            FileError made = await slot.Ready;
            if (made == FileError.None)
                return new AccountLease(slot.Account, () => Release(slot));
            Release(slot);
            lock (_gate)
                _slots.Remove(name);
            return store.Fail("opening the account", FilePath.Of(slot.Account.Directory), made);
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
                if (slot.Closing is not null || !slot.Ready.IsCompleted)
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
            if (slot.Closing is { } closing)
                await closing;
            else if (abandon)
                await slot.Account.AbandonAsync();
            else
                await CloseAsync(slot, hurried: true);
        }
    }

    private async Task CloseAsync(Slot slot, bool hurried)
    {
        await Task.Yield();
        try
        {
            await slot.Account.CloseAsync(hurried);
        }
        catch (IOException e)
        {
            // The next opening reads what was reserved and goes on behind it.
            StoreLog.IndexUnusable(store.Log, slot.Account.Name.ToString(), e.Message);
        }
        finally
        {
            StoreLog.AccountClosed(store.Log, slot.Account.Name.ToString());
            lock (_gate)
                _slots.Remove(slot.Account.Name);
        }
    }

    private async Task RestAsync(Slot slot)
    {
        try
        {
            await slot.Account.RestAsync(store.Options.AccountIdleTime);
        }
        catch (IOException e)
        {
            StoreLog.IndexUnusable(store.Log, slot.Account.Name.ToString(), e.Message);
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

    private FileError MakeHome(Account account)
    {
        // Two accounts of a new domain may open at once: the second may not go on before the domain is durable.
        string domain = Path.GetDirectoryName(account.Directory)!;
        Lazy<FileError> making = _domains.GetOrAdd(domain, path => new(() => MaildirFolder.MakeTree(store.Files, path)));
        FileError made = making.Value;
        if (made != FileError.None)
            _domains.TryRemove(new(domain, making));
        if (made == FileError.None)
            made = MaildirFolder.MakeTree(store.Files, account.Directory);
        if (made == FileError.None)
            made = account.Catalog.Home.Make();
        account.Usage.Load();
        return made == FileError.None ? store.Files.SyncDirectory(FilePath.Of(account.Directory)) : made;
    }

    private sealed class Slot(Account account, Task<FileError> ready)
    {
        public Account Account { get; } = account;
        public Task<FileError> Ready { get; } = ready;
        public int Leases { get; set; }
        public long LastUsed { get; set; }
        public Task? Closing { get; set; }
    }
}
