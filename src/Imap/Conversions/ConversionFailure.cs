using FullStack.Imap.Languages;
using FullStack.Imap.Responses;

namespace FullStack.Imap.Conversions;

/// <summary>Why a section is not converted, as it stands in the place of what was asked.</summary>
/// <remarks>RFC 5259 §9: converterror-phrase.</remarks>
/// <param name="Text">Why, for people.</param>
/// <param name="From">What the section is; null: there is none such.</param>
/// <param name="To">What it was to become.</param>
internal sealed record ConversionFailure(ImapText Text, MediaType? From, MediaType To)
{
    /// <summary>Parameters that are at fault; none: there is no such conversion, whatever the parameters.</summary>
    public IReadOnlyList<ConversionParameter> Bad { get; private init; } = [];

    /// <summary>A parameter that has to be given; null: none.</summary>
    private string? Missing { get; init; }

    public static ConversionFailure NoSuchPart(MediaType to) => new("There is no such part", null, to);

    public static ConversionFailure NoConversion(MediaType from, MediaType to) => new("There is no such conversion", from, to);

    public static ConversionFailure TooLong(MediaType from, MediaType to) => new("The text is too long to be converted", from, to);

    public static ConversionFailure UnknownEncoding(MediaType from, MediaType to) => new("A part has a transfer encoding that is not known here", from, to);

    public static ConversionFailure BadParameters(MediaType from, MediaType to, IReadOnlyList<ConversionParameter> bad)
        => new("These parameters are unknown or cannot be honoured", from, to) { Bad = bad };

    /// <summary>The text has characters that the charset lacks.</summary>
    public static ConversionFailure Unrepresentable(MediaType from, MediaType to, ConversionParameter charset)
        => new("The charset lacks characters of the text", from, to) { Bad = [charset] };

    public static ConversionFailure MissingCharset(MediaType from, MediaType to) => new("The charset has to be named", from, to) { Missing = ConversionParameters.CharsetName };

    /// <summary>"(" "ERROR" SP convert-err-descript SP convert-error-code ")"</summary>
    public void WriteTo(ImapResponseWriter writer)
    {
        writer.Write("(ERROR "u8);
        writer.Utf8String(writer.Language.Translate(Text.Template));
        writer.Write(Missing is null ? " BADPARAMETERS "u8 : " MISSINGPARAMETERS "u8);
        if (From is { } from)
            WriteType(writer, from);
        else
            writer.Nil();
        writer.Space();
        WriteType(writer, To);
        if (Missing is not null)
        {
            writer.Write(" ("u8);
            writer.Atom(Missing);
            writer.Write((byte)')');
        }
        else if (Bad.Count > 0)
        {
            WriteBad(writer);
        }

        writer.Write((byte)')');
    }

    /// <summary>DQUOTE mime-type DQUOTE</summary>
    public static void WriteType(ImapResponseWriter writer, MediaType type)
    {
        writer.Write((byte)'"');
        writer.Atom(type.ToString());
        writer.Write((byte)'"');
    }

    private void WriteBad(ImapResponseWriter writer)
    {
        writer.Space();
        for (int i = 0; i < Bad.Count; i++)
        {
            writer.Write(i == 0 ? (byte)'(' : (byte)' ');
            writer.AString(System.Text.Encoding.ASCII.GetBytes(Bad[i].Name));
            writer.Space();
            writer.String(Bad[i].Value);
        }

        writer.Write((byte)')');
    }
}
