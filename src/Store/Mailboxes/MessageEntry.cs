namespace FullStack.Store.Mailboxes;

/// <summary>What the store knows of one message without opening its file. Immutable: a change makes a new entry.</summary>
public sealed class MessageEntry
{
    public required Uid Uid { get; init; }
    public required ModSeq ModSeq { get; init; }
    public required SystemFlags Flags { get; init; }

    /// <summary>Its keywords; lists are shared between messages that have the same.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Octets with every line end as CRLF: RFC822.SIZE.</summary>
    public required long WireOctets { get; init; }

    /// <summary>When it arrived (the file's modification time), to the second, in UTC.</summary>
    public required DateTimeOffset InternalDate { get; init; }

    /// <summary>The name of its file, with flags.</summary>
    internal byte[] FileName { get; init; } = [];

    /// <summary>Whether the file still lies in new/.</summary>
    internal bool InNew { get; init; }

    internal bool Has(SystemFlags flag) => (Flags & flag) != 0;

    /// <summary>The same message under another file name; nothing that a client sees changes.</summary>
    internal MessageEntry Renamed(byte[] fileName, bool inNew) => new()
    {
        Uid = Uid, ModSeq = ModSeq, Flags = Flags, Keywords = Keywords, WireOctets = WireOctets, InternalDate = InternalDate,
        FileName = fileName, InNew = inNew,
    };

    /// <summary>The same message with other flags and the file name that goes with them.</summary>
    internal MessageEntry Changed(SystemFlags flags, IReadOnlyList<string> keywords, ModSeq modSeq, byte[] fileName, bool inNew) => new()
    {
        Uid = Uid, ModSeq = modSeq, Flags = flags, Keywords = keywords, WireOctets = WireOctets, InternalDate = InternalDate,
        FileName = fileName, InNew = inNew,
    };

    /// <summary>The same message with its wire size corrected.</summary>
    internal MessageEntry Sized(long wireOctets) => new()
    {
        Uid = Uid, ModSeq = ModSeq, Flags = Flags, Keywords = Keywords, WireOctets = wireOctets, InternalDate = InternalDate,
        FileName = FileName, InNew = InNew,
    };
}
