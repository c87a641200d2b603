using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Conversions;

/// <summary>A part of a message, and how it becomes what the client wants.</summary>
/// <param name="part">The part.</param>
/// <param name="span">Where its body lies.</param>
/// <param name="conversion">What it becomes.</param>
/// <param name="parameters">How.</param>
internal sealed class SectionConversion(MimePart part, SectionSpan span, TextConversion conversion, ConversionParameters parameters)
{
    public TextConversion Conversion => conversion;

    private Encoding Source => BodyText.EncodingFor(part.ContentType.FindParameter(ConversionParameters.CharsetName));

    /// <summary>Finds out how a section is converted, or why it cannot be.</summary>
    public static (SectionConversion? Conversion, ConversionFailure? Failure) Find(MimeMessage structure, BodySection section, ConvertRequest request)
    {
        if (SectionLocator.Find(structure, section) is not { } span || SectionLocator.FindPart(structure, section) is not { } part)
            return (null, ConversionFailure.NoSuchPart(request.Target ?? MediaType.Plain));
        MediaType from = section.Path.Count == 0 ? MediaType.Message : MediaType.Of(part.ContentType);
        if (TextConversion.All.FirstOrDefault(known => known.From == from && known.To == (request.Target ?? known.To)) is not { } conversion)
            return (null, ConversionFailure.NoConversion(from, request.Target ?? MediaType.Plain));
        if (request.Parameters.Bad.Count > 0)
            return (null, ConversionFailure.BadParameters(from, conversion.To, request.Parameters.Bad));
        if (!BodyText.CanDecodeTransfer(part.TransferEncoding))
            return (null, ConversionFailure.UnknownEncoding(from, conversion.To));
        if (conversion.MakesPlainOfHtml && span.WireOctets > HtmlText.MaxUnits)
            return (null, ConversionFailure.TooLong(from, conversion.To));
        return (new(part, span, conversion, request.Parameters), null);
    }

    /// <summary>What tells the converted octets from all others of the mailbox.</summary>
    public SectionId IdOf(Uid uid, MessageContent content) => new(uid, content.StoredOctets, span.StoredOffset, $"{conversion.To} {parameters.Key}");

    /// <summary>The converted octets: a text in another charset as it is read, plain text of HTML made at once.</summary>
    /// <exception cref="EncoderFallbackException">The charset lacks a character of it: here, or where the stream is read.</exception>
    public async ValueTask<Stream> OpenAsync(MessageContent content, CancellationToken ct)
    {
        Stream octets = BodyText.DecodeTransfer(content.OpenWire(span.StoredOffset, span.StoredOctets), part.TransferEncoding);
        if (!conversion.MakesPlainOfHtml)
            return new TranscodingStream(octets, Source, parameters.Target);
        await using (octets)
        {
            using MemoryStream html = new();
            await octets.CopyToAsync(html, ct);
            string text = HtmlText.Of(Source.GetString(html.GetBuffer(), 0, (int)html.Length));
            return new MemoryStream(parameters.Target.GetBytes(text), writable: false);
        }
    }

    /// <summary>What BODYSTRUCTURE would say of the converted part.</summary>
    public MimePart Describe(DecodedLength length)
    {
        bool isSameType = conversion.From == conversion.To;
        IEnumerable<MimeParameter> kept = part.ContentType.Parameters.Where(parameter => isSameType && !parameter.Name.StartsWith(ConversionParameters.CharsetName, StringComparison.OrdinalIgnoreCase));
        return new()
        {
            HeaderOffset = 0,
            BodyOffset = 0,
            EndOffset = length.Octets,
            HeaderOctets = 0,
            BodyOctets = length.Octets,
            BodyLines = length.Lines,
            ContentType = new(conversion.To.Type, conversion.To.Subtype, [new(ConversionParameters.CharsetName, parameters.Name), .. kept]),
            TransferEncoding = length.HasNul ? "binary" : length.HasHighBit ? "8bit" : "7bit",
            ContentId = part.ContentId,
            Description = part.Description,
            Languages = part.Languages,
            Disposition = isSameType ? part.Disposition : null, // a file name would be that of another kind of file
        };
    }
}
