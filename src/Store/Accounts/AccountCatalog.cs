using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using FullStack.Store.Takeover;

namespace FullStack.Store.Accounts;

/// <summary>
/// Which mailboxes an account has. The folders decide: one without a row gets one, a row without a folder goes. Members
/// other than <see cref="EnterAsync"/> are used under its lock.
/// </summary>
internal sealed class AccountCatalog(StoreContext store, AccountIndex index, IMailHome home, string directory)
{
    private readonly AsyncLock _lock = new();
    private readonly UidValidities _validities = new(store, directory);

    /// <summary>What is kept of the account beside the index.</summary>
    public AccountFile File { get; } = new(store, index, directory);

    private volatile Dictionary<MailboxName, MailboxRow>? _rows;

    public IMailHome Home => home;

    public ValueTask<AsyncLock.Held> EnterAsync(CancellationToken ct) => _lock.EnterAsync(ct);

    /// <summary>Called with a mailbox whose folder another program took away.</summary>
    public Action<MailboxRow>? Gone { get; set; }

    /// <summary>Called with a mailbox whose folder another program made.</summary>
    public Action<MailboxName>? Found { get; set; }

    /// <summary>Called with the former and the new entry of a mailbox that was renamed.</summary>
    public Action<string, string>? Moved { get; set; }

    /// <summary>Called when access lists came, went or got other names.</summary>
    public Action? AccessChanged { get; set; }

    /// <summary>Looks at the account where that was not done yet: an index that is new has been filled from what lies beside it then. Takes the lock.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async ValueTask EnsureKnownAsync(CancellationToken ct)
    {
        if (_rows is not null)
            return;
        using (await EnterAsync(ct))
        {
            if (_rows is null)
                await RefreshAsync(ct);
        }
    }

    /// <summary>The index was lost: everything is read again.</summary>
    public void Forget()
    {
        _rows = null;
        AccessChanged?.Invoke();
    }

    /// <summary>Whether there was a mailbox of this name or one below it when the folders were last looked at.</summary>
    public bool HasName(MailboxName name) => _rows is { } rows && (rows.ContainsKey(name) || rows.Keys.Any(other => other.IsBelow(name)));

    /// <summary>The mailbox's row; null where there is no such mailbox.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task<MailboxRow?> FindAsync(MailboxName name, CancellationToken ct)
    {
        if (_rows is { } rows && rows.TryGetValue(name, out MailboxRow? row)
            && await store.Disk.RunAsync(() => home.Find(home.Locate(row.Directory)) == FileError.None, ct))
            return await CurrentAsync(row, ct);
        return (await RefreshAsync(ct)).GetValueOrDefault(name);
    }

    /// <summary>All mailboxes as they are now on the disk.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task<Dictionary<MailboxName, MailboxRow>> RefreshAsync(CancellationToken ct)
    {
        await FinishRenamesAsync(orNone: false, ct);
        Dictionary<MailboxName, MailboxRow> rows = [];
        foreach (MailboxRow row in await index.ReadAsync(MailboxTable.Load, ct))
            rows[row.Name] = row;

        Dictionary<MailboxName, string> folders = await store.Disk.RunAsync(() => ListFolders(rows), ct);
        List<MailboxRow> gone = [.. rows.Values.Where(row => !folders.TryGetValue(row.Name, out string? folder) || folder != row.Directory)];
        List<KeyValuePair<MailboxName, string>> added = [.. folders.Where(f => !rows.TryGetValue(f.Key, out MailboxRow? row) || row.Directory != f.Value)];
        if (gone.Count + added.Count == 0)
            return _rows = rows;
        try
        {
            await TakeOverAsync(rows, gone, added, ct);
        }
        catch (IOException e) when (rows.ContainsKey(MailboxName.Inbox))
        {
            // A full disk must not shut off the mailboxes that are known; the next look tries again.
            StoreLog.IndexUnusable(store.Log, home.Path.ToString(), e.Message);
            foreach (MailboxRow row in gone)
                rows.Remove(row.Name);
            return _rows = rows;
        }

        return _rows = (await index.ReadAsync(MailboxTable.Load, ct)).ToDictionary(static row => row.Name);
    }

