using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Delivery;

/// <summary>One delivery into the INBOX of each of several accounts.</summary>
internal sealed class DeliveryRun(StoreContext store, AccountTable accounts, StagedMessage message)
{
    private readonly Placement _placement = new(store, message);

    /// <summary>Delivers to accounts that are all different.</summary>
    public async Task<Dictionary<AccountName, Result<Nothing>>> RunAsync(AccountName[] names, CancellationToken ct)
    {
        Dictionary<AccountName, Result<Nothing>> results = [];
        List<AccountLease> leases = [];
        try
        {
            foreach (AccountName name in names)
            {
                Result<AccountLease> lease = await accounts.LeaseAsync(name, ct);
                if (lease.Ok)
                    leases.Add(lease.Value);
                else
                    results[name] = lease.Error;
            }

            if (leases.Count == 0)
                return results;
            FileError prepared = await _placement.PrepareAsync(leases[0].Account.Inbox.Folder, modified: null);
            Task<Result<Nothing>>[] running = prepared == FileError.None
                ? [.. leases.Select(lease => DeliverAsync(lease.Account, only: leases.Count == 1))]
                : [.. leases.Select(lease => Task.FromResult<Result<Nothing>>(store.Fail("delivering", lease.Account.Inbox.Folder.Path, prepared)))];
            for (int i = 0; i < running.Length; i++)
                results[leases[i].Account.Name] = await running[i];
            return results;
        }
        finally
        {
            await _placement.FinishAsync();
            foreach (AccountLease lease in leases)
                lease.Dispose();
        }
    }

    private async Task<Result<Nothing>> DeliverAsync(Account account, bool only)
    {
        Mailbox inbox = account.Inbox;
        byte[] name = store.Names.Next(message.StoredOctets, message.WireOctets);
        inbox.InFlight.TryAdd(name, 0);
        FileError placed = await _placement.PlaceAsync(inbox.Folder, name, inNew: true, last: only);
        if (placed != FileError.None)
        {
            inbox.InFlight.TryRemove(name, out _);
            return store.Fail("delivering", inbox.Folder.Path, placed);
        }

        try
        {
            Arrival arrival = new(name, InNew: true, MessageFlags.None, message.WireOctets, store.Time.GetUtcNow(), message.Structure);
            await Arrival.AnnounceAsync(inbox, [arrival], CancellationToken.None);
        }
        catch (IOException e)
        {
            // The message is delivered all the same: it gets its UID when the index can be written again.
            StoreLog.IndexUnusable(store.Log, account.Name.ToString(), e.Message);
        }

        return default(Nothing);
    }
}
