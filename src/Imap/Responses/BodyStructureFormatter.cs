using FullStack.Mime;

namespace FullStack.Imap.Responses;

/// <summary>Writes BODY and BODYSTRUCTURE, which is BODY with extension data.</summary>
/// <remarks>
/// RFC 3501 §7.4.2 and §9: body, body-type-1part, body-type-mpart. What the grammar wants and a message may lack, such as a part in
/// each multipart, a message in each message/rfc822 and a charset of each text, <see cref="MimePart"/> has filled in.
/// </remarks>
internal static class BodyStructureFormatter
{
    /// <summary>Writes one part and all below it. The parser bounds how deep parts nest, so this recursion is bounded too.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="part">The outermost part of a message, or a part of it.</param>
    /// <param name="extended">Whether it is BODYSTRUCTURE.</param>
    public static void Write(ImapResponseWriter writer, MimePart part, bool extended)
    {
        writer.Write((byte)'(');
        if (part.IsMultipart)
            WriteMultipart(writer, part, extended);
        else
            WriteSinglePart(writer, part, extended);
        writer.Write((byte)')');
    }

    // body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    private static void WriteMultipart(ImapResponseWriter writer, MimePart part, bool extended)
    {
        for (int i = 0; i < part.Children.Count; i++)
            Write(writer, part.Children[i], extended);
        writer.Space();
        writer.Latin1String(part.ContentType.Subtype);
        if (!extended)
            return;

        // body-ext-mpart = body-fld-param [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc …]]]
        writer.Space();
        WriteParameters(writer, part.ContentType.Parameters);
        WriteDispositionLanguageLocation(writer, part);
    }

    // body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
    private static void WriteSinglePart(ImapResponseWriter writer, MimePart part, bool extended)
    {
        writer.Latin1String(part.ContentType.Type);
        writer.Space();
        writer.Latin1String(part.ContentType.Subtype);
        writer.Space();
        WriteParameters(writer, part.ContentType.Parameters);
        writer.Space();
        writer.NString(part.ContentId);
        writer.Space();
        writer.NString(part.Description);
        writer.Space();
        writer.Latin1String(part.TransferEncoding);
        writer.Space();
        writer.Number((ulong)part.BodyOctets);
        // IMAP4rev1 knows an envelope in message/rfc822 only; media-message has "GLOBAL" for those who know UTF-8 (RFC 9051 §9).
        MimePart? message = writer.Utf8 || part.ContentType.Is("message", "rfc822") ? part.InnerMessage : null;
        if (message is not null)
        {
            // body-type-msg = media-message SP body-fields SP envelope SP body SP body-fld-lines
            writer.Space();
            EnvelopeFormatter.Write(writer, message.Envelope!);
            writer.Space();
            Write(writer, message, extended);
        }

        if (part.IsText || message is not null)
        {
            writer.Space();
            writer.Number((ulong)part.BodyLines);
        }

        if (!extended)
            return;

        // body-ext-1part = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc …]]]
        writer.Space();
        writer.NString(part.ContentMd5);
        WriteDispositionLanguageLocation(writer, part);
    }

    // body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
    private static void WriteParameters(ImapResponseWriter writer, IReadOnlyList<MimeParameter> parameters)
    {
        if (parameters.Count == 0)
        {
            writer.Nil();
            return;
        }

        writer.Write((byte)'(');
        for (int i = 0; i < parameters.Count; i++)
        {
            if (i > 0)
                writer.Space();
            writer.Latin1String(parameters[i].Name);
            writer.Space();
            writer.Latin1String(parameters[i].Value);
        }

        writer.Write((byte)')');
    }

    private static void WriteDispositionLanguageLocation(ImapResponseWriter writer, MimePart part)
    {
        // body-fld-dsp = "(" string SP body-fld-param ")" / nil
        writer.Space();
        if (part.Disposition is { } disposition)
        {
            writer.Write((byte)'(');
            writer.Latin1String(disposition.Type);
            writer.Space();
            WriteParameters(writer, disposition.Parameters);
            writer.Write((byte)')');
        }
        else
        {
            writer.Nil();
        }

        // body-fld-lang = nstring / "(" string *(SP string) ")"
        writer.Space();
        if (part.Languages.Count == 0)
            writer.Nil();
        else
            WriteList(writer, part.Languages);
        writer.Space();
        writer.NString(part.Location);
    }

    private static void WriteList(ImapResponseWriter writer, IReadOnlyList<string> texts)
    {
        writer.Write((byte)'(');
        for (int i = 0; i < texts.Count; i++)
        {
            if (i > 0)
                writer.Space();
            writer.Latin1String(texts[i]);
        }

        writer.Write((byte)')');
    }
}
