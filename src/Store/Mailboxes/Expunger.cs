using FullStack.Store.Posix;
using FullStack.Store.Quota;

namespace FullStack.Store.Mailboxes;

/// <summary>Removes messages for good.</summary>
/// <remarks>
/// What a crash leaves: the file and its row; the file without its row, which gets a new UID when it is found; the row
/// without its file, which becomes a tombstone; neither, acknowledged once the directory is synced. Of several messages
/// some may be gone.
/// </remarks>
internal static class Expunger
{
    /// <summary>Removes messages.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="uids">Which ones.</param>
    /// <param name="onlyDeleted">Only those that have \Deleted.</param>
    /// <param name="ct">Ends the wait for the lock.</param>
    /// <exception cref="IOException">The index cannot be written.</exception>
    public static async Task<Result<UidSet>> ExpungeAsync(Mailbox mailbox, UidSet uids, bool onlyDeleted, CancellationToken ct)
    {
        List<MessageEntry> removed = [];
        FileError failed = FileError.None;
        MailboxLocation location;
        using Reservation operation = await mailbox.Usage.HoldAsync(ct);
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return StoreError.NotFound;
            location = mailbox.Location;
            MessageList messages = mailbox.Snapshot.Messages;
            List<MessageEntry> wanted = [.. onlyDeleted ? messages.In(uids, SystemFlags.Deleted) : messages.In(uids)];
            if (wanted.Count == 0)
                return UidSet.Empty;
            await mailbox.Counters.ReserveAsync(mailbox.Index, 0, ct);
            failed = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.Remove(mailbox, wanted, removed), CancellationToken.None);
            if (removed.Count > 0)
                mailbox.Remove(removed, mailbox.Counters.TakeModSeq(), operation);
        }

        if (removed.Count > 0)
            mailbox.Announce();
        if (failed != FileError.None)
            return mailbox.Store.Fail("expunging", location.Folder.Path, failed);

        FileError synced = await location.Folder.SyncAsync(alsoNew: removed.Exists(static e => e.InNew));
        return synced == FileError.None
            ? new UidSet(NumberRanges.From(removed.Select(static e => e.Uid.Value)))
            : mailbox.Store.Fail("syncing", location.Folder.Path, synced);
    }
}
