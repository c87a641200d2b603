using FullStack.Store.Index;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using FullStack.Store.Takeover;

namespace FullStack.Store.Mailboxes;

/// <summary>Brings a mailbox into memory: as it was closed (its image), or from the index's rows and its folder, or from its folder alone.</summary>
internal static class MailboxLoader
{
    /// <summary>Loads the mailbox where it is not loaded yet.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<StoreError> LoadAsync(Mailbox mailbox, MailboxRow row, CancellationToken ct)
    {
        WireSizes sizes = await WireSizes.CountAsync(mailbox, isNew: row.UidNext == 1, ct);
        using (await mailbox.EnterAsync(ct))
        {
            if (mailbox.IsDead)
                return StoreError.NotFound;
            if (mailbox.IsLoaded)
                return StoreError.None;

            await mailbox.Index.FlushAsync(durable: false, ct);
            Result<MailboxRow> begun = await BeginAsync(mailbox, row, sizes, ct);
            if (!begun.Ok)
                return begun.Error;
            row = begun.Value;
            (MovesUnderWay underWay, MailboxImage? image) = await mailbox.Index.ReadAsync(
                index => (MovesUnderWay.Load(index), ImageTable.Load(index, row.Id, mailbox.Keywords)), ct);
            mailbox.Index.HasMessagesUnderWay |= !underWay.IsEmpty;

            // Watched before looked at, so that nothing slips in between.
            mailbox.Store.Watcher.Watch(mailbox);
            FileError loaded = FileError.Failed;
            try
            {
                loaded = await LoadAsync(mailbox, new(row, mailbox.List), underWay.IsEmpty ? image : null, sizes, underWay, ct);
            }
            finally
            {
                if (loaded == FileError.None)
                {
                    mailbox.Reveal();
                }
                else
                {
                    mailbox.Forget();
                    mailbox.Store.Watcher.Unwatch(mailbox);
                }
            }

            return loaded switch
            {
                FileError.None => StoreError.None,
                FileError.NotFound => StoreError.NotFound,
                _ => mailbox.Store.Fail("opening the mailbox", mailbox.Folder.Path, loaded),
            };
        }
    }

    private static async Task<FileError> LoadAsync(
        Mailbox mailbox, MailboxCounters counters, MailboxImage? image, WireSizes sizes, MovesUnderWay underWay, CancellationToken ct)
    {
        IReadOnlyList<FolderEvent>? events = null;
        FileError prepared = await mailbox.Store.Disk.RunAsync(
            () =>
            {
                FileError made = mailbox.Folder.Prepare(mayMake: mailbox.Location.Name.IsInbox);
                if (made != FileError.None)
                    return made;
                mailbox.Folder.Clean(mailbox.Store.Time.GetUtcNow());
                if (image is not null)
                    events = mailbox.Folder.ChangesSince(image.Mark, image.Messages);
                return made;
            }, ct);
        if (prepared != FileError.None)
            return prepared;
        if (image is null)
            return await RowLoader.LoadAsync(mailbox, counters, sizes, underWay, ct);

        // What others did to the folder since it was closed: as long as its directories have the same times, that is nothing.
        mailbox.Load(counters, image.Messages, image);
        if (events is not [])
            await LookAsync(mailbox, events);
        await mailbox.List.BeforeLoadedAsync(counters, mailbox.Snapshot.Messages, ct);
        return FileError.None;
    }

    private static async Task LookAsync(Mailbox mailbox, IReadOnlyList<FolderEvent>? events)
    {
        FolderFindings? findings = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.Look(mailbox, events), CancellationToken.None);
        try
        {
            if (findings is null)
                mailbox.Store.Watcher.LookAgain(mailbox);
            else if (!findings.IsEmpty)
                await MailboxRescan.ApplyAsync(mailbox, findings, CancellationToken.None);
        }
        catch (IOException e)
        {
            // A full disk, perhaps: what is known can still be read.
            StoreLog.IndexUnusable(mailbox.Store.Log, mailbox.Folder.Path.ToString(), e.Message);
            mailbox.Store.Watcher.LookAgain(mailbox);
        }
    }

    /// <summary>The numbers that the mailbox goes on with, from the index, its own list or a former server's.</summary>
    private static async Task<Result<MailboxRow>> BeginAsync(Mailbox mailbox, MailboxRow row, WireSizes sizes, CancellationToken ct)
    {
        // The row was read before the lock was had: another session may have opened and closed the mailbox meanwhile.
        long id = row.Id;
        if (await mailbox.Index.ReadAsync(index => MailboxTable.Find(index, id), ct) is not { } current)
            return StoreError.NotFound;
        Result<MailboxRow> begun = await UidListAdoption.RunAsync(mailbox, current, sizes, ct);
        return begun.Ok && begun.Value.Origin == MailboxOrigin.Waiting ? await MailboxTakeover.RunAsync(mailbox, begun.Value, sizes, ct) : begun;
    }
}
