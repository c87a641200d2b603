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
internal sealed class AccountCatalog
{
    private readonly StoreContext _store;
    private readonly AccountIndex _index;
    private readonly UidValidities _validities;
    private readonly AsyncLock _lock = new();
    private volatile Dictionary<MailboxName, MailboxRow>? _rows;

    /// <param name="store">The store.</param>
    /// <param name="index">The account's index.</param>
    /// <param name="home">Where its mailboxes are.</param>
    /// <param name="directory">Its folder, beside which the index lies.</param>
    public AccountCatalog(StoreContext store, AccountIndex index, IMailHome home, string directory)
    {
        (_store, _index, Home) = (store, index, home);
        _validities = new(store, directory);
        File = new(store, index, directory);
        Renames = new(store, index, home, _validities);
    }

    /// <summary>What is kept of the account beside the index.</summary>
    public AccountFile File { get; }

    /// <summary>Gives folders other names. What is done by it is seen here by <see cref="FinishRenamesAsync"/>.</summary>
    public FolderRenames Renames { get; }

    public IMailHome Home { get; }

    public ValueTask<AsyncLock.Held> EnterAsync(CancellationToken ct) => _lock.EnterAsync(ct);

    /// <summary>Called with a mailbox whose folder another program took away.</summary>
    public Action<MailboxRow>? Gone { get; set; }

    /// <summary>Called with a mailbox whose folder another program made.</summary>
    public Action<MailboxName>? Found { get; set; }

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
            && await _store.Disk.RunAsync(() => Home.Find(Home.Locate(row.Directory)) == FileError.None, ct))
            return await CurrentAsync(row, ct);
        return (await RefreshAsync(ct)).GetValueOrDefault(name);
    }

    /// <summary>All mailboxes as they are now on the disk.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task<Dictionary<MailboxName, MailboxRow>> RefreshAsync(CancellationToken ct)
    {
        await FinishRenamesAsync(orNone: false, ct);
        Dictionary<MailboxName, MailboxRow> rows = [];
        foreach (MailboxRow row in await _index.ReadAsync(MailboxTable.Load, ct))
            rows[row.Name] = row;

        Dictionary<MailboxName, string> folders = await _store.Disk.RunAsync(() => ListFolders(rows), ct);
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
            StoreLog.IndexUnusable(_store.Log, Home.Path.ToString(), e.Message);
            foreach (MailboxRow row in gone)
                rows.Remove(row.Name);
            return _rows = rows;
        }

        return _rows = (await _index.ReadAsync(MailboxTable.Load, ct)).ToDictionary(static row => row.Name);
    }

    /// <summary>Adds rows for new folders, which lie there durably, and what belongs to them, all or none.</summary>
    /// <param name="mailboxes">The mailboxes; there may be none.</param>
    /// <param name="also">What is written with them.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The ids of the mailboxes (RFC 8474 §4), in order.</returns>
    public async Task<List<string>> AddAsync(IReadOnlyList<NewMailbox> mailboxes, Action<IndexConnection>? also, CancellationToken ct)
    {
        UidValidity first = mailboxes.Count > 0 ? await _validities.NextAsync(_rows ?? [], 0, mailboxes.Count, ct) : default;
        List<string> ids = [];
        await _index.CommitAsync(i =>
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
        await _index.CommitAsync(i => MailboxTable.Delete(i, row.Id), ct);
        Forget();
    }

    /// <summary>Does the renames that are written down, whether they began now or before a crash.</summary>
    /// <param name="orNone">Whether those done are undone where one fails.</param>
    /// <param name="ct">Ends the wait before the first.</param>
    /// <returns>The renames done.</returns>
    /// <exception cref="IOException">The index cannot be used, or the Maildir not be synced.</exception>
    public async Task<IReadOnlyList<PendingRename>> FinishRenamesAsync(bool orNone, CancellationToken ct)
    {
        if (await Renames.FinishAsync(orNone, ct) is not { } done)
            return [];
        Forget();
        return done;
    }

    /// <summary>A row whose mailbox has used up its UIDs begins a new life.</summary>
    private async Task<MailboxRow> CurrentAsync(MailboxRow row, CancellationToken ct)
    {
        // The counters in the row move while the mailbox is open and after, so they are read when it is opened.
        List<MailboxRow> rows = await _index.ReadAsync(MailboxTable.Load, ct);
        MailboxRow current = rows.Find(r => r.Id == row.Id) ?? row;
        if (current.UidNext <= MailboxCounters.LastUsableUid)
            return current;
        UidValidity validity = await _validities.NextAsync(_rows ?? [], 0, 1, ct);
        await _index.CommitAsync(i => MailboxTable.Renew(i, current.Id, validity), ct);
        return current with { UidValidity = validity, UidNext = 1 };
    }

    private async Task TakeOverAsync(
        Dictionary<MailboxName, MailboxRow> rows, List<MailboxRow> gone, List<KeyValuePair<MailboxName, string>> added, CancellationToken ct)
    {
        bool first = rows.Count == 0;
        (FormerTraces[] traces, AccountFacts? facts) = await _store.Disk.RunAsync(
            () => (added.Select(a => Home.FindTraces(a.Value)).ToArray(), first ? File.Read() : null), ct);
        FormerAccount? former = first && facts is null ? await _store.Disk.RunAsync(Home.ReadFormer, ct) : null;
        List<(MailboxName Name, string Folder, UidValidity Validity, FormerTraces Trace)> inserts = [];
        foreach ((KeyValuePair<MailboxName, string> folder, FormerTraces trace) in added.Zip(traces).OrderBy(static a => a.First.Key.Text, StringComparer.Ordinal))
        {
            // The number that a waiting mailbox has meanwhile lies above its former one, and so do all that come later.
            UidValidity validity = await _validities.NextAsync(rows, Math.Max(trace.UidValidity, former?.UidValidity ?? 0), 1, ct);
            inserts.Add((folder.Key, folder.Value, validity, trace));
        }

        await _index.CommitAsync(i =>
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

    private Dictionary<MailboxName, string> ListFolders(Dictionary<MailboxName, MailboxRow> rows)
    {
        Dictionary<MailboxName, string> folders = new() { [MailboxName.Inbox] = "" };
        FileError listed = _store.Files.List(Home.Path, name =>
        {
            if (!Home.TryDecode(name, out MailboxName? mailbox))
                return;
            string folder = System.Text.Encoding.UTF8.GetString(name);
            FileError found = Home.Find(Home.Locate(folder));
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
            string kept = rows.TryGetValue(mailbox, out MailboxRow? row) ? row.Directory : Home.EntryOf(mailbox)!;
            folders[mailbox] = kept == folder ? folder : other;
            StoreLog.SameName(_store.Log, folders[mailbox], kept == folder ? other : folder);
        });
        if (listed != FileError.None)
            throw new IOException($"cannot list {Home.Path}: {listed}");

        // A listing may miss a name that gets another file in that moment, as an mbox does that is written anew.
        foreach (MailboxRow row in rows.Values)
        {
            if (!folders.ContainsKey(row.Name) && Home.Find(Home.Locate(row.Directory)) != FileError.NotFound)
                folders.Add(row.Name, row.Directory);
        }

        return folders;
    }
}
