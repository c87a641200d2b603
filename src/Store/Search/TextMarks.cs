using System.Runtime.InteropServices;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>
/// Which messages of a mailbox the text index knows: for each UID a mark made from what its message has for good, so that a UID that
/// names another message, after an index was lost or restored, is not taken for the one that was indexed.
/// </summary>
internal sealed class TextMarks
{
    /// <summary>UIDs whose marks are kept together.</summary>
    public const int ChunkUids = 256;

    /// <summary>No mark: the message was not looked at yet.</summary>
    public const uint None = 0;

    private const uint Marked = 2;
    private const uint Indexed = 1;

    private readonly Dictionary<uint, uint[]> _chunks = [];

    /// <summary>The mark of a UID.</summary>
    public uint this[uint uid]
    {
        get => _chunks.TryGetValue(uid / ChunkUids, out uint[]? chunk) ? chunk[uid % ChunkUids] : None;
        set
        {
            ref uint[]? chunk = ref CollectionsMarshal.GetValueRefOrAddDefault(_chunks, uid / ChunkUids, out _);
            (chunk ??= new uint[ChunkUids])[uid % ChunkUids] = value;
        }
    }

    /// <summary>All UIDs with a mark, in no order.</summary>
    public IEnumerable<(uint Uid, uint Mark)> All
        => _chunks.SelectMany(static chunk => chunk.Value.Select((mark, i) => ((chunk.Key * ChunkUids) + (uint)i, mark))).Where(static m => m.mark != None);

    /// <summary>The mark of a message that is in the index.</summary>
    public static uint OfIndexed(MessageEntry entry, UidValidity validity) => Of(entry, validity, 0) | Indexed;

    /// <summary>The mark of a message that was left out for its size.</summary>
    /// <param name="limit">The limit at that time: with another one the message is looked at again.</param>
    public static uint OfLeftOut(MessageEntry entry, UidValidity validity, int limit) => Of(entry, validity, limit);

    /// <summary>Whether the mark says that its message has rows in the index.</summary>
    public static bool IsIndexed(uint mark) => (mark & Indexed) != 0;

    public void Put(uint chunk, ReadOnlySpan<byte> data)
    {
        uint[] marks = new uint[ChunkUids];
        MemoryMarshal.Cast<byte, uint>(data[..Math.Min(data.Length, ChunkUids * sizeof(uint))]).CopyTo(marks);
        _chunks[chunk] = marks;
    }

    /// <summary>The marks of a chunk as they are kept; null where it has none.</summary>
    public byte[]? DataOf(uint chunk)
        => _chunks.TryGetValue(chunk, out uint[]? marks) && marks.AsSpan().ContainsAnyExcept(None) ? MemoryMarshal.AsBytes(marks).ToArray() : null;

    private static uint Of(MessageEntry entry, UidValidity validity, int limit)
    {
        ulong mixed = validity.Value;
        foreach (ulong part in (ReadOnlySpan<ulong>)[(ulong)entry.WireOctets, (ulong)entry.InternalDate.ToUnixTimeSeconds(), (ulong)limit])
            mixed = ((mixed ^ part) * 0x9E3779B97F4A7C15) ^ (mixed >> 29);
        return ((uint)(mixed >> 32) & ~(Marked | Indexed)) | Marked;
    }
}
