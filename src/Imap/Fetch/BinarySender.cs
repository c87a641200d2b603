using System.Buffers;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Sends parts without their transfer encoding, and tells their sizes. A part of any size passes through a few buffers.</summary>
/// <remarks>
/// RFC 3516 §4.2 and §4.3, RFC 9051 §6.4.5. How many octets there are, and whether NUL is among them, is known only after a pass
/// over the part, so that pass comes before the literal. A part of type multipart or message has no encoding that could be undone
/// (RFC 2045 §6.4), nor has a whole message: they go out as they are.
/// </remarks>
internal sealed class BinarySender(ImapSession session)
{
    private const int ChunkOctets = 16 * 1024;

    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly DecodedSections _sections = session.Mailbox.Decoded;

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
        if (_sections.LengthOf(id) is not { } length)
        {
            length = await MeasureAsync(Open(content, span, encoding), ct);
            _sections.Remember(id, length);
        }

        if (item.Form == BinaryForm.Size)
            _writer.Number((ulong)length.Octets);
        else if (item.Partial is null)
            await SendAllAsync(length, Open(content, span, encoding), ct);
        else
            await SendPieceAsync(ContentSender.Clip(item.Partial, length.Octets), length.HasNul, await ResumeAsync(id, item.Partial.Value, span, encoding, ct), ct);
    }

    private static Stream Open(MessageContent content, SectionSpan span, string encoding)
        => BodyText.DecodeTransfer(content.OpenWire(span.StoredOffset, span.StoredOctets), encoding);

    private static async ValueTask<DecodedLength> MeasureAsync(Stream octets, CancellationToken ct)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkOctets);
        try
        {
            await using (octets)
            {
                long count = 0;
                bool hasNul = false;
                for (int got = await octets.ReadAsync(chunk, ct); got > 0; got = await octets.ReadAsync(chunk, ct))
                {
                    count += got;
                    hasNul = hasNul || chunk.AsSpan(0, got).Contains((byte)0);
                }

                return new(count, hasNul);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>The section where the last piece of it ended, or opened anew; it stays open after this message is done with.</summary>
    /// <exception cref="ResponseBrokenException">The message is gone.</exception>
    private async ValueTask<OpenSection> ResumeAsync(SectionId id, PartialRange partial, SectionSpan span, string encoding, CancellationToken ct)
    {
        if (_sections.Take(id, (long)Math.Min(partial.Offset, long.MaxValue)) is { } open)
            return open;
        Result<MessageContent> content = await session.View.OpenMessageAsync(id.Uid, ct);
        if (!content.Ok)
            throw new ResponseBrokenException("the message went away while it was sent");
        return new(id, content.Value, Open(content.Value, span, encoding));
    }

    private async ValueTask SendAllAsync(DecodedLength length, Stream octets, CancellationToken ct)
    {
        await using (octets)
        {
            Announce(length.Octets, length.HasNul);
            await CopyAsync(octets, length.Octets, ct);
        }
    }

    private async ValueTask SendPieceAsync((long Offset, long Octets) piece, bool hasNul, OpenSection section, CancellationToken ct)
    {
        bool isDone = false;
        try
        {
            Announce(piece.Octets, hasNul);
            if (piece.Octets > 0)
            {
                await ContentSender.SkipAsync(section.Octets, piece.Offset - section.Position, ct);
                await CopyAsync(section.Octets, piece.Octets, ct);
                section.Position = piece.Offset + piece.Octets;
            }

            isDone = true;
        }
        finally
        {
            if (isDone)
                _sections.Keep(section);
            else
                section.Dispose();
        }
    }

    /// <summary>literal, or literal8 = "~{" number64 "}" CRLF *OCTET where NUL is in it</summary>
    private void Announce(long octets, bool hasNul)
    {
        if (hasNul)
            _writer.Write((byte)'~');
        _writer.LiteralHeader(octets);
    }

    private async ValueTask CopyAsync(Stream octets, long count, CancellationToken ct)
    {
        while (count > 0)
        {
            Memory<byte> chunk = session.Connection.Output.GetMemory(ChunkOctets);
            int got = await octets.ReadAsync(chunk[..(int)Math.Min(chunk.Length, count)], ct);
            if (got == 0)
                throw new ResponseBrokenException("the part ended before it did when it was measured");
            session.Connection.Output.Advance(got);
            count -= got;
            await session.Connection.FlushIfLargeAsync(ct);
        }
    }
}
