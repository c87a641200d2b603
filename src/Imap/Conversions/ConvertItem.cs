using FullStack.Imap.Fetch;
using FullStack.Imap.Responses;

namespace FullStack.Imap.Conversions;

/// <summary>The data items of CONVERT, but UID (RFC 5259 §6).</summary>
internal enum ConvertForm
{
    /// <summary>BINARY[…]: the converted octets.</summary>
    Octets,

    /// <summary>BINARY.SIZE[…]: how many there are.</summary>
    Size,

    /// <summary>BODYPARTSTRUCTURE[…]: what BODYSTRUCTURE would say of the converted part.</summary>
    Structure,

    /// <summary>AVAILABLECONVERSIONS[…]: what the part can be converted to.</summary>
    Available,

    /// <summary>BODY[HEADER], BODY[….HEADER], BODY[….MIME]: a header in another charset.</summary>
    Header,
}

/// <summary>One data item that CONVERT asks for.</summary>
/// <param name="Form">What of the section.</param>
/// <param name="Section">Which section.</param>
/// <param name="Partial">A piece of its octets only; null: all.</param>
internal sealed record ConvertItem(ConvertForm Form, BodySection Section, PartialRange? Partial = null)
{
    /// <summary>How the response names it.</summary>
    public void WriteName(ImapResponseWriter writer)
    {
        writer.Write(Word(Form));
        Section.WriteTo(writer);
        if (Partial is not { } range)
            return;
        writer.Write((byte)'<');
        writer.Number(range.Offset);
        writer.Write((byte)'>');
    }

    private static ReadOnlySpan<byte> Word(ConvertForm form) => form switch
    {
        ConvertForm.Octets => "BINARY"u8,
        ConvertForm.Size => "BINARY.SIZE"u8,
        ConvertForm.Structure => "BODYPARTSTRUCTURE"u8,
        ConvertForm.Available => "AVAILABLECONVERSIONS"u8,
        ConvertForm.Header => "BODY"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, null),
    };
}
