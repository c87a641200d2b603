using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Sends parts without their transfer encoding, and tells their sizes.</summary>
/// <remarks>
/// RFC 3516 §4.2 and §4.3, RFC 9051 §6.4.5. A part of type multipart or message has no encoding that could be undone
/// (RFC 2045 §6.4), nor has a whole message: they go out as they are.
/// </remarks>
internal sealed class BinarySender(ImapSession session)
{
    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly DecodedSender _sender = new(session);

    /// <summary>Whether the part's encoding is known, or there is no such part.</summary>
    public static bool CanSend(BinaryItem item, MimeMessage structure)
        => item.Section.Path.Count == 0 || SectionLocator.FindPart(structure, item.Section) is not { } part || BodyText.CanDecodeTransfer(part.TransferEncoding);

    /// <summary>Writes an item's name and value.</summary>
    /// <exception cref="ResponseBrokenException">The message cannot be read to its end.</exception>
    public async ValueTask SendAsync(BinaryItem item, Uid uid, MimeMessage structure, MessageContent content, CancellationToken ct)
    {
        _writer.Write(item.Name.Span);
        _writer.Space();
        if (SectionLocator.Find(structure, item.Section) is not { } span)
        {
            _writer.Write(item.Form == BinaryForm.Size ? "0"u8 : "NIL"u8);
            return;
        }

        string encoding = item.Section.Path.Count == 0 ? "binary" : SectionLocator.FindPart(structure, item.Section)!.TransferEncoding;
        SectionId id = new(uid, content.StoredOctets, span.StoredOffset);
        OctetSource source = (message, _) => new(BodyText.DecodeTransfer(message.OpenWire(span.StoredOffset, span.StoredOctets), encoding));
        DecodedLength length = await _sender.MeasureAsync(id, source, content, ct);
        if (item.Form == BinaryForm.Size)
            _writer.Number((ulong)length.Octets);
        else
            await _sender.SendAsync(id, length, item.Partial, source, content, ct);
    }
}
