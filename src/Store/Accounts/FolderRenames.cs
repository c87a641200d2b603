using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Accounts;

/// <summary>Gives the folders of an account's mailboxes other names.</summary>
/// <remarks>
/// The states that a crash can leave, W being the renames that are written down, F the folders that have moved and R the rows: nothing; W; W and some of F, which
/// are durable or not; W and all of F, synced; R in place of W. Whoever looks at the account next goes on from there.
/// </remarks>
internal sealed class FolderRenames(StoreContext store, AccountIndex index, IMailHome home, UidValidities validities)
{
    /// <summary>Called with the former and the new entry of a mailbox that was renamed.</summary>
    public Action<string, string>? Moved { get; set; }

    /// <summary>Writes down which renames are to be done, before any is.</summary>
    public async Task BeginAsync(IReadOnlyList<PendingRename> renames, CancellationToken ct)
        => await index.CommitAsync(i =>
        {
            foreach (PendingRename rename in renames)
                MailboxTable.BeginRename(i, rename);
        }, ct);

    /// <summary>Does the renames that are written down.</summary>
    /// <param name="orNone">Whether those done are undone where one fails.</param>
    /// <param name="ct">Ends the wait before the first.</param>
    /// <returns>The renames done; null where there were none to do.</returns>
    /// <exception cref="IOException">The index cannot be used, or the Maildir not be synced.</exception>
    public async Task<IReadOnlyList<PendingRename>?> FinishAsync(bool orNone, CancellationToken ct)
    {
        List<PendingRename> renames = await index.ReadAsync(MailboxTable.LoadRenames, ct);
        if (renames.Count == 0)
            return null;
        List<PendingRename> done = await MoveAsync(renames, orNone, ct);
        Dictionary<PendingRename, MailboxRow> renewed = await RenewTwinsAsync(done, ct);
        await index.CommitAsync(i =>
        {
            foreach ((_, MailboxRow row) in renewed)
                MailboxTable.SetValidity(i, row.Id, row.UidValidity);
            foreach (PendingRename rename in renames)
            {
                if (done.Contains(rename))
                    MailboxTable.Rename(i, rename);
                else
                    MailboxTable.ForgetRename(i, rename);
            }
        }, ct);
        return [.. done.Select(rename => renewed.ContainsKey(rename) ? rename with { IsRenewed = true } : rename)];
    }

    private async Task<List<PendingRename>> MoveAsync(List<PendingRename> renames, bool orNone, CancellationToken ct)
    {
        List<PendingRename> done = await store.Disk.RunAsync(() => renames.Where(Move).ToList(), ct);
        FileError synced = await store.Sync.SyncAsync(home.Path);
        if (orNone && (synced != FileError.None || done.Count < renames.Count))
        {
            await store.Disk.RunAsync(() => done.RemoveAll(MoveBack), CancellationToken.None);
            synced = await store.Sync.SyncAsync(home.Path);
        }

        foreach (PendingRename rename in done)
            Moved?.Invoke(rename.FromDirectory, rename.ToDirectory);
        return synced == FileError.None ? done : throw new IOException($"cannot sync {home.Path}: {synced}");
    }

    private bool Move(PendingRename rename)
    {
        FileError renamed = store.Files.Rename(home.Locate(rename.FromDirectory), home.Locate(rename.ToDirectory));

        // After a crash the folder may have moved already.
        bool moved = renamed == FileError.None
            || renamed == FileError.NotFound && home.Find(home.Locate(rename.ToDirectory)) == FileError.None;
        if (moved)
            home.Carry(rename.FromDirectory, rename.ToDirectory);
        return moved;
    }

    private bool MoveBack(PendingRename rename)
    {
        bool moved = store.Files.Rename(home.Locate(rename.ToDirectory), home.Locate(rename.FromDirectory)) == FileError.None;
        if (moved)
            home.Carry(rename.ToDirectory, rename.FromDirectory);
        return moved;
    }

    /// <summary>
    /// Mailboxes that get a name which, for a client that did not look for a while, might be that of another mailbox with the
    /// same UIDVALIDITY: Courier gave one to all folders made in the same second. They get one of their own.
    /// </summary>
    private async Task<Dictionary<PendingRename, MailboxRow>> RenewTwinsAsync(List<PendingRename> done, CancellationToken ct)
    {
        Dictionary<PendingRename, MailboxRow> renewed = [];
        Dictionary<MailboxName, MailboxRow> rows = (await index.ReadAsync(MailboxTable.Load, ct)).ToDictionary(static row => row.Name);
        foreach (PendingRename rename in done)
        {
            if (rows.TryGetValue(rename.From, out MailboxRow? row) && row.Origin == MailboxOrigin.Former
                && rows.Values.Any(other => other.Id != row.Id && other.UidValidity == row.UidValidity))
                renewed[rename] = row with { UidValidity = await validities.NextAsync(rows, 0, 1, ct) };
        }

        return renewed;
    }
}
