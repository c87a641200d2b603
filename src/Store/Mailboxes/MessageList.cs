using System.Diagnostics.CodeAnalysis;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// An immutable list of messages sorted by UID, in chunks: a change copies the chunks it touches and the table of chunks,
/// nothing else, so that old versions stay valid at little cost. Entries are made when they are asked for.
/// </summary>
internal sealed class MessageList
{
    /// <summary>Most messages of a chunk.</summary>
    public const int ChunkSize = 128;

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

    /// <summary>All messages, in order.</summary>
    public IEnumerable<MessageEntry> All
    {
        get
        {
            foreach (MessageChunk chunk in _chunks)
            {
                for (int i = 0; i < chunk.Count; i++)
                    yield return chunk[i];
            }
        }
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

    /// <summary>The messages above a UID of which it is not known that POP3 sends just their length on the wire.</summary>
    public List<MessageEntry> UnsizedAbove(uint uid)
    {
        List<MessageEntry> found = [];
        foreach (MessageChunk chunk in _chunks)
        {
            for (int i = chunk.LastUid.Value > uid ? chunk.LowerBound(uid + 1) : chunk.Count; i < chunk.Count; i++)
            {
                if (!chunk.IsSentAsIs(i))
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

    /// <summary>Finds where a message lies, making no entry of it.</summary>
    /// <param name="uid">Its UID.</param>
    /// <param name="chunk">The chunk that has it.</param>
    /// <param name="at">Its index there.</param>
    public bool TryFind(Uid uid, [NotNullWhen(true)] out MessageChunk? chunk, out int at)
    {
        int index = IndexOf(uid.Value);
        (chunk, at) = (null, 0);
        if (index < 0)
            return false;
        int number = ChunkOf(index);
        (chunk, at) = (_chunks[number], index - _starts[number]);
        return true;
    }

    /// <summary>The messages whose UIDs are in a set, in order.</summary>
    public IEnumerable<MessageEntry> In(UidSet uids)
    {
        foreach (NumberRange range in uids.Ranges)
        {
            for (int i = LowerBound(range.First); i < Count && UidAt(i).Value <= range.Last; i++)
                yield return this[i];
        }
    }

    /// <summary>The messages with a flag whose UIDs are in a set, in order. Chunks in which none has it are passed over.</summary>
    public IEnumerable<MessageEntry> In(UidSet uids, SystemFlags flag)
    {
        foreach (NumberRange range in uids.Ranges)
        {
            for (int i = LowerBound(range.First); i < Count;)
            {
                (MessageChunk chunk, int at) = ChunkAt(i);
                if (chunk.UidAt(at).Value > range.Last)
                    break;
                i += chunk.Count - at;
                for (; (chunk.AnyFlags & flag) != 0 && at < chunk.Count && chunk.UidAt(at).Value <= range.Last; at++)
                {
                    if ((chunk.FlagsAt(at) & flag) != 0)
                        yield return chunk[at];
                }
            }
        }
    }

    /// <summary>The chunk that has the message at an index from 0, and the message's index there.</summary>
    public (MessageChunk Chunk, int At) ChunkAt(int index)
    {
        int chunk = ChunkOf(index);
        return (_chunks[chunk], index - _starts[chunk]);
    }

    /// <summary>Whether it has this very chunk: then nothing happened to the messages there.</summary>
    public bool Has(MessageChunk chunk)
    {
        int index = IndexOf(chunk.FirstUid.Value);
        return index >= 0 && ReferenceEquals(ChunkAt(index).Chunk, chunk);
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
            totals = totals.Minus(_chunks[chunk].TotalsAt(index - _starts[chunk])).Plus(entry);
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
            if (!uids.Ranges.Overlaps(new(chunk.FirstUid.Value, chunk.LastUid.Value)))
            {
                chunks.Add(chunk);
                continue;
            }

            for (int i = 0; i < chunk.Count; i++)
            {
                if (uids.Contains(chunk.UidAt(i)))
                    totals = totals.Minus(chunk.TotalsAt(i));
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

    private int ChunkOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        int chunk = Array.BinarySearch(_starts, index);
        return chunk >= 0 ? chunk : ~chunk - 1;
    }
}
