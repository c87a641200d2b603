using FullStack.Store.Maildir;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// Finds the UID of a file by its base name: a table of hashes and UIDs, for the names themselves are in the list. Used
/// under the mailbox lock.
/// </summary>
internal sealed class NameIndex
{
    private const int FirstSize = 16;

    private (uint Hash, uint Uid)[] _slots = [];

    /// <summary>How many names it has.</summary>
    public int Count { get; private set; }

    /// <summary>The names of all messages of a list.</summary>
    public static NameIndex Of(MessageList messages)
    {
        NameIndex names = new();
        names.Reserve(messages.Count);
        foreach (MessageChunk chunk in messages.Chunks)
        {
            for (int i = 0; i < chunk.Count; i++)
                names.Add(chunk.BaseNameOf(i), chunk.UidAt(i));
        }

        return names;
    }

    /// <summary>Makes room, so that so many names can be added without moving those that are there.</summary>
    public void Reserve(int count)
    {
        if (!HasRoomFor(count))
            Resize(count + count / 2 + FirstSize);
    }

    /// <summary>Adds a name that is not there.</summary>
    public void Add(ReadOnlySpan<byte> baseName, Uid uid)
    {
        if (!HasRoomFor(Count + 1))
            Resize(_slots.Length + _slots.Length / 2 + FirstSize);
        Put((HashOf(baseName), uid.Value));
        Count++;
    }

    /// <summary>Takes a name away that has this UID.</summary>
    public void Remove(ReadOnlySpan<byte> baseName, Uid uid)
    {
        if (_slots.Length == 0)
            return;
        uint hash = HashOf(baseName);
        int hole = HomeOf(hash);
        while (_slots[hole] != (hash, uid.Value))
        {
            if (_slots[hole].Uid == 0)
                return;
            hole = Next(hole);
        }

        // Those behind it that would not be found over a hole move up.
        for (int at = Next(hole); _slots[at].Uid != 0; at = Next(at))
        {
            int home = HomeOf(_slots[at].Hash);
            bool mayMove = hole <= at ? home <= hole || home > at : home <= hole && home > at;
            if (!mayMove)
                continue;
            _slots[hole] = _slots[at];
            hole = at;
        }

        _slots[hole] = default;
        Count--;
    }

    /// <summary>The message whose file has a base name; null where there is none.</summary>
    public MessageEntry? Find(ReadOnlySpan<byte> baseName, MessageList messages) => IndexOf(baseName, messages) is var index and >= 0 ? messages[index] : null;

    /// <summary>The index in the list of the message whose file has a base name; -1 where there is none.</summary>
    public int IndexOf(ReadOnlySpan<byte> baseName, MessageList messages)
    {
        if (_slots.Length == 0)
            return -1;
        uint hash = HashOf(baseName);
        for (int at = HomeOf(hash); _slots[at].Uid != 0; at = Next(at))
        {
            if (_slots[at].Hash == hash && messages.IndexOf(_slots[at].Uid) is var index and >= 0 && messages.BaseNameAt(index).SequenceEqual(baseName))
                return index;
        }

        return -1;
    }

    private static uint HashOf(ReadOnlySpan<byte> baseName)
    {
        HashCode hash = default;
        hash.AddBytes(baseName);
        return (uint)hash.ToHashCode();
    }

    private bool HasRoomFor(int count) => count <= (long)_slots.Length * 3 / 4;

    private int HomeOf(uint hash) => (int)((ulong)hash * (uint)_slots.Length >> 32);

    private int Next(int slot) => slot + 1 == _slots.Length ? 0 : slot + 1;

    private void Put((uint Hash, uint Uid) entry)
    {
        int at = HomeOf(entry.Hash);
        while (_slots[at].Uid != 0)
            at = Next(at);
        _slots[at] = entry;
    }

    private void Resize(int size)
    {
        (uint, uint Uid)[] old = _slots;
        _slots = new (uint, uint)[size];
        foreach ((uint, uint Uid) entry in old)
        {
            if (entry.Uid != 0)
                Put(entry);
        }
    }
}
