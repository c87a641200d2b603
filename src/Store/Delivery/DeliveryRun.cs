using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;

namespace FullStack.Store.Delivery;

/// <summary>One delivery into one mailbox of each of several accounts: the INBOX, or one with a special use.</summary>
internal sealed class DeliveryRun(StoreContext store, AccountTable accounts, StagedMessage message, SpecialUse use, DeliveryMark? mark)
{
    private readonly IPlacement _placement = message.IsVerbatim
        ? throw new ArgumentException("its octets are no lines", nameof(message)) : store.Format.Place(message, mark);

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
                    results[name] = lease.Failure;
            }

            if (leases.Count == 0)
                return results;
            FileError prepared = await _placement.PrepareAsync(leases[0].Account.Mailboxes.Inbox, internalDate: null, isOnly: leases.Count == 1);
            Task<Result<Nothing>>[] running = prepared == FileError.None
                ? [.. leases.Select(lease => DeliverAsync(lease.Account, only: leases.Count == 1))]
                : [.. leases.Select(lease => Task.FromResult<Result<Nothing>>(store.Fail("delivering", lease.Account.Mailboxes.Inbox.Folder.Path, prepared)))];
            for (int i = 0; i < running.Length; i++)
                results[leases[i].Account.Name] = await running[i];
            return results;
        }
        finally
        {
            await _placement.DisposeAsync();
            foreach (AccountLease lease in leases)
                lease.Dispose();
        }
    }

    private async Task<Result<Nothing>> DeliverAsync(Account account, bool only)
    {
        Mailbox mailbox = account.Mailboxes.Inbox;
        try
        {
            if (use != SpecialUse.None && await account.FindUseAsync(use, CancellationToken.None) is { } special)
                mailbox = special;
            Result<Reservation> room = await account.Usage.ReserveAsync(new(message.StoredOctets, 1), CancellationToken.None);
            if (!room.Ok)
                return room.Error;
            using Reservation operation = room.Value;
            (FileError error, Arrival? arrival) = await _placement.PlaceAsync(mailbox, MessageFlags.None, store.Time.GetUtcNow());
            if (error == FileError.Exists && mark is not null)
                return default(Nothing); // An earlier delivery, of which nobody was told.
            if (arrival is null)
                return store.Fail("delivering", mailbox.Folder.Path, error);
            await AnnounceAsync(account, mailbox, arrival, operation);
            if (!only)
                message.NoteDelivered(new(account.Name, mailbox.Location.Name, arrival.FileName));
            return default(Nothing);
        }
        catch (IOException e)
        {
            StoreLog.IndexUnusable(store.Log, account.Name.ToString(), e.Message);
            return new StoreFailure(StoreError.Unavailable, e.Message);
        }
    }

    private async Task AnnounceAsync(Account account, Mailbox mailbox, Arrival arrival, Reservation operation)
    {
        try
        {
            await Arrival.AnnounceAsync(mailbox, [arrival], operation, stay: true, CancellationToken.None);
        }
        catch (IOException e)
        {
            // The message is delivered all the same: it gets its UID when the index can be written again.
            StoreLog.IndexUnusable(store.Log, account.Name.ToString(), e.Message);
        }
    }
}
