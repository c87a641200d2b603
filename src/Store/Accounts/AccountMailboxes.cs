using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Accounts;

/// <summary>
/// LIST, CREATE, DELETE and RENAME. Each takes effect in one rename of a folder; what the index knows follows, and is put
/// right from the folders after a crash in between.
/// </summary>
internal sealed class AccountMailboxes(StoreContext store, Account account)
{
    private const string DefaultsMade = "default mailboxes made";

    private static readonly (string Name, SpecialUse Use)[] Defaults =
    [
        ("Drafts", SpecialUse.Drafts), ("Sent", SpecialUse.Sent), ("Junk", SpecialUse.Junk), ("Trash", SpecialUse.Trash),
        ("Archive", SpecialUse.Archive),
    ];

    private AccountCatalog Catalog => account.Catalog;

    public async Task<Result<Nothing>> EnsureDefaultsAsync(CancellationToken ct)
    {
        if (await account.Index.ReadAsync(static i => MailboxTable.Fact(i, DefaultsMade), ct) != 0)
            return default(Nothing);
        foreach ((string text, SpecialUse use) in Defaults)
        {
            MailboxName.TryParse(text, out MailboxName? name);
            Result<Nothing> made = await CreateAsync(name!, use, ct);
            if (!made.Ok && made.Error != StoreError.AlreadyExists)
                return made;
            await AdoptAsync(name!, use, ct);
        }

        await account.Index.CommitAsync(static i => MailboxTable.SetFact(i, DefaultsMade, 1), ct);
        return default(Nothing);
    }

    public async Task<IReadOnlyList<MailboxInfo>> ListAsync(CancellationToken ct)
    {
        Dictionary<MailboxName, MailboxRow> rows;
        HashSet<MailboxName> subscribed = [];
        using (await Catalog.EnterAsync(ct))
            rows = await Catalog.RefreshAsync(ct);
        foreach (string text in await account.Index.ReadAsync(MailboxTable.LoadSubscriptions, ct))
        {
            if (MailboxName.TryParse(text, out MailboxName? name))
                subscribed.Add(name);
        }

        HashSet<MailboxName> parents = [];
        foreach (MailboxName name in rows.Keys)
        {
            for (MailboxName? parent = name.Parent; parent is not null; parent = parent.Parent)
                parents.Add(parent);
        }

        return
        [
            .. rows.Keys.Union(parents).Union(subscribed)
                .OrderBy(static name => !name.IsInbox).ThenBy(static name => name.Text, StringComparer.Ordinal)
                .Select(name => new MailboxInfo(
                    name, rows.ContainsKey(name), parents.Contains(name), subscribed.Contains(name), rows.GetValueOrDefault(name)?.SpecialUse ?? SpecialUse.None)),
        ];
    }

    public async Task<Result<Nothing>> CreateAsync(MailboxName name, SpecialUse use, CancellationToken ct)
    {
        using (await Catalog.EnterAsync(ct))
        {
            if ((await Catalog.RefreshAsync(ct)).ContainsKey(name))
                return StoreError.AlreadyExists;
            string folder = FolderNames.Encode(name.Text)!;
            FileError made = await store.Disk.RunAsync(() => MakeFolder(folder), ct);
            if (made == FileError.None)
                made = await store.Sync.SyncAsync(Catalog.Maildir);
            if (made != FileError.None)
                return made == FileError.Exists ? StoreError.AlreadyExists : store.Fail("creating a mailbox", Catalog.Maildir, made);
            try
            {
                await Catalog.AddAsync(name, folder, use, ct);
            }
            catch (IOException)
            {
                await store.Disk.RunAsync(() => MaildirFolder.RemoveTree(store.Files, Catalog.Maildir.Child(folder)));
                throw;
            }

            return default(Nothing);
        }
    }

    public async Task<Result<Nothing>> DeleteAsync(MailboxName name, CancellationToken ct)
    {
        if (name.IsInbox)
            return StoreError.NotPermitted;
        Mailbox? open;
        FilePath grave = store.Staging.Child($"deleted-{store.Names.NextTemporary()}");
        using (await Catalog.EnterAsync(ct))
        {
            Dictionary<MailboxName, MailboxRow> rows = await Catalog.RefreshAsync(ct);
            if (!rows.TryGetValue(name, out MailboxRow? row))
                return rows.Keys.Any(other => other.IsBelow(name)) ? StoreError.NotPermitted : StoreError.NotFound;
            open = account.Opened(name);
            FilePath folder = Catalog.FolderOf(row).Path;
            FileError buried = open is null
                ? await store.Disk.RunAsync(() => store.Files.Rename(folder, grave), CancellationToken.None)
                : await BuryAsync(open, folder, grave);
            if (buried != FileError.None)
                return store.Fail("deleting a mailbox", folder, buried);
            FileError synced = await store.Sync.SyncAsync(Catalog.Maildir);
            await Catalog.RemoveAsync(row, CancellationToken.None);
            if (synced != FileError.None)
                return store.Fail("deleting a mailbox", folder, synced);
        }

        open?.Announce();
        account.RunBehind(_ => store.Disk.RunAsync(() => MaildirFolder.RemoveTree(store.Files, grave)));
        return default(Nothing);
    }

