namespace FullStack.Auth.Throttling;

/// <summary>Counts what each key does over time, and says when it is too much. Bounded: the key that was quiet longest goes first.</summary>
/// <remarks>
/// Of a key nothing is kept but the time by which its allowance is whole again (the generic cell rate algorithm): so many events may come at once as a period
/// allows, and then one as soon as a period's share for one has passed. Safe for concurrent use. What is refused does not count.
/// </remarks>
public sealed class RateTable(TimeProvider time, int capacity = RateTable.DefaultCapacity)
{
    /// <summary>Keys remembered: some 12 MiB when full.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new(); // the one that was quiet longest first

    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>Counts one event, unless it is one too many.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="limit">Most events in a period; 0: any number.</param>
    /// <param name="period">The period.</param>
    /// <returns>Zero where it counts; else how long until the next one may come.</returns>
    public TimeSpan Take(UInt128 key, int limit, TimeSpan period)
    {
        if (limit <= 0)
            return TimeSpan.Zero;
        long now = time.GetTimestamp();
        long whole = (long)(period.TotalSeconds * time.TimestampFrequency);
        lock (_lock)
        {
            _entries.TryGetValue(key, out LinkedListNode<Entry>? node);
            long replete = Math.Max(node?.Value.RepleteAt ?? now, now) + Math.Max(1, whole / limit);
            if (replete - now > whole)
                return TimeSpan.FromSeconds((double)(replete - now - whole) / time.TimestampFrequency);
            if (node is not null)
                Remove(node);
            while (_byUse.First is { } quiet && (_entries.Count >= capacity || quiet.Value.RepleteAt <= now))
                Remove(quiet);
            _entries[key] = _byUse.AddLast(new Entry(key, replete));
            return TimeSpan.Zero;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _byUse.Remove(node);
    }

    private sealed record Entry(UInt128 Key, long RepleteAt);
}
