using System.Buffers;
using FullStack.Imap.Responses;

namespace FullStack.Imap.Fetch;

/// <summary>The data items of FETCH, apart from their arguments (RFC 3501 §6.4.5, RFC 7162 §3.1.4.2, RFC 8514 §4.2, RFC 8474 §5.3).</summary>
internal enum FetchAttribute
{
    Uid,
    Flags,
    InternalDate,
    Rfc822Size,
    ModSeq,
    SaveDate,
    EmailId,
    ThreadId,
    Envelope,
    Body,
    BodyStructure,

    /// <summary>Octets of the message: BODY[…], RFC822, RFC822.HEADER, RFC822.TEXT.</summary>
    Section,
}

/// <summary>One data item asked for.</summary>
/// <param name="Attribute">Which one.</param>
/// <param name="Name">How the response names it.</param>
internal record FetchItem(FetchAttribute Attribute, ReadOnlyMemory<byte> Name)
{
    /// <summary>What has to be read of a message to answer.</summary>
    public FetchNeeds Needs => Attribute switch
    {
        FetchAttribute.SaveDate => FetchNeeds.SaveDate,
        FetchAttribute.EmailId => FetchNeeds.EmailId,
        FetchAttribute.ThreadId => FetchNeeds.ThreadId,
        FetchAttribute.Envelope => FetchNeeds.Envelope,
        FetchAttribute.Body or FetchAttribute.BodyStructure => FetchNeeds.Structure,
        FetchAttribute.Section => FetchNeeds.Structure | FetchNeeds.Octets,
        _ => FetchNeeds.Nothing,
    };

    public static FetchItem Uid { get; } = new(FetchAttribute.Uid, "UID"u8.ToArray());
    public static FetchItem Flags { get; } = new(FetchAttribute.Flags, "FLAGS"u8.ToArray());
    public static FetchItem InternalDate { get; } = new(FetchAttribute.InternalDate, "INTERNALDATE"u8.ToArray());
    public static FetchItem Rfc822Size { get; } = new(FetchAttribute.Rfc822Size, "RFC822.SIZE"u8.ToArray());
    public static FetchItem ModSeq { get; } = new(FetchAttribute.ModSeq, "MODSEQ"u8.ToArray());
    public static FetchItem SaveDate { get; } = new(FetchAttribute.SaveDate, "SAVEDATE"u8.ToArray());
    public static FetchItem EmailId { get; } = new(FetchAttribute.EmailId, "EMAILID"u8.ToArray());
    public static FetchItem ThreadId { get; } = new(FetchAttribute.ThreadId, "THREADID"u8.ToArray());
    public static FetchItem Envelope { get; } = new(FetchAttribute.Envelope, "ENVELOPE"u8.ToArray());
    public static FetchItem Body { get; } = new(FetchAttribute.Body, "BODY"u8.ToArray());
    public static FetchItem BodyStructure { get; } = new(FetchAttribute.BodyStructure, "BODYSTRUCTURE"u8.ToArray());
}

/// <summary>Octets of the message asked for.</summary>
/// <param name="Section">Which.</param>
/// <param name="Partial">A piece of them only; null: all.</param>
/// <param name="SetsSeen">Whether the message counts as read by it.</param>
/// <param name="Name">How the response names it.</param>
internal sealed record SectionItem(BodySection Section, PartialRange? Partial, bool SetsSeen, ReadOnlyMemory<byte> Name)
    : FetchItem(FetchAttribute.Section, Name)
{
    // RFC 3501 §6.4.5: RFC822.HEADER is "functionally equivalent to BODY.PEEK[HEADER]"; the others to forms without PEEK.
    public static SectionItem Rfc822 { get; } = new(BodySection.WholeMessage, null, SetsSeen: true, "RFC822"u8.ToArray());
    public static SectionItem Rfc822Header { get; } = new(BodySection.MessageHeader, null, SetsSeen: false, "RFC822.HEADER"u8.ToArray());
    public static SectionItem Rfc822Text { get; } = new(BodySection.MessageText, null, SetsSeen: true, "RFC822.TEXT"u8.ToArray());

    /// <summary>The item for BODY[section]&lt;partial&gt;, named <c>BODY[section]&lt;origin&gt;</c> in the response.</summary>
    public static SectionItem Of(BodySection section, PartialRange? partial, bool peek)
    {
        ArrayBufferWriter<byte> name = new();
        ImapResponseWriter writer = new(name);
        writer.Write("BODY"u8);
        section.WriteTo(writer);
        if (partial is { } range)
        {
            writer.Write((byte)'<');
            writer.Number(range.Offset);
            writer.Write((byte)'>');
        }

        return new(section, partial, SetsSeen: !peek, name.WrittenMemory);
    }
}