    public async Task<Result<Nothing>> RenameAsync(MailboxName from, MailboxName to, CancellationToken ct)
    {
        if (to.IsInbox)
            return StoreError.AlreadyExists;
        if (from.IsInbox)
            return await MoveInboxAsync(to, ct);
        if (to == from || to.IsBelow(from))
            return to == from ? StoreError.AlreadyExists : StoreError.NotPermitted;

        using (await Catalog.EnterAsync(ct))
        {
            Dictionary<MailboxName, MailboxRow> rows = await Catalog.RefreshAsync(ct);
            List<PendingRename> renames = [];
            foreach (MailboxRow row in rows.Values.Where(row => row.Name == from || row.Name.IsBelow(from)))
            {
                if (!MailboxName.TryParse(to.Text + row.Name.Text[from.Text.Length..], out MailboxName? target))
                    return StoreError.BadName;
                if (rows.ContainsKey(target))
                    return StoreError.AlreadyExists;
                renames.Add(new(row.Name, target, row.Directory, FolderNames.Encode(target.Text)!));
            }

            if (renames.Count == 0)
                return StoreError.NotFound;
            return await RenameAllAsync(renames, ct);
        }
    }

    private async Task<Result<Nothing>> RenameAllAsync(List<PendingRename> renames, CancellationToken ct)
    {
        await Catalog.BeginRenamesAsync(renames, ct);

        // Open mailboxes learn their new place while their locks are held: nothing of theirs runs across the move.
        List<(Mailbox Mailbox, MailboxName From, AsyncLock.Held Held)> open = [];
        try
        {
            foreach (PendingRename rename in renames.OrderBy(static r => r.From.Text, StringComparer.Ordinal))
            {
                if (account.Opened(rename.From) is { } mailbox)
                    open.Add((mailbox, rename.From, await mailbox.EnterAsync(CancellationToken.None)));
            }

            IReadOnlyList<PendingRename> done = await Catalog.FinishRenamesAsync(CancellationToken.None);
            foreach ((Mailbox mailbox, MailboxName name, _) in open)
            {
                if (done.FirstOrDefault(r => r.From == name) is not { } rename)
                    continue;
                mailbox.Relocate(new(rename.To, new MaildirFolder(Catalog.Maildir.Child(rename.ToDirectory))));
                account.Rename(name, mailbox);
            }

            return done.Count == renames.Count ? default(Nothing) : StoreError.Unavailable;
        }
        finally
        {
            foreach ((_, _, AsyncLock.Held held) in open)
                held.Dispose();
        }
    }

    /// <summary>RFC 3501 §6.3.5: renaming INBOX moves its messages to a new mailbox and leaves INBOX empty.</summary>
    private async Task<Result<Nothing>> MoveInboxAsync(MailboxName to, CancellationToken ct)
    {
        Result<Nothing> made = await CreateAsync(to, SpecialUse.None, ct);
        if (!made.Ok)
            return made;
        Result<Mailbox> inbox = await account.FindAsync(MailboxName.Inbox, ct);
        if (!inbox.Ok)
            return inbox.Error;
        Result<CopyOutcome> moved = await new Transfer(account, inbox.Value, to).MoveAsync(UidSet.All, ct);
        return moved.Ok ? default(Nothing) : moved.Error;
    }

    /// <summary>A default mailbox gets its use also where another program made its folder before, and is subscribed.</summary>
    private async Task AdoptAsync(MailboxName name, SpecialUse use, CancellationToken ct)
    {
        using (await Catalog.EnterAsync(ct))
        {
            MailboxRow? row = await Catalog.FindAsync(name, ct);
            await account.Index.CommitAsync(i =>
            {
                if (row is { SpecialUse: SpecialUse.None })
                    MailboxTable.SetUse(i, row.Id, use);
                MailboxTable.SetSubscribed(i, name, true);
            }, ct);
            Catalog.Forget();
        }
    }

    /// <summary>Made whole in the staging folder, then renamed: nobody sees a mailbox without its cur/.</summary>
    private FileError MakeFolder(string folder)
    {
        FilePath staged = store.Staging.Child($"created-{store.Names.NextTemporary()}");
        FileError made = new MaildirFolder(staged).Make(store.Files, marker: true);
        if (made == FileError.None)
            made = store.Files.Rename(staged, Catalog.Maildir.Child(folder));
        if (made != FileError.None)
            MaildirFolder.RemoveTree(store.Files, staged);
        return made;
    }

    private async Task<FileError> BuryAsync(Mailbox open, FilePath folder, FilePath grave)
    {
        using (await open.EnterAsync(CancellationToken.None))
        {
            FileError buried = await store.Disk.RunAsync(() => store.Files.Rename(folder, grave), CancellationToken.None);
            if (buried == FileError.None)
            {
                open.Kill();
                account.Drop(open);
            }

            return buried;
        }
    }
}
