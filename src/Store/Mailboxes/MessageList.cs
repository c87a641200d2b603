namespace FullStack.Store.Mailboxes;

/// <summary>
/// An immutable list of messages sorted by UID, in chunks: a change copies the chunks it touches and the table of chunks,
/// nothing else, so that old versions stay valid at little cost. Entries are made when they are asked for.
/// </summary>
internal sealed class MessageList
{
    private const int ChunkSize = 128;

    private readonly MessageChunk[] _chunks;
    private readonly int[] _starts;

    private MessageList(MessageChunk[] chunks, MessageTotals totals)
    {
        _chunks = chunks;
        _starts = new int[chunks.Length];
        int count = 0;
        for (int i = 0; i < chunks.Length; i++)
        {
            _starts[i] = count;
            count += chunks[i].Count;
        }

        Count = count;
        Totals = totals;
    }

    public static MessageList Empty { get; } = new([], default);

    public int Count { get; }

    /// <summary>Sums over all messages, kept as the list changes.</summary>
    public MessageTotals Totals { get; }

    /// <summary>The chunks, each sorted and not empty: two lists that share one have the same messages there.</summary>
    public ReadOnlySpan<MessageChunk> Chunks => _chunks;

    /// <summary>The message at an index from 0.</summary>
    public MessageEntry this[int index]
    {
        get
        {
            int chunk = ChunkOf(index);
            return _chunks[chunk][index - _starts[chunk]];
        }
    }

    /// <summary>Builds a list from chunks, sorted.</summary>
    public static MessageList From(MessageChunk[] chunks)
    {
        MessageTotals totals = default;
        foreach (MessageChunk chunk in chunks)
            totals = totals.Plus(chunk.Totals);
        return new(chunks, totals);
    }

    /// <summary>The sum of the lengths on the disk.</summary>
    public long StoredOctets()
    {
        long octets = 0;
        foreach (MessageChunk chunk in _chunks)
            octets += chunk.StoredOctets;
        return octets;
    }

    /// <summary>The messages whose files lie in new/.</summary>
    public List<MessageEntry> InNew()
    {
        List<MessageEntry> found = [];
        foreach (MessageChunk chunk in _chunks)
        {
            for (int i = 0; i < chunk.Count; i++)
            {
                if (chunk.IsInNew(i))
                    found.Add(chunk[i]);
            }
        }

        return found;
    }

    /// <summary>Builds a list from sorted messages.</summary>
    public static MessageList From(IReadOnlyList<MessageEntry> sorted) => Empty.Append(sorted);

    /// <summary>The UID of the message at an index from 0.</summary>
    public Uid UidAt(int index)
    {
        int chunk = ChunkOf(index);
        return _chunks[chunk].UidAt(index - _starts[chunk]);
    }

    /// <summary>The name of the file of the message at an index from 0, up to its flags.</summary>
    public ReadOnlySpan<byte> BaseNameAt(int index)
    {
        int chunk = ChunkOf(index);
        return _chunks[chunk].BaseNameOf(index - _starts[chunk]);
    }

    /// <summary>Whether the file of the message at an index from 0 has this name, and lies in new/ or not.</summary>
    public bool IsNamed(int index, ReadOnlySpan<byte> name, bool inNew)
    {
        int chunk = ChunkOf(index);
        return _chunks[chunk].IsNamed(index - _starts[chunk], name, inNew);
    }

