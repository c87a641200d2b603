using System.Buffers;
using FullStack.Imap.Responses;
using FullStack.Mime;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Streams sections of messages into the connection as literals: a message of any size passes through a few buffers.</summary>
internal sealed class ContentSender(MailConnection connection, ImapResponseWriter writer, SectionPlaces places)
{
    /// <summary>Octets read from a message at a time.</summary>
    private const int ChunkOctets = 16 * 1024;

    /// <summary>Least room asked for where octets are converted into the output itself.</summary>
    private const int RoomOctets = 128;

    /// <summary>A header subset up to this size is kept from the pass that measures it; a larger one is read again.</summary>
    private const int MaxKeptSubsetOctets = 64 * 1024;

    private const string Shorter = "the message ended before its structure says it does";

    private readonly ArrayBufferWriter<byte> _subset = new();
    private HeaderFieldFilter? _filter;

    /// <summary>Writes an item's name and value.</summary>
    /// <param name="item">The item.</param>
    /// <param name="uid">The message.</param>
    /// <param name="structure">Its structure; null where <see cref="SectionsAtHand"/> has the section.</param>
    /// <param name="content">Its octets.</param>
    /// <param name="ct">Ends the sending.</param>
    /// <exception cref="ResponseBrokenException">The message is shorter than its structure says, or cannot be read on.</exception>
    public async ValueTask SendAsync(SectionItem item, Uid uid, MimeMessage? structure, MessageContent content, CancellationToken ct)
    {
        writer.Write(item.Name.Span);
        writer.Space();
        if ((structure is null ? SectionsAtHand.Find(content, item.Section) : SectionLocator.Find(structure, item.Section)) is not { } span)
            writer.Nil();
        else if (item.Section.IsHeaderSubset)
            await SendHeaderSubsetAsync(item, span, content, ct);
        else
            await SendSpanAsync(item.Partial, uid, span, content, ct);
    }

    private async ValueTask SendSpanAsync(PartialRange? partial, Uid uid, SectionSpan span, MessageContent content, CancellationToken ct)
    {
        (long offset, long octets) = Clip(partial, span.WireOctets);
        writer.LiteralHeader(octets);
        if (octets == 0 || (offset == 0 && TrySendFromMemory(span, octets, content)))
            return;
        SectionId section = new(uid, content.StoredOctets, span.StoredOffset);
        WirePlace start = places.Before(section, offset);
        await using WireStream wire = content.OpenWire(start.StoredOffset, span.StoredOffset + span.StoredOctets - start.StoredOffset);
        await SkipAsync(wire, offset - start.WireOffset, ct);
        while (octets > 0)
        {
            Memory<byte> chunk = connection.Output.GetMemory(ChunkOctets);
            int got = await wire.ReadAsync(chunk[..(int)Math.Min(chunk.Length, octets)], ct);
            if (got == 0)
                throw new ResponseBrokenException(Shorter);
            chunk.Span[..got].Replace((byte)0, ImapResponseWriter.NulReplacement);
            connection.Output.Advance(got);
            octets -= got;
            await connection.FlushIfLargeAsync(ct);
        }

        if (partial is not null)
            places.Reached(section, wire.Place with { WireOffset = start.WireOffset + wire.Place.WireOffset });
    }

    /// <summary>Sends the first octets of a span where they were read when the message was opened.</summary>
    private bool TrySendFromMemory(SectionSpan span, long octets, MessageContent content)
    {
        if (!IsInMemory(span, content, out ReadOnlySpan<byte> stored, out bool afterReturn))
            return false;
        while (octets > 0)
        {
            if (stored.IsEmpty)
                throw new ResponseBrokenException(Shorter);
            Span<byte> room = connection.Output.GetSpan(RoomOctets);
            room = room[..(int)Math.Min(room.Length, octets)];
            stored = stored[WireText.Convert(stored, room, ref afterReturn, out int written)..];
            if (written == 0) // room for one octet, and the line end is two
                room[written++] = (byte)'\r';
            room[..written].Replace((byte)0, ImapResponseWriter.NulReplacement);
            connection.Output.Advance(written);
            octets -= written;
        }

        return true;
    }

