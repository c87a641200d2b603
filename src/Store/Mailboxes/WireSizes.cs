using System.Collections.Concurrent;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using FullStack.Store.Takeover;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// Lengths on the wire of files whose names do not tell them. A Maildir of another program may have a hundred thousand of
/// them: they are counted on several threads, and before the mailbox is locked, for deliveries wait for that lock.
/// </summary>
internal sealed class WireSizes
{
    private const int FilesAtOnce = 32;
    private const int Threads = 8;

    private readonly ConcurrentDictionary<byte[], long> _octets = new(BaseNameComparer.Instance);

    /// <summary>Counts the files of a folder that has never been open; of one that has, the index knows the lengths.</summary>
    public static async Task<WireSizes> CountAsync(Mailbox mailbox, bool isNew, CancellationToken ct)
    {
        WireSizes sizes = new();
        if (!isNew || mailbox.IsLoaded)
            return sizes;
        StoreContext store = mailbox.Store;
        MaildirFolder folder = mailbox.Folder;
        ListedFile[] untold = await store.Disk.RunAsync(() => Untold(store.Files, folder), ct);
        await Parallel.ForEachAsync(
            untold.Chunk(FilesAtOnce), new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = ct },
            async (files, stop) => await store.Disk.RunAsync(() => sizes.Count(store.Files, folder, files), stop));
        return sizes;
    }

    /// <summary>The length of a file; -1 where it was not counted.</summary>
    public long Of(byte[] name) => _octets.GetValueOrDefault(name, -1);

    private static ListedFile[] Untold(IMaildirFiles files, MaildirFolder folder)
        => files.Stat(folder.Path.Child(FormerFolder.DovecotList), out _) != FileError.None // Has them all.
            && FolderScan.List(files, folder, out Dictionary<byte[], ListedFile> all) == FileError.None
            ? [.. all.Values.Where(static file => MaildirFileName.Field(file.Name, (byte)'W') < 0)]
            : []; // Opening the mailbox will say why.

    private Nothing Count(IMaildirFiles files, MaildirFolder folder, ListedFile[] counted)
    {
        foreach (ListedFile file in counted)
        {
            if (FolderScan.TryCount(files, folder.Locate(file.Name, file.InNew), out long octets))
                _octets[file.Name] = octets;
        }

        return default;
    }
}
