using FullStack.Store.Mailboxes;

namespace FullStack.Store.Mbox;

/// <summary>What is remembered of a message of an open mbox: where it lies and what its fields say.</summary>
internal sealed class MboxSpan
{
    /// <summary>The message's name: its token as text.</summary>
    public required byte[] Name { get; init; }

    public required long Offset { get; init; }
    public required long BodyOffset { get; init; }
    public required long End { get; init; }
    public required long TextOctets { get; init; }
    public required long QuotedLines { get; init; }
    public required long WireOctets { get; init; }
    public required DateTimeOffset Date { get; init; }
    public required bool IsCounted { get; init; }
    public required SystemFlags Flags { get; set; }
    public required IReadOnlyList<string> Keywords { get; set; }

    /// <summary>A mail program has seen it.</summary>
    public required bool IsOld { get; set; }

    /// <summary>The UID written in the file; 0 where none is.</summary>
    public required uint Uid { get; init; }

    /// <summary>The mailbox's numbers and no mail.</summary>
    public required bool IsInternal { get; init; }

    public ListedMessage Listed => new(Name, InNew: !IsOld, Flags, Keywords);

    /// <summary>The same message elsewhere in the file, its fields as this server writes them.</summary>
    public MboxSpan MovedTo(long offset, long bodyOffset, long end, MboxFlags flags) => new()
    {
        Name = Name, Offset = offset, BodyOffset = bodyOffset, End = end, TextOctets = TextOctets, QuotedLines = QuotedLines,
        WireOctets = WireOctets, Date = Date, IsCounted = IsCounted, Flags = flags.System, Keywords = flags.Keywords, IsOld = flags.IsOld,
        Uid = flags.Uid, IsInternal = IsInternal,
    };
}
