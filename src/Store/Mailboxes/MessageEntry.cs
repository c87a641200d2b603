using FullStack.Store.Maildir;

namespace FullStack.Store.Mailboxes;

/// <summary>What the store knows of one message without opening its file. Immutable: a change makes a new entry.</summary>
public sealed class MessageEntry : IEquatable<MessageEntry>
{
    private readonly MessageChunk? _chunk;
    private readonly int _index;
    private byte[]? _fileName;

    internal MessageEntry()
    {
    }

    /// <summary>A message of a chunk, which has the name of its file.</summary>
    internal MessageEntry(MessageChunk chunk, int index) => (_chunk, _index) = (chunk, index);

    public required Uid Uid { get; init; }
    public required ModSeq ModSeq { get; init; }
    public required SystemFlags Flags { get; init; }

    /// <summary>Its keywords; lists are shared between messages that have the same.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Octets with every line end as CRLF: RFC822.SIZE. <see cref="Uncounted"/> where no name told them and nobody has read the message yet.</summary>
    public required long WireOctets { get; init; }

    /// <summary>Stands for a length on the wire that is not known.</summary>
    public const long Uncounted = -1;

    /// <summary>Octets as it lies on the disk, which is what quotas count; 0 where that could not be found out.</summary>
    internal long StoredOctets { get; init; }

    /// <summary>Whether it is known that POP3 sends <see cref="WireOctets"/> octets of it: its last line has an end, and its headers are ASCII.</summary>
    internal bool IsSentAsIs { get; init; }

    /// <summary>When it arrived (the file's modification time), to the second, in UTC.</summary>
    public required DateTimeOffset InternalDate { get; init; }

    /// <summary>The name of its file, with flags.</summary>
    internal byte[] FileName
    {
        get => _fileName ??= _chunk?.NameOf(_index) ?? [];
        init => _fileName = value;
    }

    /// <summary>The name of its file up to the flags, by which it is known.</summary>
    internal ReadOnlySpan<byte> BaseName => _fileName is null && _chunk is not null ? _chunk.BaseNameOf(_index) : MaildirFileName.Base(FileName);

    /// <summary>Whether the file still lies in new/.</summary>
    internal bool InNew { get; init; }

    public bool Equals(MessageEntry? other)
        => other is not null && (Uid, ModSeq, Flags, WireOctets, InternalDate, InNew) == (other.Uid, other.ModSeq, other.Flags, other.WireOctets, other.InternalDate, other.InNew)
            && Keywords.SequenceEqual(other.Keywords) && FileName.AsSpan().SequenceEqual(other.FileName);

    public override bool Equals(object? obj) => Equals(obj as MessageEntry);

    public override int GetHashCode() => HashCode.Combine(Uid, ModSeq);

    internal bool Has(SystemFlags flag) => (Flags & flag) != 0;

    /// <summary>The same message under another file name; nothing that a client sees changes.</summary>
    internal MessageEntry Renamed(byte[] fileName, bool inNew) => new()
    {
        Uid = Uid, ModSeq = ModSeq, Flags = Flags, Keywords = Keywords, WireOctets = WireOctets, StoredOctets = StoredOctets, InternalDate = InternalDate,
        IsSentAsIs = IsSentAsIs, FileName = fileName, InNew = inNew,
    };

    /// <summary>The same message with other flags and the file name that goes with them.</summary>
    internal MessageEntry Changed(SystemFlags flags, IReadOnlyList<string> keywords, ModSeq modSeq, byte[] fileName, bool inNew) => new()
    {
        Uid = Uid, ModSeq = modSeq, Flags = flags, Keywords = keywords, WireOctets = WireOctets, StoredOctets = StoredOctets, InternalDate = InternalDate,
        IsSentAsIs = IsSentAsIs, FileName = fileName, InNew = inNew,
    };

    /// <summary>The same message as one would see it that has no flags but those of some kinds.</summary>
    internal MessageEntry Only(FlagKinds kinds)
        => kinds == FlagKinds.All ? this
            : Changed(Flags & MessageFlags.MaskOf(kinds), kinds.HasFlag(FlagKinds.Others) ? Keywords : [], ModSeq, FileName, InNew);

    /// <summary>The same message with its wire size corrected.</summary>
    internal MessageEntry Sized(long wireOctets) => new()
    {
        Uid = Uid, ModSeq = ModSeq, Flags = Flags, Keywords = Keywords, WireOctets = wireOctets, StoredOctets = StoredOctets, InternalDate = InternalDate,
        IsSentAsIs = IsSentAsIs, FileName = FileName, InNew = InNew,
    };
}
