using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;

namespace FullStack.Imap.Conversions;

/// <summary>Reads what CONVERT asks for. On failure the reader stands where the error is.</summary>
/// <remarks>RFC 5259 §10: convert-params, convert-att.</remarks>
internal static class ConvertGrammar
{
    private const int MaxParameters = 20;

    /// <summary>convert-params SP ( convert-att / "(" convert-att *(SP convert-att) ")" )</summary>
    public static bool TryReadConvertRequest(this ref ImapReader reader, [NotNullWhen(true)] out ConvertRequest? request)
    {
        request = null;
        List<ConversionParameter> parameters = [];
        List<ConvertItem> items = [];
        bool hasUid = false;
        if (!TryReadParameters(ref reader, out MediaType? target, parameters) || !reader.TryReadSpace() || !TryReadItems(ref reader, items, ref hasUid))
            return false;

        // "No destination MIME type MUST be specified with BODY[HEADER] …" (RFC 5259 §6)
        if (target is not null && items.Exists(static item => item.Form == ConvertForm.Header))
            return false;
        request = new(target, ConversionParameters.Of(parameters), items, hasUid);
        return true;
    }

    /// <summary>convert-params = "(" (quoted-to-mime-type / "NIL") [SP "(" transcoding-params ")"] ")"</summary>
    private static bool TryReadParameters(ref ImapReader reader, out MediaType? target, List<ConversionParameter> parameters)
    {
        target = null;
        if (!reader.TryReadOctet((byte)'(') || !reader.TryReadNString(out ReadOnlySpan<byte> name, out bool isNil))
            return false;
        if (!isNil && (!MediaType.TryParse(name, out MediaType type) || !type.IsConcrete))
            return false;
        if (!isNil && MediaType.TryParse(name, out type))
            target = type;
        return (!reader.TryReadSpace() || TryReadParameterList(ref reader, parameters)) && reader.TryReadOctet((byte)')');
    }

    /// <summary>"(" transcoding-param *(SP transcoding-param) ")"; transcoding-param = astring SP astring, no name twice</summary>
    private static bool TryReadParameterList(ref ImapReader reader, List<ConversionParameter> parameters)
    {
        if (!reader.TryReadOctet((byte)'('))
            return false;
        do
        {
            if (parameters.Count == MaxParameters || !reader.TryReadAString(out ReadOnlySpan<byte> octets) || !Ascii.IsValid(octets))
                return false;
            string name = Encoding.ASCII.GetString(octets);
            if (parameters.Exists(parameter => parameter.Is(name)) || !reader.TryReadSpace() || !reader.TryReadAString(out octets))
                return false;
            parameters.Add(new(name, octets.ToArray()));
        }
        while (reader.TryReadSpace());

        return reader.TryReadOctet((byte)')');
    }

    private static bool TryReadItems(ref ImapReader reader, List<ConvertItem> items, ref bool hasUid)
    {
        if (!reader.TryReadOctet((byte)'('))
            return TryReadItem(ref reader, items, ref hasUid);
        do
        {
            if (items.Count == FetchGrammar.MaxItems || !TryReadItem(ref reader, items, ref hasUid))
                return false;
        }
        while (reader.TryReadSpace());

        return reader.TryReadOctet((byte)')');
    }

    private static bool TryReadItem(ref ImapReader reader, List<ConvertItem> items, ref bool hasUid)
    {
        if (reader.TryReadWord("BODYPARTSTRUCTURE["u8))
            return TryReadPart(ref reader, ConvertForm.Structure, items);
        if (reader.TryReadWord("BINARY["u8))
            return TryReadPart(ref reader, ConvertForm.Octets, items);
        if (reader.TryReadWord("BINARY.SIZE["u8))
            return TryReadPart(ref reader, ConvertForm.Size, items);
        if (reader.TryReadWord("AVAILABLECONVERSIONS["u8))
            return TryReadPart(ref reader, ConvertForm.Available, items);
        if (reader.TryReadWord("BODY["u8))
            return TryReadHeader(ref reader, items);
        bool isUid = reader.TryReadWord("UID"u8);
        hasUid |= isUid;
        return isUid;
    }

    /// <summary>section-binary = "[" [section-part] "]", behind the bracket; [partial] where octets are asked for</summary>
    private static bool TryReadPart(ref ImapReader reader, ConvertForm form, List<ConvertItem> items)
    {
        PartialRange? partial = null;
        if (!reader.TryReadSectionPart(out List<uint> path) || !reader.TryReadOctet((byte)']') || (form == ConvertForm.Octets && !reader.TryReadPartial(out partial)))
            return false;
        items.Add(new(form, new(path, SectionText.Everything, []), partial));
        return true;
    }

    /// <summary>"HEADER]" / section-part ".HEADER]" / section-part ".MIME]"</summary>
    private static bool TryReadHeader(ref ImapReader reader, List<ConvertItem> items)
    {
        if (!reader.TryReadSectionSpec(out BodySection? section) || section.Text is not (SectionText.Header or SectionText.Mime) || !reader.TryReadOctet((byte)']'))
            return false;
        items.Add(new(ConvertForm.Header, section));
        return true;
    }
}
