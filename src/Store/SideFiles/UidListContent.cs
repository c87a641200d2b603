using System.Text;
using FullStack.Store.Maildir;
using FullStack.Store.Takeover;

namespace FullStack.Store.SideFiles;

/// <summary>A list of UIDs, read whole. A line that was damaged counts for nothing; a later line takes the place of an earlier one.</summary>
internal sealed class UidListContent
{
    /// <summary>The first line of every list.</summary>
    public static ReadOnlySpan<byte> Header => "fullstack-uidlist 1\n"u8;

    private readonly Dictionary<byte[], ListedUid> _byName = new(ByteStrings.Instance);
    private readonly Dictionary<uint, byte[]> _byUid = [];

    /// <summary>The last state that was written.</summary>
    public UidListState? State { get; private set; }

    /// <summary>Lines that fail their check.</summary>
    public int Damaged { get; private set; }

    /// <summary>The mailbox's own properties by name.</summary>
    public Dictionary<string, byte[]> Properties { get; } = new(StringComparer.Ordinal);

    public int Count => _byName.Count;

    /// <summary>Finds a message by the base of its file name.</summary>
    public bool TryFind(byte[] baseName, out ListedUid message) => _byName.TryGetValue(baseName, out message);

    /// <summary>All messages by the base of their file names.</summary>
    public IEnumerable<KeyValuePair<byte[], ListedUid>> Messages => _byName;

    public static UidListContent Parse(ReadOnlySpan<byte> text)
    {
        UidListContent content = new();
        if (!text.StartsWith(Header))
            return content;
        TextLines lines = new(text[Header.Length..]);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!SideLine.TryRead(line, out ReadOnlySpan<byte> entry) || !content.TryAdd(entry))
                content.Damaged++;
        }

        content.Damaged += lines.AtEnd ? 0 : 1;
        if (content.State is { IsClosed: true } state && content._isOpenAgain)
            content.State = state with { IsClosed = false };
        return content;
    }

    /// <summary>Something was written after the line that says that the mailbox was closed.</summary>
    private bool _isOpenAgain;

    private bool TryAdd(ReadOnlySpan<byte> entry)
    {
        _isOpenAgain = true;
        switch (entry.IsEmpty ? 0 : entry[0])
        {
            case UidListState.Mark:
                if (UidListState.Parse(entry) is not { } state)
                    return false;
                State = state;
                _isOpenAgain = false;
                return true;
            case (byte)'=':
                return TryAddProperty(entry[1..]);
            default:
                return TryAddMessage(entry);
        }
    }

    private bool TryAddMessage(ReadOnlySpan<byte> entry)
    {
        if (!ListedUid.TryParse(entry, out ListedUid message, out byte[] baseName))
            return false;
        if (_byUid.Remove(message.Uid, out byte[]? replaced))
            _byName.Remove(replaced);
        if (_byName.Remove(baseName, out ListedUid earlier))
            _byUid.Remove(earlier.Uid);
        _byUid[message.Uid] = baseName;
        _byName[baseName] = message;
        return true;
    }

    /// <summary><c>name value</c>; a name alone is a property that is gone.</summary>
    private bool TryAddProperty(ReadOnlySpan<byte> entry)
    {
        string name = Encoding.UTF8.GetString(SideLine.Unescape(Words.Take(ref entry)));
        if (entry.IsEmpty)
            Properties.Remove(name);
        else
            Properties[name] = SideLine.Unescape(entry[1..]);
        return name.Length > 0;
    }
}
