using System.Text;
using FullStack.Imap.Responses;

namespace FullStack.Imap.Fetch;

/// <summary>What of a message or part a section names (RFC 3501 §6.4.5).</summary>
internal enum SectionText
{
    /// <summary>No text specifier: the whole message, or the body of the part.</summary>
    Everything,
    Header,
    HeaderFields,
    HeaderFieldsNot,
    Text,
    Mime,
}

/// <summary>section-spec: a path of part numbers, empty for the message itself, and what is wanted of the part.</summary>
/// <param name="Path">Part numbers from the outside in.</param>
/// <param name="Text">What of the part.</param>
/// <param name="FieldNames">The header-list of HEADER.FIELDS and HEADER.FIELDS.NOT, octets as given; else empty.</param>
internal sealed record BodySection(IReadOnlyList<uint> Path, SectionText Text, IReadOnlyList<byte[]> FieldNames)
{
    public static BodySection WholeMessage { get; } = new([], SectionText.Everything, []);
    public static BodySection MessageHeader { get; } = new([], SectionText.Header, []);
    public static BodySection MessageText { get; } = new([], SectionText.Text, []);

    /// <summary>Whether only some fields of the header are wanted.</summary>
    public bool IsHeaderSubset => Text is SectionText.HeaderFields or SectionText.HeaderFieldsNot;

    /// <summary>Whether the header is wanted, or some fields of it.</summary>
    public bool IsOfHeader => IsHeaderSubset || Text == SectionText.Header;

    /// <summary>section = "[" [section-spec] "]", as the response repeats it.</summary>
    public void WriteTo(ImapResponseWriter writer)
    {
        writer.Write((byte)'[');
        for (int i = 0; i < Path.Count; i++)
        {
            if (i > 0)
                writer.Write((byte)'.');
            writer.Number(Path[i]);
        }

        if (Path.Count > 0 && Text != SectionText.Everything)
            writer.Write((byte)'.');
        writer.Write(Name(Text));
        if (IsHeaderSubset)
            WriteFieldNames(writer);
        writer.Write((byte)']');
    }

    // header-list = "(" header-fld-name *(SP header-fld-name) ")"
    private void WriteFieldNames(ImapResponseWriter writer)
    {
        writer.Write(" ("u8);
        for (int i = 0; i < FieldNames.Count; i++)
        {
            if (i > 0)
                writer.Space();
            writer.AString(FieldNames[i]);
        }

        writer.Write((byte)')');
    }

    private static ReadOnlySpan<byte> Name(SectionText text) => text switch
    {
        SectionText.Everything => default,
        SectionText.Header => "HEADER"u8,
        SectionText.HeaderFields => "HEADER.FIELDS"u8,
        SectionText.HeaderFieldsNot => "HEADER.FIELDS.NOT"u8,
        SectionText.Text => "TEXT"u8,
        SectionText.Mime => "MIME"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(text), text, null),
    };
}

/// <summary>A partial fetch: octets on the wire, after subsetting a header.</summary>
/// <param name="Offset">First octet wanted, from 0.</param>
/// <param name="Count">How many at most, at least 1.</param>
internal readonly record struct PartialRange(ulong Offset, ulong Count);