    /// <summary>Adds rows for new folders, which lie there durably, and what belongs to them, all or none.</summary>
    /// <param name="mailboxes">The mailboxes; there may be none.</param>
    /// <param name="also">What is written with them.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The ids of the mailboxes (RFC 8474 §4), in order.</returns>
    public async Task<List<string>> AddAsync(IReadOnlyList<NewMailbox> mailboxes, Action<IndexConnection>? also, CancellationToken ct)
    {
        UidValidity first = mailboxes.Count > 0 ? await NextValidityAsync(_rows ?? [], 0, mailboxes.Count, ct) : default;
        List<string> ids = [];
        await index.CommitAsync(i =>
        {
            foreach (NewMailbox mailbox in mailboxes)
                ids.Add(MailboxTable.Insert(i, mailbox.Name, mailbox.Folder, new(first.Value + (uint)ids.Count), mailbox.Use, MailboxOrigin.Own));
            also?.Invoke(i);
        }, ct);
        _rows = null;
        return ids;
    }

    public async Task RemoveAsync(MailboxRow row, CancellationToken ct)
    {
        await index.CommitAsync(i => MailboxTable.Delete(i, row.Id), ct);
        Forget();
    }

    /// <summary>Writes down which renames are to be done, before any is.</summary>
    public async Task BeginRenamesAsync(IReadOnlyList<PendingRename> renames, CancellationToken ct)
        => await index.CommitAsync(i =>
        {
            foreach (PendingRename rename in renames)
                MailboxTable.BeginRename(i, rename);
        }, ct);

    /// <summary>Does the renames that are written down, whether they began now or before a crash.</summary>
    /// <param name="orNone">Whether those done are undone where one fails.</param>
    /// <returns>The renames done.</returns>
    /// <exception cref="IOException">The index cannot be used, or the Maildir not be synced.</exception>
    public async Task<IReadOnlyList<PendingRename>> FinishRenamesAsync(bool orNone, CancellationToken ct)
    {
        List<PendingRename> renames = await index.ReadAsync(MailboxTable.LoadRenames, ct);
        if (renames.Count == 0)
            return [];
        List<PendingRename> done = await store.Disk.RunAsync(() => renames.Where(MoveFolder).ToList(), ct);
        FileError synced = await store.Sync.SyncAsync(home.Path);
        if (orNone && (synced != FileError.None || done.Count < renames.Count))
        {
            await store.Disk.RunAsync(() => done.RemoveAll(MoveFolderBack), CancellationToken.None);
            synced = await store.Sync.SyncAsync(home.Path);
        }

        foreach (PendingRename rename in done)
            Moved?.Invoke(rename.FromDirectory, rename.ToDirectory);
        if (synced != FileError.None)
            throw new IOException($"cannot sync {home.Path}: {synced}");
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
        Forget();
        return [.. done.Select(rename => renewed.ContainsKey(rename) ? rename with { IsRenewed = true } : rename)];
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
                renewed[rename] = row with { UidValidity = await NextValidityAsync(rows, 0, 1, ct) };
        }

