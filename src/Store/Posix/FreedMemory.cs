namespace FullStack.Store.Posix;

/// <summary>What the C library's allocator keeps of memory that was freed, by databases above all: each thread that works on the disk has an arena of its own.</summary>
public static class FreedMemory
{
    /// <summary>Gives pages that are free back to the system. Blocks, for some milliseconds for each hundred MiB.</summary>
    /// <returns>Whether the C library can: GNU's does, others have their own ways.</returns>
    public static bool TryGiveBack()
    {
        try
        {
            Libc.TrimHeap(0);
            return true;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }
}
