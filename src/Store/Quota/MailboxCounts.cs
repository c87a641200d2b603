using System.Text;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Quota;

/// <summary>What a count of one folder gave.</summary>
/// <param name="Amount">What lies in it.</param>
/// <param name="Stamp">The folder as it was just before.</param>
internal readonly record struct FolderCount(QuotaAmount Amount, FolderStamp Stamp);

/// <summary>Counts the mailboxes of one account on the disk.</summary>
/// <param name="store">The store.</param>
/// <param name="home">The account's mailboxes.</param>
/// <param name="opened">The mailbox object of a name, where this process has one.</param>
internal sealed class MailboxCounts(StoreContext store, IMailHome home, Func<MailboxName, Mailbox?> opened)
{
    /// <summary>The entries of all mailboxes that are there.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public Task<List<string>> ListAsync(CancellationToken ct) => store.Disk.RunAsync(() =>
    {
        List<string> entries = [""];
        FileError listed = store.Files.List(home.Path, name =>
        {
            if (home.TryDecode(name, out _))
                entries.Add(Encoding.UTF8.GetString(name));
        });
        if (listed is not (FileError.None or FileError.NotFound))
            throw new IOException($"cannot list {home.Path}: {listed}");
        entries.RemoveAll(entry => entry.Length > 0 && home.Find(home.Locate(entry)) == FileError.NotFound);
        return entries;
    }, ct);

    /// <summary>Counts one mailbox; null where it is loaded, still has the stamp that is known, or is gone.</summary>
    /// <exception cref="IOException">It cannot be read now.</exception>
    public async Task<FolderCount?> CountAsync(string entry, long knownStamp, CancellationToken ct)
    {
        // A writer of this process must not be in the middle of a change.
        MailboxName? name = MailboxName.Inbox;
        if (entry.Length > 0)
            home.TryDecode(Encoding.UTF8.GetBytes(entry), out name);
        Mailbox? mailbox = name is null ? null : opened(name);
        if (mailbox is null || mailbox.Location.Entry != entry)
            return await store.Disk.RunAsync(() => Count(home.Open(entry), knownStamp), ct);
        using (await mailbox.EnterAsync(ct))
            return mailbox.IsLoaded ? null : await store.Disk.RunAsync(() => Count(mailbox.Folder, knownStamp), CancellationToken.None);
    }

    private static FolderCount? Count(IMailboxFolder folder, long knownStamp)
    {
        FolderStamp stamp = folder.Stamp();
        if (knownStamp != 0 && stamp.Value == knownStamp)
            return null;
        FileError error = folder.Measure(out QuotaAmount amount);
        return error switch
        {
            FileError.None => new(amount, stamp),
            FileError.NotFound => null,
            _ => throw new IOException($"cannot count {folder.Path}: {error}"),
        };
    }
}
