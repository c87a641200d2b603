namespace FullStack.Store.Delivery;

/// <summary>The memory in which messages wait that are on their way in, all of them together: what has no room here waits in files.</summary>
/// <remarks>Else many large messages at once would take as much memory as each may take by itself, times their number.</remarks>
internal sealed class StagingMemory
{
    /// <summary>For all messages together.</summary>
    private const long MaxOctets = 32 << 20;

    private long _taken;

    /// <summary>Takes memory; give it back by <see cref="Release"/>.</summary>
    /// <returns>False where there is none left.</returns>
    public bool TryTake(int octets)
    {
        if (Interlocked.Add(ref _taken, octets) <= MaxOctets)
            return true;
        Release(octets);
        return false;
    }

    public void Release(long octets) => Interlocked.Add(ref _taken, -octets);
}
