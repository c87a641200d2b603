using FullStack.Store.Identity;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;

namespace FullStack.Store.Accounts;

/// <summary>
/// LIST, CREATE, DELETE and RENAME. Each takes effect in one rename of a folder; what the index knows follows, and is put
/// right from the folders after a crash in between.
/// </summary>
/// <remarks>
/// What a crash leaves; S is the staging folder, which the next start empties (in a home: names in the Maildir's tmp/, which the next opening of the account removes), F the mailbox's folder, R its row.
/// <list type="bullet">
/// <item>CREATE, in order: nothing; a part of the folder in S; the whole of it in S; F without R, which
/// <see cref="AccountCatalog"/> gives one; F and R, acknowledged. A folder is made in S whole and synced, so that F is
/// never without cur/. The default mailboxes go these ways together: some have F, then all, then all have R in one transaction. A next
/// look at the account finds those with F only, as if another program had made them, and they get their use and the rest then.</item>
/// <item>DELETE: F and R; the folder in S and R, which the catalog removes; the folder in S, acknowledged. R goes only
/// after the Maildir is synced; were it before, F could come back under UIDs that name other messages: it gets a new
/// UIDVALIDITY.</item>
/// <item>RENAME: F and R; these and the list of renames to be done; some folders renamed, and the list; all, and the
/// list; new names in the rows and no list, acknowledged. Whoever next looks at the catalog carries a list to its end.</item>
/// <item>RENAME of INBOX: a CREATE, then a MOVE of all messages (<see cref="ITransfer"/>): between the two there is an
/// empty mailbox, during the second each message is in one of the two.</item>
/// </list>
/// </remarks>
internal sealed class AccountMailboxes(StoreContext store, Account account)
{
    private readonly MailboxMaking _making = new(store, account);

    private AccountCatalog Catalog => account.Catalog;
    private IMailHome Home => account.Catalog.Home;

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

    /// <returns>The id of the mailbox (RFC 8474 §4).</returns>
    public async Task<Result<string>> CreateAsync(MailboxName name, SpecialUse use, CancellationToken ct)
    {
        using (await Catalog.EnterAsync(ct))
        {
            Dictionary<MailboxName, MailboxRow> rows = await Catalog.RefreshAsync(ct);
            if (rows.ContainsKey(name))
                return StoreError.AlreadyExists;
            if (rows.Count >= (await account.Usage.LimitsAsync(ct)).Mailboxes)
                return StoreError.OverQuota;
            Result<List<string>> added = await _making.RunAsync([new(name, Home.EntryOf(name)!, use)], null, ct);
            if (!added.Ok)
                return added.Error;
            return added.Value.Count == 1 ? added.Value[0] : StoreError.AlreadyExists;
        }
    }

    public async Task<Result<Nothing>> DeleteAsync(MailboxName name, CancellationToken ct)
    {
        if (name.IsInbox)
            return StoreError.NotPermitted;
        Mailbox? open;
        using Reservation operation = await account.Usage.HoldAsync(ct);
        FilePath grave = Home.Stage("deleted");
        using (await Catalog.EnterAsync(ct))
        {
            Dictionary<MailboxName, MailboxRow> rows = await Catalog.RefreshAsync(ct);
            if (!rows.TryGetValue(name, out MailboxRow? row))
                return rows.Keys.Any(other => other.IsBelow(name)) ? StoreError.NotPermitted : StoreError.NotFound;
            open = account.Mailboxes.Opened(name);
            FilePath folder = Home.Locate(row.Directory);
            FileError buried = open is null ? await BuryAsync(folder, grave) : await BuryAsync(open, folder, grave);
            if (buried != FileError.None)
                return store.Fail("deleting a mailbox", folder, buried);
            await Catalog.RemoveAsync(row, CancellationToken.None);
            account.Usage.Remove(row.Directory, isOurs: true);
            await store.Disk.RunAsync(() =>
            {
                Home.Forget(row.Directory);
                return default(Nothing);
            });
        }

        open?.Announce();
        account.Behind.Run(_ => store.Disk.RunAsync(() => Home.RemoveMailbox(grave)));
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

        using Reservation operation = await account.Usage.HoldAsync(ct);
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
                renames.Add(new(row.Name, target, row.Directory, Home.EntryOf(target)!));
            }