        return renewed;
    }

    /// <summary>A row whose mailbox has used up its UIDs begins a new life.</summary>
    private async Task<MailboxRow> CurrentAsync(MailboxRow row, CancellationToken ct)
    {
        // The counters in the row move while the mailbox is open and after, so they are read when it is opened.
        List<MailboxRow> rows = await index.ReadAsync(MailboxTable.Load, ct);
        MailboxRow current = rows.Find(r => r.Id == row.Id) ?? row;
        if (current.UidNext <= MailboxCounters.LastUsableUid)
            return current;
        UidValidity validity = await NextValidityAsync(_rows ?? [], 0, 1, ct);
        await index.CommitAsync(i => MailboxTable.Renew(i, current.Id, validity), ct);
        return current with { UidValidity = validity, UidNext = 1 };
    }

    private async Task TakeOverAsync(
        Dictionary<MailboxName, MailboxRow> rows, List<MailboxRow> gone, List<KeyValuePair<MailboxName, string>> added, CancellationToken ct)
    {
        bool first = rows.Count == 0;
        (FormerTraces[] traces, AccountFacts? facts) = await store.Disk.RunAsync(
            () => (added.Select(a => home.FindTraces(a.Value)).ToArray(), first ? File.Read() : null), ct);
        FormerAccount? former = first && facts is null ? await store.Disk.RunAsync(home.ReadFormer, ct) : null;
        List<(MailboxName Name, string Folder, UidValidity Validity, FormerTraces Trace)> inserts = [];
        foreach ((KeyValuePair<MailboxName, string> folder, FormerTraces trace) in added.Zip(traces).OrderBy(static a => a.First.Key.Text, StringComparer.Ordinal))
        {
            // The number that a waiting mailbox has meanwhile lies above its former one, and so do all that come later.
            UidValidity validity = await NextValidityAsync(rows, Math.Max(trace.UidValidity, former?.UidValidity ?? 0), 1, ct);
            inserts.Add((folder.Key, folder.Value, validity, trace));
        }

        await index.CommitAsync(i =>
        {
            foreach (MailboxRow row in gone)
                MailboxTable.Delete(i, row.Id);
            foreach ((MailboxName name, string folder, UidValidity validity, FormerTraces trace) in inserts)
            {
                MailboxTable.Insert(i, name, folder, validity, SpecialUse.None, trace.Any ? MailboxOrigin.Waiting : MailboxOrigin.Own);
                if (trace.Acl is { Count: > 0 } acl)
                    AclTable.Replace(i, name, acl);
            }

            former?.Write(i);
            facts?.Store(i);
        }, ct);
        AccessChanged?.Invoke();
        if (former is not null)
            File.Touch();
        foreach (MailboxRow row in gone)
            Gone?.Invoke(row);
        foreach ((MailboxName name, _, _, _) in inserts)
            Found?.Invoke(name);
    }

    private async Task<UidValidity> NextValidityAsync(Dictionary<MailboxName, MailboxRow> rows, uint former, int count, CancellationToken ct)
    {
        uint above = rows.Count == 0 ? former : Math.Max(former, rows.Values.Max(static row => row.UidValidity.Value));
        return await store.Disk.RunAsync(() => _validities.Next(above, count), ct);
    }

    private Dictionary<MailboxName, string> ListFolders(Dictionary<MailboxName, MailboxRow> rows)
    {
        Dictionary<MailboxName, string> folders = new() { [MailboxName.Inbox] = "" };
        FileError listed = store.Files.List(home.Path, name =>
        {
            if (!home.TryDecode(name, out MailboxName? mailbox))
                return;
            string folder = System.Text.Encoding.UTF8.GetString(name);
            FileError found = home.Find(home.Locate(folder));
            bool isFolder = found == FileError.None
                || (found != FileError.NotFound && rows.TryGetValue(mailbox, out MailboxRow? known) && known.Directory == folder);
            if (!isFolder)
                return; // But a mailbox whose folder cannot be looked at now has not lost its UIDs.
            if (!folders.TryGetValue(mailbox, out string? other))
            {
                folders[mailbox] = folder;
                return;
            }

            // Two spellings on disk of one name: the one already known stays, else the one that we would write.
            string kept = rows.TryGetValue(mailbox, out MailboxRow? row) ? row.Directory : home.EntryOf(mailbox)!;
            folders[mailbox] = kept == folder ? folder : other;
            StoreLog.SameName(store.Log, folders[mailbox], kept == folder ? other : folder);
        });
        if (listed != FileError.None)
            throw new IOException($"cannot list {home.Path}: {listed}");

        // A listing may miss a name that gets another file in that moment, as an mbox does that is written anew.
        foreach (MailboxRow row in rows.Values)
        {
            if (!folders.ContainsKey(row.Name) && home.Find(home.Locate(row.Directory)) != FileError.NotFound)
                folders.Add(row.Name, row.Directory);
        }

        return folders;
    }

    private bool MoveFolderBack(PendingRename rename)
    {
        bool moved = store.Files.Rename(home.Locate(rename.ToDirectory), home.Locate(rename.FromDirectory)) == FileError.None;
        if (moved)
            home.Carry(rename.ToDirectory, rename.FromDirectory);
        return moved;
    }

    private bool MoveFolder(PendingRename rename)
    {
        FileError renamed = store.Files.Rename(home.Locate(rename.FromDirectory), home.Locate(rename.ToDirectory));

        // After a crash the folder may have moved already.
        bool moved = renamed == FileError.None
            || renamed == FileError.NotFound && home.Find(home.Locate(rename.ToDirectory)) == FileError.None;
        if (moved)
            home.Carry(rename.FromDirectory, rename.ToDirectory);
        return moved;
    }
}
