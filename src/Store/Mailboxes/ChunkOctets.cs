using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using FullStack.Store.Index;

namespace FullStack.Store.Mailboxes;

/// <summary>A chunk as the index keeps it for the next opening of its mailbox.</summary>
/// <remarks>
/// Counts of messages, lists of keywords and octets of names; the messages as they lie in memory; the names; the lists, each with its length.
/// </remarks>
internal static class ChunkOctets
{
    private const int HeadOctets = 3 * sizeof(int);
    private const long FirstSecond = -62135596800, LastSecond = 253402300799; // of the years 1 and 9999

    /// <summary>Writes a chunk as <see cref="TryRead"/> reads it.</summary>
    public static byte[] Of(MessageChunk chunk)
    {
        List<byte[]> lists = new(chunk.KeywordLists.Length);
        int listOctets = 0;
        foreach (IReadOnlyList<string> list in chunk.KeywordLists)
        {
            lists.Add(Encoding.UTF8.GetBytes(KeywordColumn.Join(list)));
            listOctets += sizeof(int) + lists[^1].Length;
        }

        ReadOnlySpan<byte> messages = MemoryMarshal.AsBytes(chunk.Messages);
        byte[] octets = new byte[HeadOctets + messages.Length + chunk.Names.Length + listOctets];
        BinaryPrimitives.WriteInt32LittleEndian(octets, chunk.Count);
        BinaryPrimitives.WriteInt32LittleEndian(octets.AsSpan(sizeof(int)), lists.Count);
        BinaryPrimitives.WriteInt32LittleEndian(octets.AsSpan(2 * sizeof(int)), chunk.Names.Length);
        Span<byte> rest = octets.AsSpan(HeadOctets);
        messages.CopyTo(rest);
        chunk.Names.CopyTo(rest[messages.Length..]);
        rest = rest[(messages.Length + chunk.Names.Length)..];
        foreach (byte[] list in lists)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, list.Length);
            list.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + list.Length)..];
        }

        return octets;
    }

    /// <summary>Reads a chunk; null where the octets are none that this program could have written.</summary>
    /// <param name="octets">What <see cref="Of"/> made.</param>
    /// <param name="table">Has the lists of keywords that messages share.</param>
    public static MessageChunk? TryRead(ReadOnlySpan<byte> octets, KeywordTable table)
    {
        if (octets.Length < HeadOctets)
            return null;
        int count = BinaryPrimitives.ReadInt32LittleEndian(octets), lists = BinaryPrimitives.ReadInt32LittleEndian(octets[sizeof(int)..]);
        int named = BinaryPrimitives.ReadInt32LittleEndian(octets[(2 * sizeof(int))..]);
        octets = octets[HeadOctets..];
        bool isSound = count is > 0 and <= ushort.MaxValue && lists is > 0 and <= ushort.MaxValue + 1 && named is >= 0 and <= ushort.MaxValue
            && count * Unsafe.SizeOf<PackedMessage>() + named + (lists * sizeof(int)) <= octets.Length;
        if (!isSound)
            return null;
        PackedMessage[] messages = MemoryMarshal.Cast<byte, PackedMessage>(octets[..(count * Unsafe.SizeOf<PackedMessage>())]).ToArray();
        octets = octets[(count * Unsafe.SizeOf<PackedMessage>())..];
        byte[] names = octets[..named].ToArray();
        octets = octets[named..];
        IReadOnlyList<string>[] keywords = new IReadOnlyList<string>[lists];
        for (int i = 0; i < lists; i++)
        {
            int length = octets.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(octets);
            if (length < 0 || length > octets.Length - sizeof(int))
                return null;
            keywords[i] = table.FromColumn(Encoding.UTF8.GetString(octets.Slice(sizeof(int), length)));
            octets = octets[(sizeof(int) + length)..];
        }

        MessageChunk chunk = new(messages, names, keywords);
        return octets.IsEmpty && IsSound(chunk) ? chunk : null;
    }

    /// <summary>Whether UIDs rise and everything that messages refer to is there.</summary>
    private static bool IsSound(MessageChunk chunk)
    {
        uint last = 0;
        foreach (ref readonly PackedMessage message in chunk.Messages)
        {
            bool isSound = message.Uid > last && message.NameStart + message.NameLength <= chunk.Names.Length && message.Keywords < chunk.KeywordLists.Length
                && message.StoredOctets >= 0 && message.InternalDateSeconds is >= FirstSecond and <= LastSecond;
            if (!isSound)
                return false;
            last = message.Uid;
        }

        return true;
    }
}