            if (renames.Count == 0)
                return StoreError.NotFound;
            return await RenameAllAsync(renames, ct);
        }
    }

    private async Task<Result<Nothing>> RenameAllAsync(List<PendingRename> renames, CancellationToken ct)
    {
        await Catalog.Renames.BeginAsync(renames, ct);

        // Open mailboxes learn their new place while their locks are held: nothing of theirs runs across the move.
        List<(Mailbox Mailbox, MailboxName From, AsyncLock.Held Held)> open = [];
        try
        {
            foreach (PendingRename rename in renames.OrderBy(static r => r.From.Text, StringComparer.Ordinal))
            {
                if (account.Mailboxes.Opened(rename.From) is { } mailbox)
                    open.Add((mailbox, rename.From, await mailbox.EnterAsync(CancellationToken.None)));
            }

            IReadOnlyList<PendingRename> done = await Catalog.FinishRenamesAsync(orNone: true, CancellationToken.None);
            foreach ((Mailbox mailbox, MailboxName name, _) in open)
            {
                if (done.FirstOrDefault(r => r.From == name) is not { } rename)
                    continue;
                if (rename.IsRenewed)
                {
                    // Its sessions know it by a UIDVALIDITY that it has no more.
                    account.Mailboxes.Drop(mailbox);
                    mailbox.Kill();
                    continue;
                }

                mailbox.Relocate(new(rename.To, rename.ToDirectory, mailbox.Folder.At(Home.Locate(rename.ToDirectory))));
                account.Mailboxes.Rename(name, mailbox);
            }

            return done.Count == renames.Count ? default(Nothing) : store.PutOff("renaming mailboxes", FilePath.Of(account.Directory), $"{done.Count} of {renames.Count} are done");
        }
        finally
        {
            foreach ((_, _, AsyncLock.Held held) in open)
                held.Dispose();
            foreach ((Mailbox mailbox, _, _) in open.Where(static o => o.Mailbox.IsDead))
                mailbox.Announce();
        }
    }

    /// <summary>RFC 3501 §6.3.5: renaming INBOX moves its messages to a new mailbox and leaves INBOX empty.</summary>
    private async Task<Result<Nothing>> MoveInboxAsync(MailboxName to, CancellationToken ct)
    {
        Result<Mailbox> inbox = await account.Mailboxes.FindAsync(MailboxName.Inbox, ct);
        if (!inbox.Ok)
            return inbox.Error;
        Result<string> made = await CreateAsync(to, SpecialUse.None, ct);
        if (!made.Ok)
            return made.Error;
        bool done = false;
        try
        {
            if (await account.Metadata.CopyAsync(inbox.Value, to, CancellationToken.None) is not StoreError.None and var error)
                return error;
            TransferTarget target = new(account, to);
            Result<CopyOutcome> moved = await IdentityTransfer.RunAsync(
                inbox.Value, target, UidSet.All, () => store.Format.Transfer(inbox.Value, target).MoveAsync(UidSet.All, CancellationToken.None), CancellationToken.None);
            done = moved.Ok;
            return done ? default(Nothing) : moved.Error;
        }
        finally
        {
            if (!done)
                await MoveBackAsync(to);
        }
    }

    /// <summary>Ends a rename of INBOX that failed: what was moved goes back, and the new mailbox goes once it is empty.</summary>
    private async Task MoveBackAsync(MailboxName to)
    {
        Result<Mailbox> made = await account.Mailboxes.FindAsync(to, CancellationToken.None);
        if (!made.Ok)
            return;
        await store.Format.Transfer(made.Value, new(account, MailboxName.Inbox)).MoveAsync(UidSet.All, CancellationToken.None);
        if (made.Value.Current is { Messages.Count: 0 })
            await DeleteAsync(to, CancellationToken.None);
    }

    /// <summary>Takes a folder out for good, or leaves it where it is.</summary>
    private async Task<FileError> BuryAsync(FilePath folder, FilePath grave)
    {
        FileError error = await store.Disk.RunAsync(() => store.Files.Rename(folder, grave), CancellationToken.None);
        if (error != FileError.None)
            return error;
        error = await store.Sync.SyncAsync(Home.Path);
        if (error != FileError.None)
            await store.Disk.RunAsync(() => store.Files.Rename(grave, folder), CancellationToken.None);
        return error;
    }

    private async Task<FileError> BuryAsync(Mailbox open, FilePath folder, FilePath grave)
    {
        using (await open.EnterAsync(CancellationToken.None))
        {
            FileError buried = await BuryAsync(folder, grave);
            if (buried == FileError.None)
            {
                open.Kill();
                account.Mailboxes.Drop(open);
            }

            return buried;
        }
    }
}
