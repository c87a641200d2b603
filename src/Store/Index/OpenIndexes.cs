using FullStack.Store.Posix;

namespace FullStack.Store.Index;

/// <summary>
/// The databases of a store that are open, no more of them than a bound: before another is opened, those that were not used for the
/// longest time are closed. Who needs one of these again opens it again.
/// </summary>
/// <remarks>
/// Nobody ever waits here. A database in use is passed over, and only a thread of <see cref="DiskThreads"/> uses one, one at a time: so the
/// bound holds where it is above their number. Where it is below, more may be open for as long as more are in use.
/// </remarks>
/// <param name="most">The bound, at least 1.</param>
internal sealed class OpenIndexes(int most)
{
    /// <summary>The database, its log, and the map of the log.</summary>
    private const int FilesEach = 3;

    /// <summary>Pages, statements and tables of one that is used by a session of a small mailbox; 230 KiB were measured.</summary>
    private const int OctetsEach = 256 * 1024;

    private const int Least = 16;
    private const int Enough = 500;

    /// <summary>How many are closed at once where the process has no more file handles: those of a few messages on their way.</summary>
    private const int ShedAtOnce = 16;

    private readonly Lock _gate = new();
    private readonly LinkedList<IndexHandle> _open = []; // longest unused first
    private int _places; // of those that are open, and those that are being opened

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    /// <summary>Whether there are more than the bound, since none could be closed when one was opened.</summary>
    public bool IsOverfull => Count > most;

    /// <summary>The bound of a store that is told none: a quarter of the files that the process may open, and a thirty-second of the memory, but no more than are of use.</summary>
    public static int Affordable()
    {
        ulong files = Libc.GetResourceLimit(Libc.FilesLimit, out ResourceLimit limit) == 0 ? Math.Min(limit.Current, int.MaxValue) : 0;
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return (int)Math.Clamp(Math.Min((long)files / 4 / FilesEach, memory / 32 / OctetsEach), Least, Enough);
    }

    /// <summary>Takes a place for one that is to be opened, and closes others where there are too many. Blocks.</summary>
    public void TakePlace()
    {
        int excess;
        lock (_gate)
            excess = ++_places - most; // Counted at once: two that open do not share the last place.
        Close(excess);
    }

    /// <summary>Gives the place back of one that was closed, or could not be opened.</summary>
    public void FreePlace(IndexHandle handle)
    {
        lock (_gate)
        {
            _places--;
            if (handle.Place.List is not null)
                _open.Remove(handle.Place);
        }
    }

    /// <summary>One that has a place is used.</summary>
    public void Use(IndexHandle handle)
    {
        lock (_gate)
        {
            if (handle.Place.List is not null)
                _open.Remove(handle.Place);
            _open.AddLast(handle.Place);
        }
    }

    /// <summary>Closes some, for file handles are short. Blocks.</summary>
    /// <returns>Whether there were any that could be closed.</returns>
    public bool Shed() => Close(ShedAtOnce) > 0;

    private int Close(int wanted)
    {
        if (wanted <= 0)
            return 0;
        IndexHandle[] candidates;
        lock (_gate)
            candidates = [.. _open.Take(wanted + DiskThreads.MaxThreads)];
        int closed = 0;
        for (int i = 0; i < candidates.Length && closed < wanted; i++)
        {
            if (candidates[i].TryClose())
                closed++;
        }

        return closed;
    }
}
