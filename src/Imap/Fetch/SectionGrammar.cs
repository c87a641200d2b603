using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;

namespace FullStack.Imap.Fetch;

/// <summary>Reads which part of a message is meant: for FETCH, and in URLs.</summary>
/// <remarks>RFC 3501 §9: section; RFC 3516 §7: section-binary; RFC 5092 §11: isection uses the same section-spec.</remarks>
internal static class SectionGrammar
{
    /// <summary>Longest path of part numbers; the parser goes less deep.</summary>
    public const int MaxPathParts = 200;

    /// <summary>section-part = nz-number *("." nz-number); nothing where the next octet is no digit</summary>
    public static bool TryReadSectionPart(this ref ImapReader reader, out List<uint> path)
    {
        path = [];
        if (!reader.TryReadNzNumber(out uint number))
            return true;
        path.Add(number);
        while (reader.TryReadOctet((byte)'.'))
        {
            if (path.Count == MaxPathParts || !reader.TryReadNzNumber(out number))
                return false;
            path.Add(number);
        }

        return true;
    }

    /// <summary>["&lt;" number "." nz-number "&gt;"]</summary>
    public static bool TryReadPartial(this ref ImapReader reader, out PartialRange? partial)
    {
        partial = null;
        if (!reader.TryReadOctet((byte)'<'))
            return true;
        if (!reader.TryReadNumber64(out ulong offset) || !reader.TryReadOctet((byte)'.') || !reader.TryReadNumber64(out ulong count) || count == 0 || !reader.TryReadOctet((byte)'>'))
            return false;
        partial = new PartialRange(offset, count);
        return true;
    }

    /// <summary>section-spec = section-msgtext / (section-part ["." section-text]); section-part = nz-number *("." nz-number)</summary>
    public static bool TryReadSectionSpec(this ref ImapReader reader, [NotNullWhen(true)] out BodySection? section)
    {
        section = null;
        List<uint> path = [];
        SectionText text = SectionText.Everything;
        bool wantsText = reader.Peek != (byte)']';
        while (wantsText && reader.TryReadNzNumber(out uint number))
        {
            path.Add(number);
            wantsText = reader.TryReadOctet((byte)'.');
            if (path.Count > MaxPathParts)
                return false;
        }

        if (wantsText && !TryReadSectionText(ref reader, path.Count > 0, out text))
            return false;
        List<byte[]> fieldNames = [];
        if (text is SectionText.HeaderFields or SectionText.HeaderFieldsNot && !TryReadHeaderList(ref reader, fieldNames))
            return false;
        section = new(path, text, fieldNames);
        return true;
    }

    /// <summary>
    /// section-text = section-msgtext / "MIME"; section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT".
    /// "The MIME part specifier MUST be prefixed by one or more numeric part specifiers" (RFC 3501 §6.4.5).
    /// </summary>
    private static bool TryReadSectionText(ref ImapReader reader, bool ofPart, out SectionText text)
    {
        ReadOnlySpan<byte> name = FetchGrammar.NameAt(reader.Rest);
        text = name switch
        {
            _ when Ascii.EqualsIgnoreCase(name, "HEADER"u8) => SectionText.Header,
            _ when Ascii.EqualsIgnoreCase(name, "HEADER.FIELDS"u8) => SectionText.HeaderFields,
            _ when Ascii.EqualsIgnoreCase(name, "HEADER.FIELDS.NOT"u8) => SectionText.HeaderFieldsNot,
            _ when Ascii.EqualsIgnoreCase(name, "TEXT"u8) => SectionText.Text,
            _ when ofPart && Ascii.EqualsIgnoreCase(name, "MIME"u8) => SectionText.Mime,
            _ => SectionText.Everything,
        };
        return text != SectionText.Everything && reader.TryReadWord(name);
    }

    /// <summary>SP header-list; header-list = "(" header-fld-name *(SP header-fld-name) ")"; header-fld-name = astring</summary>
    private static bool TryReadHeaderList(ref ImapReader reader, List<byte[]> fieldNames)
    {
        if (!reader.TryReadSpace() || !reader.TryReadOctet((byte)'('))
            return false;
        do
        {
            if (!reader.TryReadAString(out ReadOnlySpan<byte> name))
                return false;
            fieldNames.Add(name.ToArray());
        }
        while (reader.TryReadSpace());

        return reader.TryReadOctet((byte)')');
    }
}
