using System.Collections.Concurrent;
using FullStack.Store.Maildir;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// Lengths on the wire of messages whose folder does not tell them. A Maildir of another program may have a hundred thousand
/// of them: they are counted on several threads, and before the mailbox is locked, for deliveries wait for that lock.
/// </summary>
internal sealed class WireSizes
{
    private const int MessagesAtOnce = 32;
    private const int Threads = 8;

    private readonly ConcurrentDictionary<byte[], WireLength> _lengths = new(BaseNameComparer.Instance);

    /// <summary>Counts the messages of a folder that has never been open; of one that has, the index knows the lengths.</summary>
    public static async Task<WireSizes> CountAsync(Mailbox mailbox, bool isNew, CancellationToken ct)
    {
        WireSizes sizes = new();
        if (!isNew || mailbox.IsLoaded)
            return sizes;
        IMailboxFolder folder = mailbox.Folder;
        IReadOnlyList<ListedMessage> uncounted = await mailbox.Store.Disk.RunAsync(folder.Uncounted, ct);
        await Parallel.ForEachAsync(
            uncounted.Chunk(MessagesAtOnce), new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = ct },
            async (messages, stop) => await mailbox.Store.Disk.RunAsync(() => sizes.Count(folder, messages), stop));
        return sizes;
    }

    /// <summary>The length of a message, where it was counted.</summary>
    public WireLength Of(byte[] name) => _lengths.GetValueOrDefault(name, WireLength.Unknown);

    private Nothing Count(IMailboxFolder folder, ListedMessage[] counted)
    {
        foreach (ListedMessage message in counted)
        {
            if (folder.TryCount(message, out WireLength length))
                _lengths[message.Name] = length;
        }

        return default;
    }
}