    private static bool IsInMemory(SectionSpan span, MessageContent content, out ReadOnlySpan<byte> stored, out bool afterReturn)
    {
        content.TryGetStored(out stored);
        afterReturn = false;
        if (span.StoredOffset + span.StoredOctets > stored.Length)
            return false;
        afterReturn = span.StoredOffset > 0 && stored[(int)span.StoredOffset - 1] == (byte)'\r';
        stored = stored.Slice((int)span.StoredOffset, (int)span.StoredOctets);
        return true;
    }

    /// <summary>HEADER.FIELDS: what it keeps is known only after a pass over the header, so that pass comes before the literal.</summary>
    private async ValueTask SendHeaderSubsetAsync(SectionItem item, SectionSpan span, MessageContent content, CancellationToken ct)
    {
        long total = 0;
        _subset.ResetWrittenCount();
        await FilterAsync(item.Section, span, content, () =>
        {
            if (total == 0 && _subset.WrittenCount <= MaxKeptSubsetOctets)
                return ValueTask.CompletedTask;
            total += _subset.WrittenCount;
            _subset.ResetWrittenCount();
            return ValueTask.CompletedTask;
        }, ct);
        bool isKept = total == 0;
        (long offset, long octets) = Clip(item.Partial, isKept ? _subset.WrittenCount : total);
        writer.LiteralHeader(octets);
        if (isKept)
        {
            writer.LiteralOctets(_subset.WrittenSpan.Slice((int)offset, (int)octets));
            return;
        }

        long left = octets;
        await FilterAsync(item.Section, span, content, async () =>
        {
            int skipped = (int)Math.Min(offset, _subset.WrittenCount);
            int sent = (int)Math.Min(left, _subset.WrittenCount - skipped);
            writer.LiteralOctets(_subset.WrittenSpan.Slice(skipped, sent));
            offset -= skipped;
            left -= sent;
            _subset.ResetWrittenCount();
            await connection.FlushIfLargeAsync(ct);
        }, ct);
        if (left > 0)
            throw new ResponseBrokenException("the header became shorter while it was read");
    }

    private async ValueTask FilterAsync(
        BodySection section, SectionSpan span, MessageContent content, Func<ValueTask> afterChunk, CancellationToken ct)
    {
        HeaderFieldFilter filter = _filter = _filter?.Section == section ? _filter : new(section);
        if (TryPushFromMemory(span, content, filter))
        {
            await afterChunk();
            filter.Complete(_subset);
            await afterChunk();
            return;
        }

        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkOctets);
        try
        {
            await using Stream wire = content.OpenWire(span.StoredOffset, span.StoredOctets);
            for (int got = await wire.ReadAsync(chunk, ct); got > 0; got = await wire.ReadAsync(chunk, ct))
            {
                filter.Push(chunk.AsSpan(0, got), _subset);
                await afterChunk();
            }

            filter.Complete(_subset);
            await afterChunk();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private bool TryPushFromMemory(SectionSpan span, MessageContent content, HeaderFieldFilter filter)
    {
        if (!IsInMemory(span, content, out ReadOnlySpan<byte> stored, out bool afterReturn))
            return false;
        byte[] wire = ArrayPool<byte>.Shared.Rent(2 * stored.Length);
        WireText.Convert(stored, wire, ref afterReturn, out int written);
        filter.Push(wire.AsSpan(0, written), _subset);
        ArrayPool<byte>.Shared.Return(wire);
        return true;
    }

    /// <summary>"Any partial fetch that attempts to read beyond the end of the text is truncated" (RFC 3501 §6.4.5).</summary>
    internal static (long Offset, long Octets) Clip(PartialRange? partial, long total)
    {
        if (partial is not { } range)
            return (0, total);
        if (range.Offset >= (ulong)total)
            return (0, 0);
        return ((long)range.Offset, (long)Math.Min(range.Count, (ulong)total - range.Offset));
    }

    /// <exception cref="ResponseBrokenException">There are fewer octets.</exception>
    internal static async ValueTask SkipAsync(Stream wire, long octets, CancellationToken ct)
    {
        if (octets == 0)
            return;
        byte[] scratch = ArrayPool<byte>.Shared.Rent(ChunkOctets);
        try
        {
            for (; octets > 0;)
            {
                int got = await wire.ReadAsync(scratch.AsMemory(0, (int)Math.Min(scratch.Length, octets)), ct);
                if (got == 0)
                    throw new ResponseBrokenException(Shorter);
                octets -= got;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }
}
