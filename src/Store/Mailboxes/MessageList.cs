namespace FullStack.Store.Mailboxes;

/// <summary>
/// An immutable list of messages sorted by UID, in chunks: a change copies the chunks it touches and the table of chunks,
/// nothing else, so that old versions stay valid at little cost.
/// </summary>
internal sealed class MessageList
{
    private const int ChunkSize = 512;

    private readonly MessageEntry[][] _chunks;
    private readonly int[] _starts;

    private MessageList(MessageEntry[][] chunks, MessageTotals totals)
    {
        _chunks = chunks;
        _starts = new int[chunks.Length];
        int count = 0;
        for (int i = 0; i < chunks.Length; i++)
        {
            _starts[i] = count;
            count += chunks[i].Length;
        }

        Count = count;
        Totals = totals;
    }

    public static MessageList Empty { get; } = new([], default);

    public int Count { get; }

    /// <summary>Sums over all messages, kept as the list changes.</summary>
    public MessageTotals Totals { get; }

    /// <summary>The chunks, each sorted and not empty: two lists that share one array have the same messages there.</summary>
    public ReadOnlySpan<MessageEntry[]> Chunks => _chunks;

    /// <summary>The message at an index from 0.</summary>
    public MessageEntry this[int index]
    {
        get
        {
            int chunk = ChunkOf(index);
            return _chunks[chunk][index - _starts[chunk]];
        }
    }

    /// <summary>Builds a list from sorted messages.</summary>
    public static MessageList From(IReadOnlyList<MessageEntry> sorted) => Empty.Append(sorted);

    /// <summary>Index of the first message whose UID is not below <paramref name="uid"/>.</summary>
    public int LowerBound(uint uid)
    {
        int low = 0, high = _chunks.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_chunks[middle][^1].Uid.Value < uid)
                low = middle + 1;
            else
                high = middle;
        }

        return low == _chunks.Length ? Count : _starts[low] + LowerBound(_chunks[low], uid);
    }

    /// <summary>Index of a UID; -1 where absent.</summary>
    public int IndexOf(uint uid)
    {
        int index = LowerBound(uid);
        return index < Count && this[index].Uid.Value == uid ? index : -1;
    }

    public MessageEntry? Find(Uid uid) => IndexOf(uid.Value) is var index and >= 0 ? this[index] : null;

    /// <summary>The messages whose UIDs are in a set, in order.</summary>
    public IEnumerable<MessageEntry> In(UidSet uids)
    {
        foreach (NumberRange range in uids.Ranges)
        {
            for (int i = LowerBound(range.First); i < Count && this[i].Uid.Value <= range.Last; i++)
                yield return this[i];
        }
    }

    /// <summary>Adds messages with UIDs above all here, in order.</summary>
    public MessageList Append(IReadOnlyList<MessageEntry> added)
    {
        if (added.Count == 0)
            return this;
        List<MessageEntry[]> chunks = [.. _chunks];
        MessageTotals totals = Totals;
        int taken = 0;
        if (chunks.Count > 0 && chunks[^1].Length < ChunkSize)
        {
            taken = Math.Min(ChunkSize - chunks[^1].Length, added.Count);
            chunks[^1] = [.. chunks[^1], .. Slice(added, 0, taken)];
        }

        for (; taken < added.Count; taken += chunks[^1].Length)
            chunks.Add(Slice(added, taken, Math.Min(ChunkSize, added.Count - taken)));
        for (int i = 0; i < added.Count; i++)
            totals = totals.Plus(added[i]);
        return new([.. chunks], totals);
    }

    /// <summary>Puts new entries in the place of those with the same UIDs. Sorted; UIDs that are not here are left out.</summary>
    public MessageList Replace(IReadOnlyList<MessageEntry> changed)
    {
        if (changed.Count == 0)
            return this;
        MessageEntry[][] chunks = [.. _chunks];
        MessageTotals totals = Totals;
        int copied = -1;
        foreach (MessageEntry entry in changed)
        {
            int index = IndexOf(entry.Uid.Value);
            if (index < 0)
                continue;
            int chunk = ChunkOf(index);
            if (chunk != copied)
                chunks[chunk] = [.. chunks[chunk]];
            copied = chunk;
            ref MessageEntry place = ref chunks[chunk][index - _starts[chunk]];
            totals = totals.Minus(place).Plus(entry);
            place = entry;
        }

        return new(chunks, totals);
    }

    /// <summary>Takes messages out by UID; UIDs that are not here are left out.</summary>
    public MessageList Remove(UidSet uids)
    {
        List<MessageEntry[]> chunks = new(_chunks.Length);
        MessageTotals totals = Totals;
        foreach (MessageEntry[] chunk in _chunks)
        {
            if (!Overlaps(uids, chunk[0].Uid.Value, chunk[^1].Uid.Value))
            {
                chunks.Add(chunk);
                continue;
            }

            List<MessageEntry> kept = new(chunk.Length);
            foreach (MessageEntry entry in chunk)
            {
                if (uids.Contains(entry.Uid))
                    totals = totals.Minus(entry);
                else
                    kept.Add(entry);
            }

            if (kept.Count == chunk.Length)
                chunks.Add(chunk);
            else if (chunks.Count > 0 && kept.Count > 0 && kept.Count < ChunkSize / 4 && chunks[^1].Length + kept.Count <= ChunkSize)
                chunks[^1] = [.. chunks[^1], .. kept];
            else if (kept.Count > 0)
                chunks.Add([.. kept]);
        }

        return new([.. chunks], totals);
    }

    private static bool Overlaps(UidSet uids, uint first, uint last)
    {
        NumberRanges ranges = uids.Ranges;
        int low = 0, high = ranges.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ranges[middle].Last < first)
                low = middle + 1;
            else
                high = middle;
        }

        return low < ranges.Count && ranges[low].First <= last;
    }

    private static MessageEntry[] Slice(IReadOnlyList<MessageEntry> entries, int start, int count)
    {
        MessageEntry[] slice = new MessageEntry[count];
        for (int i = 0; i < count; i++)
            slice[i] = entries[start + i];
        return slice;
    }

    private static int LowerBound(MessageEntry[] chunk, uint uid)
    {
        int low = 0, high = chunk.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (chunk[middle].Uid.Value < uid)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private int ChunkOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        int chunk = Array.BinarySearch(_starts, index);
        return chunk >= 0 ? chunk : ~chunk - 1;
    }
}

/// <summary>Sums over the messages of a mailbox.</summary>
internal readonly record struct MessageTotals(int Unseen, int Deleted, long WireOctets)
{
    public MessageTotals Plus(MessageEntry entry)
        => new(Unseen + (entry.Has(SystemFlags.Seen) ? 0 : 1), Deleted + (entry.Has(SystemFlags.Deleted) ? 1 : 0), WireOctets + entry.WireOctets);

    public MessageTotals Minus(MessageEntry entry)
        => new(Unseen - (entry.Has(SystemFlags.Seen) ? 0 : 1), Deleted - (entry.Has(SystemFlags.Deleted) ? 1 : 0), WireOctets - entry.WireOctets);
}
