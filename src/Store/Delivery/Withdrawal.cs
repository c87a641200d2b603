using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Delivery;

/// <summary>
/// Takes messages out of a mailbox again that were placed there by what is refused now: who is told that nothing was copied or appended shall not find
/// it, and does it again.
/// </summary>
/// <remarks>
/// It needs no room: files lose their names, an mbox its end. Until they are gone the messages are in flight, so that no scan takes them for
/// another program's and gives them UIDs. Those that cannot be removed now stay so, and it is tried again when the mailbox is tidied, and when it is unloaded; a
/// crash before that lets them be found. The refusal is sent after it, so a crash in between leaves what an unanswered command may.
/// </remarks>
internal static class Withdrawal
{
    /// <summary>The mark of a message in flight that is to be removed.</summary>
    private const byte Owed = 1;

    /// <summary>Removes messages by the names that they were placed under; none needs to be there.</summary>
    public static async Task RunAsync(Mailbox mailbox, IEnumerable<byte[]> names)
    {
        using (await mailbox.EnterAsync(CancellationToken.None))
        {
            foreach (byte[] name in names)
                mailbox.InFlight[name] = Owed;
            await SettleAsync(mailbox);
        }

        mailbox.Announce();
    }

    /// <summary>Removes copies that were announced already.</summary>
    /// <exception cref="IOException">The index cannot be used, and the mailbox is not open.</exception>
    public static async Task RunAsync(TransferTarget place, UidValidity validity, IEnumerable<Uid> uids)
    {
        Result<Mailbox> found = await place.Account.Mailboxes.FindAsync(place.Name, CancellationToken.None);
        if (found.Ok && found.Value.Current is { } now && now.UidValidity == validity)
            await RunAsync(found.Value, [.. uids.Select(now.Messages.Find).OfType<MessageEntry>().Select(static entry => entry.FileName)]);
    }

    /// <summary>Removes what could not be removed before, also where the mailbox is dead, for the index may have been lost. Under the lock.</summary>
    public static async Task SettleAsync(Mailbox mailbox)
    {
        byte[][] names = [.. mailbox.InFlight.Where(static file => file.Value == Owed).Select(static file => file.Key)];
        if (names.Length == 0)
            return;
        FileError error = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.TakeBack(names));
        if (error != FileError.None)
        {
            StoreLog.NotWithdrawn(mailbox.Store.Log, mailbox.Folder.Path.ToString(), names.Length, error.ToString());
            return;
        }

        if (mailbox.IsLoaded)
            await RemoveAsync(mailbox, [.. names.Select(name => mailbox.Find(name)).OfType<MessageEntry>()]);
        foreach (byte[] name in names)
            mailbox.InFlight.TryRemove(name, out _);
    }

    /// <summary>Takes messages out of the list that had been announced.</summary>
    private static async Task RemoveAsync(Mailbox mailbox, MessageEntry[] known)
    {
        if (known.Length == 0)
            return;
        try
        {
            await mailbox.Counters.ReserveAsync(mailbox.Index, 0, CancellationToken.None);
            mailbox.Remove(known, mailbox.Counters.TakeModSeq(), operation: null);
        }
        catch (IOException)
        {
            mailbox.Store.Watcher.LookAgain(mailbox); // Their files are gone: a look finds that out when the index can be written.
        }
    }
}
