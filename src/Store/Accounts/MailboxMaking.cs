using FullStack.Store.Index;
using FullStack.Store.Posix;

namespace FullStack.Store.Accounts;

/// <summary>Makes mailboxes: folders first, then rows. What a crash leaves stands at <see cref="AccountMailboxes"/>, under CREATE.</summary>
internal sealed class MailboxMaking(StoreContext store, Account account)
{
    private IMailHome Home => account.Catalog.Home;

    /// <summary>Makes the folders of new mailboxes, then their rows. One whose folder is there already is left out.</summary>
    /// <param name="wanted">The new mailboxes; the lock of the catalog is held.</param>
    /// <param name="also">What to change in the same transaction, given those that were made.</param>
    /// <param name="ct">Ends it before anything is made.</param>
    /// <returns>The ids of the mailboxes made.</returns>
    public async Task<Result<List<string>>> RunAsync(
        IReadOnlyList<NewMailbox> wanted, Action<IndexConnection, IReadOnlyList<NewMailbox>>? also, CancellationToken ct)
    {
        List<NewMailbox> made = [];
        bool added = false;
        try
        {
            FileError error = await store.Disk.RunAsync(() => MakeFolders(wanted, made), ct);
            if (error == FileError.None && made.Count > 0)
                error = await store.Sync.SyncAsync(Home.Path);
            if (error != FileError.None)
                return store.Fail("creating a mailbox", Home.Path, error);
            List<string> ids = made.Count > 0 || also is not null
                ? await account.Catalog.AddAsync(made, i => also?.Invoke(i, made), CancellationToken.None) : [];
            added = true;
            return ids;
        }
        finally
        {
            // Who was told that there is no such mailbox shall not find it.
            if (!added && made.Count > 0)
                await store.Disk.RunAsync(() => RemoveFolders(made));
        }
    }

    /// <returns>What kept a folder from being made; those before it are made.</returns>
    private FileError MakeFolders(IReadOnlyList<NewMailbox> wanted, List<NewMailbox> made)
    {
        foreach (NewMailbox mailbox in wanted)
        {
            FileError error = MakeFolder(mailbox.Folder);
            if (error == FileError.None)
                made.Add(mailbox);
            else if (error != FileError.Exists)
                return error;
        }

        return FileError.None;
    }

    /// <summary>Made whole in the staging folder, then renamed: nobody sees half a mailbox.</summary>
    private FileError MakeFolder(string folder)
    {
        // One that is there and could not be entered into the index keeps what lies beside it, its UIDs among that.
        FileError found = Home.Find(Home.Locate(folder));
        if (found != FileError.NotFound)
            return found == FileError.None ? FileError.Exists : found;
        FilePath staged = Home.Stage("created");
        Home.Forget(folder);
        FileError made = Home.MakeMailbox(staged);
        if (made == FileError.None)
            made = store.Files.Rename(staged, Home.Locate(folder));
        if (made != FileError.None)
            Home.RemoveMailbox(staged);
        return made;
    }

    private Nothing RemoveFolders(List<NewMailbox> mailboxes)
    {
        foreach (NewMailbox mailbox in mailboxes)
        {
            FilePath grave = Home.Stage("removed");
            if (store.Files.Rename(Home.Locate(mailbox.Folder), grave) == FileError.None)
                Home.RemoveMailbox(grave);
        }

        return default;
    }
}
