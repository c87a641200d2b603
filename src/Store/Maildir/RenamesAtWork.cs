using FullStack.Store.Mailboxes;

namespace FullStack.Store.Maildir;

/// <summary>
/// The names that very many files get while a writer gives them other flags. Until it is done the mailbox knows them by their former names,
/// and readers, who wait for no writer, would list the folder for each.
/// </summary>
/// <param name="wanted">The messages, sorted by UID.</param>
internal sealed class RenamesAtWork(IReadOnlyList<FlagWrite> wanted)
{
    private readonly byte[]?[] _names = new byte[wanted.Count][];

    /// <summary>A file has its new name.</summary>
    public void Set(int index, byte[] name) => Volatile.Write(ref _names[index], name);

    /// <summary>The name that a message's file, now in cur/, has got; null where it has none yet.</summary>
    public byte[]? NameOf(Uid uid)
    {
        int low = 0, high = wanted.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (wanted[middle].Entry.Uid.Value < uid.Value)
                low = middle + 1;
            else
                high = middle;
        }

        return low < wanted.Count && wanted[low].Entry.Uid == uid ? Volatile.Read(ref _names[low]) : null;
    }
}
