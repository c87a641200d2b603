using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Conversions;

/// <summary>Writes the data items of CONVERTED responses.</summary>
/// <remarks>RFC 5259 §8. Whether a text can be written in a charset is known only after a pass over it, so that pass comes before its item.</remarks>
internal sealed class ConvertedSender(ImapSession session, ConvertRequest request)
{
    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly DecodedSender _sender = new(session);

    /// <summary>Writes an item that needs the message.</summary>
    /// <returns>Whether it was converted; else why not stands in its place.</returns>
    /// <exception cref="ResponseBrokenException">The message cannot be read to its end.</exception>
    public async ValueTask<bool> SendAsync(ConvertItem item, Uid uid, MimeMessage structure, MessageContent content, CancellationToken ct)
        => (item.Form == ConvertForm.Header ? await SendHeaderAsync(item, structure, content, ct) : await SendPartAsync(item, uid, structure, content, ct)) is not { } failure
            || Fail(item, failure);

    /// <summary>Writes which media types a section can become.</summary>
    /// <returns>Whether there are any.</returns>
    public bool SendAvailable(ConvertItem item, MimeMessage structure)
    {
        (SectionConversion? conversion, ConversionFailure? failure) = SectionConversion.Find(structure, item.Section, request);
        if (conversion is null)
            return Fail(item, failure!);
        item.WriteName(_writer);
        _writer.Write(" (("u8); // mimetype-list = "(" "(" [quoted-to-mime-type *(SP quoted-to-mime-type)] ")" ")"
        bool isFirst = true;
        foreach (TextConversion known in TextConversion.All.Where(known => known.From == conversion.Conversion.From && known.To == (request.Target ?? known.To)))
        {
            if (!isFirst)
                _writer.Space();
            ConversionFailure.WriteType(_writer, known.To);
            isFirst = false;
        }

        _writer.Write("))"u8);
        return true;
    }

    private bool Fail(ConvertItem item, ConversionFailure failure)
    {
        item.WriteName(_writer);
        _writer.Space();
        failure.WriteTo(_writer);
        return false;
    }

    private async ValueTask<ConversionFailure?> SendPartAsync(ConvertItem item, Uid uid, MimeMessage structure, MessageContent content, CancellationToken ct)
    {
        (SectionConversion? conversion, ConversionFailure? failure) = SectionConversion.Find(structure, item.Section, request);
        if (conversion is null)
            return failure;
        SectionId id = conversion.IdOf(uid, content);
        DecodedLength length;
        try
        {
            length = await _sender.MeasureAsync(id, conversion.OpenAsync, content, ct);
        }
        catch (EncoderFallbackException)
        {
            return ConversionFailure.Unrepresentable(conversion.Conversion.From, conversion.Conversion.To, Charset);
        }

        item.WriteName(_writer);
        _writer.Space();
        if (item.Form == ConvertForm.Size)
            _writer.Number((ulong)length.Octets);
        else if (item.Form == ConvertForm.Structure)
            BodyStructureFormatter.Write(_writer, conversion.Describe(length), extended: true);
        else
            await _sender.SendAsync(id, length, item.Partial, conversion.OpenAsync, content, ct);
        return null;
    }

    private async ValueTask<ConversionFailure?> SendHeaderAsync(ConvertItem item, MimeMessage structure, MessageContent content, CancellationToken ct)
    {
        MediaType type = MediaType.Header;
        if (SectionLocator.Find(structure, item.Section) is not { } span)
            return ConversionFailure.NoSuchPart(type);
        if (request.Parameters.Bad.Count > 0)
            return ConversionFailure.BadParameters(type, type, request.Parameters.Bad);
        if (request.Parameters.Charset is null)
            return ConversionFailure.MissingCharset(type, type); // "Any such request MUST include the CHARSET parameter" (RFC 5259 §6)
        if (span.WireOctets > HeaderTranscoder.MaxOctets)
            return ConversionFailure.TooLong(type, type);
        using MemoryStream header = new();
        await using (WireStream wire = content.OpenWire(span.StoredOffset, span.StoredOctets))
            await wire.CopyToAsync(header, ct);
        byte[] converted;
        try
        {
            converted = HeaderTranscoder.Transcode(header.GetBuffer().AsSpan(0, (int)header.Length), request.Parameters.Target, request.Parameters.Name);
        }
        catch (EncoderFallbackException)
        {
            return ConversionFailure.Unrepresentable(type, type, Charset);
        }

        item.WriteName(_writer);
        _writer.Space();
        _writer.Literal(converted);
        return null;
    }

    private ConversionParameter Charset => request.Parameters.Charset ?? new(ConversionParameters.CharsetName, Encoding.ASCII.GetBytes(request.Parameters.Name));
}