    /// <summary>Index of the first message whose UID is not below <paramref name="uid"/>.</summary>
    public int LowerBound(uint uid)
    {
        int low = 0, high = _chunks.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_chunks[middle].LastUid.Value < uid)
                low = middle + 1;
            else
                high = middle;
        }

        return low == _chunks.Length ? Count : _starts[low] + _chunks[low].LowerBound(uid);
    }

    /// <summary>Index of a UID; -1 where absent.</summary>
    public int IndexOf(uint uid)
    {
        int index = LowerBound(uid);
        return index < Count && UidAt(index).Value == uid ? index : -1;
    }

    public MessageEntry? Find(Uid uid) => IndexOf(uid.Value) is var index and >= 0 ? this[index] : null;

    /// <summary>The messages whose UIDs are in a set, in order.</summary>
    public IEnumerable<MessageEntry> In(UidSet uids)
    {
        foreach (NumberRange range in uids.Ranges)
        {
            for (int i = LowerBound(range.First); i < Count && UidAt(i).Value <= range.Last; i++)
                yield return this[i];
        }
    }

    /// <summary>Adds messages with UIDs above all here, in order.</summary>
    public MessageList Append(IReadOnlyList<MessageEntry> added)
    {
        if (added.Count == 0)
            return this;
        List<MessageChunk> chunks = [.. _chunks];
        MessageTotals totals = Totals;
        MessageChunk.Builder builder = new(Math.Min(ChunkSize, added.Count + ChunkSize / 8));
        if (chunks.Count > 0 && chunks[^1].Count < ChunkSize)
        {
            AddAll(builder, chunks[^1]);
            chunks.RemoveAt(chunks.Count - 1);
        }

        foreach (MessageEntry entry in added)
        {
            if (builder.Count == ChunkSize)
                chunks.Add(builder.Build());
            builder.Add(entry);
            totals = totals.Plus(entry);
        }

        chunks.Add(builder.Build());
        return new([.. chunks], totals);
    }

    /// <summary>Puts new entries in the place of those with the same UIDs. Sorted; UIDs that are not here are left out.</summary>
    public MessageList Replace(IReadOnlyList<MessageEntry> changed)
    {
        if (changed.Count == 0)
            return this;
        MessageChunk[] chunks = [.. _chunks];
        MessageTotals totals = Totals;
        List<MessageEntry> together = [];
        int touched = -1;
        foreach (MessageEntry entry in changed)
        {
            int index = IndexOf(entry.Uid.Value);
            if (index < 0)
                continue;
            int chunk = ChunkOf(index);
            if (chunk != touched)
                Flush();
            touched = chunk;
            together.Add(entry);
            totals = totals.Minus(_chunks[chunk][index - _starts[chunk]]).Plus(entry);
        }

        Flush();
        return new(chunks, totals);

        void Flush()
        {
            if (together.Count > 0)
                chunks[touched] = chunks[touched].With(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(together));
            together.Clear();
        }
    }

    /// <summary>Takes messages out by UID; UIDs that are not here are left out.</summary>
    public MessageList Remove(UidSet uids)
    {
        List<MessageChunk> chunks = new(_chunks.Length);
        MessageTotals totals = Totals;
        MessageChunk.Builder kept = new(ChunkSize);
        foreach (MessageChunk chunk in _chunks)
        {
            if (!Overlaps(uids, chunk.FirstUid.Value, chunk.LastUid.Value))
            {
                chunks.Add(chunk);
                continue;
            }

            for (int i = 0; i < chunk.Count; i++)
            {
                if (uids.Contains(chunk.UidAt(i)))
                    totals = totals.Minus(chunk[i]);
                else
                    kept.Add(chunk, i);
            }

            if (kept.Count > 0)
                AddOrMerge(chunks, kept.Build());
        }

        return new([.. chunks], totals);
    }

    /// <summary>Adds a chunk; one that became small joins the one before it, where both fit into one.</summary>
    private static void AddOrMerge(List<MessageChunk> chunks, MessageChunk chunk)
    {
        if (chunks.Count == 0 || chunk.Count >= ChunkSize / 4 || chunks[^1].Count + chunk.Count > ChunkSize)
        {
            chunks.Add(chunk);
            return;
        }

        MessageChunk.Builder merged = new(chunks[^1].Count + chunk.Count);
        AddAll(merged, chunks[^1]);
        AddAll(merged, chunk);
        chunks[^1] = merged.Build();
    }

    private static void AddAll(MessageChunk.Builder builder, MessageChunk chunk)
    {
        for (int i = 0; i < chunk.Count; i++)
            builder.Add(chunk, i);
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

    private int ChunkOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        int chunk = Array.BinarySearch(_starts, index);
        return chunk >= 0 ? chunk : ~chunk - 1;
    }
}

/// <summary>Sums over the messages of a mailbox.</summary>
/// <param name="Unseen">How many are not \Seen.</param>
/// <param name="Deleted">How many are \Deleted.</param>
/// <param name="WireOctets">Their lengths on the wire, as far as they are known.</param>
/// <param name="Uncounted">Of how many the length on the wire is not known.</param>
internal readonly record struct MessageTotals(int Unseen, int Deleted, long WireOctets, int Uncounted)
{
    public MessageTotals Plus(MessageEntry entry) => Plus(entry.Flags, entry.WireOctets);

    public MessageTotals Plus(SystemFlags flags, long wireOctets) => Plus(Of(flags, wireOctets));

    public MessageTotals Plus(MessageTotals other)
        => new(Unseen + other.Unseen, Deleted + other.Deleted, WireOctets + other.WireOctets, Uncounted + other.Uncounted);

    public MessageTotals Minus(MessageEntry entry)
    {
        MessageTotals one = Of(entry.Flags, entry.WireOctets);
        return new(Unseen - one.Unseen, Deleted - one.Deleted, WireOctets - one.WireOctets, Uncounted - one.Uncounted);
    }

    private static MessageTotals Of(SystemFlags flags, long wireOctets)
        => new((flags & SystemFlags.Seen) == 0 ? 1 : 0, (flags & SystemFlags.Deleted) == 0 ? 0 : 1, Math.Max(wireOctets, 0), wireOctets < 0 ? 1 : 0);
}
