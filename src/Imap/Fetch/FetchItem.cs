using System.Buffers;
using FullStack.Imap.Responses;

namespace FullStack.Imap.Fetch;

/// <summary>The data items of FETCH, apart from their arguments (RFC 3501 §6.4.5, RFC 7162 §3.1.4.2, RFC 8514 §4.2, RFC 8474 §5.3, RFC 3516 §4, RFC 8970 §3).</summary>
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

    /// <summary>Annotations (RFC 5257 §4.3).</summary>
    Annotation,

    /// <summary>Octets of the message: BODY[…], RFC822, RFC822.HEADER, RFC822.TEXT.</summary>
    Section,

    /// <summary>The first words of its text: PREVIEW.</summary>
    Preview,

    /// <summary>The same without transfer encoding, or how many there are: BINARY[…], BINARY.SIZE[…].</summary>
    Binary,
}

/// <summary>One data item asked for.</summary>
/// <param name="Attribute">Which one.</param>
/// <param name="Name">How the response names it.</param>
internal record FetchItem(FetchAttribute Attribute, ReadOnlyMemory<byte> Name)
{
    /// <summary>A piece of the octets only; null: all.</summary>
    public PartialRange? Partial { get; init; }

    /// <summary>Whether there may be no answer where it takes long (RFC 8970 §4.1).</summary>
    public bool IsLazy { get; init; }

    /// <summary>Whether the message counts as read by it.</summary>
    public bool SetsSeen { get; init; }

    /// <summary>What has to be read of a message to answer.</summary>
    public virtual FetchNeeds Needs => Attribute switch
    {
        FetchAttribute.SaveDate => FetchNeeds.SaveDate,
        FetchAttribute.EmailId => FetchNeeds.EmailId,
        FetchAttribute.ThreadId => FetchNeeds.ThreadId,
        FetchAttribute.Envelope => FetchNeeds.Envelope,
        FetchAttribute.Body or FetchAttribute.BodyStructure => FetchNeeds.Structure,
        FetchAttribute.Annotation => FetchNeeds.Annotations,
        FetchAttribute.Binary or FetchAttribute.Preview => FetchNeeds.Structure | FetchNeeds.Octets,
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

    public static FetchItem Preview { get; } = new(FetchAttribute.Preview, "PREVIEW"u8.ToArray());
    public static FetchItem LazyPreview { get; } = Preview with { IsLazy = true };

    /// <summary>word "[" section "]" ["&lt;" origin "&gt;"]</summary>
    protected static ReadOnlyMemory<byte> NameOf(ReadOnlySpan<byte> word, BodySection section, PartialRange? partial)
    {
        ArrayBufferWriter<byte> name = new();
        ImapResponseWriter writer = new(name);
        writer.Write(word);
        section.WriteTo(writer);
        if (partial is { } range)
        {
            writer.Write((byte)'<');
            writer.Number(range.Offset);
            writer.Write((byte)'>');
        }

        return name.WrittenMemory;
    }
}

/// <summary>Octets of the message asked for.</summary>
/// <param name="Section">Which.</param>
/// <param name="Name">How the response names it.</param>
internal sealed record SectionItem(BodySection Section, ReadOnlyMemory<byte> Name) : FetchItem(FetchAttribute.Section, Name)
{
    public override FetchNeeds Needs => FetchNeeds.Octets
        | (Section.Path.Count > 0 ? FetchNeeds.Structure : Section.IsOfHeader ? FetchNeeds.Nothing : FetchNeeds.Extent);

    // RFC 3501 §6.4.5: RFC822.HEADER is "functionally equivalent to BODY.PEEK[HEADER]"; the others to forms without PEEK.
    public static SectionItem Rfc822 { get; } = new(BodySection.WholeMessage, "RFC822"u8.ToArray()) { SetsSeen = true };
    public static SectionItem Rfc822Header { get; } = new(BodySection.MessageHeader, "RFC822.HEADER"u8.ToArray());
    public static SectionItem Rfc822Text { get; } = new(BodySection.MessageText, "RFC822.TEXT"u8.ToArray()) { SetsSeen = true };

    /// <summary>The item for BODY[section]&lt;partial&gt;, named <c>BODY[section]&lt;origin&gt;</c> in the response.</summary>
    public static SectionItem Of(BodySection section, PartialRange? partial, bool peek)
        => new(section, NameOf("BODY"u8, section, partial)) { Partial = partial, SetsSeen = !peek };
}

/// <summary>What BINARY asks for (RFC 3516 §4.2).</summary>
internal enum BinaryForm
{
    Octets,

    /// <summary>The same, and the message does not count as read.</summary>
    PeekedOctets,

    /// <summary>How many there are.</summary>
    Size,
}

/// <summary>A part without its transfer encoding, or its size.</summary>
/// <param name="Section">The part; its text is always everything.</param>
/// <param name="Form">What of it.</param>
/// <param name="Name">How the response names it.</param>
internal sealed record BinaryItem(BodySection Section, BinaryForm Form, ReadOnlyMemory<byte> Name) : FetchItem(FetchAttribute.Binary, Name)
{
    public static BinaryItem Of(IReadOnlyList<uint> path, PartialRange? partial, BinaryForm form)
    {
        BodySection section = new(path, SectionText.Everything, []);
        return new(section, form, NameOf(form == BinaryForm.Size ? "BINARY.SIZE"u8 : "BINARY"u8, section, partial))
        {
            Partial = partial,
            SetsSeen = form == BinaryForm.Octets,
        };
    }
}
