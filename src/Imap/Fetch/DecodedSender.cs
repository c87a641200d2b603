using System.Buffers;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Makes of an opened message the octets that are to be sent, as a stream that ends with whoever disposes of it.</summary>
internal delegate ValueTask<Stream> OctetSource(MessageContent content, CancellationToken ct);

/// <summary>Sends octets that are made of a message's as they go out, and tells how many they are. A part of any size passes through a few buffers.</summary>
/// <remarks>
/// How many octets there are, and whether NUL is among them, is known only after a pass over them, so that pass comes before the literal. What was
/// made in memory is kept for the answer that follows.
/// </remarks>
internal sealed class DecodedSender(ImapSession session)
{
    private const int ChunkOctets = 16 * 1024;

    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly DecodedSections _sections = session.Mailbox.Decoded;

    /// <summary>Measures the octets, unless that was done before.</summary>
    public async ValueTask<DecodedLength> MeasureAsync(SectionId id, OctetSource source, MessageContent content, CancellationToken ct)
    {
        if (_sections.LengthOf(id) is { } known)
            return known;
        Stream octets = await source(content, ct);
        DecodedLength length;
        bool isKept = false;
        try
        {
            length = await MeasureAsync(octets, ct);
            isKept = octets.CanSeek;
        }
        finally
        {
            if (!isKept)
                await octets.DisposeAsync();
        }

        if (isKept)
        {
            octets.Position = 0;
            _sections.Keep(new(id, null, octets));
        }

        _sections.Remember(id, length);
        return length;
    }

    /// <summary>Writes the octets, or a piece of them, as a literal.</summary>
    /// <exception cref="ResponseBrokenException">The message cannot be read to its end.</exception>
    public async ValueTask SendAsync(SectionId id, DecodedLength length, PartialRange? partial, OctetSource source, MessageContent content, CancellationToken ct)
    {
        if (partial is { } range)
            await SendPieceAsync(ContentSender.Clip(partial, length.Octets), length.HasNul, await ResumeAsync(id, range, source, ct), ct);
        else if (_sections.Take(id, offset: 0) is { } kept)
            await SendPieceAsync((0, length.Octets), length.HasNul, kept, ct);
        else
            await SendAllAsync(length, await source(content, ct), ct);
    }

    private static async ValueTask<DecodedLength> MeasureAsync(Stream octets, CancellationToken ct)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkOctets);
        try
        {
            DecodedLength length = default;
            for (int got = await octets.ReadAsync(chunk, ct); got > 0; got = await octets.ReadAsync(chunk, ct))
                length = length.With(chunk.AsSpan(0, got));
            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>The section where the last piece of it ended, or opened anew; it stays open after this message is done with.</summary>
    /// <exception cref="ResponseBrokenException">The message is gone.</exception>
    private async ValueTask<OpenSection> ResumeAsync(SectionId id, PartialRange partial, OctetSource source, CancellationToken ct)
    {
        if (_sections.Take(id, (long)Math.Min(partial.Offset, long.MaxValue)) is { } open)
            return open;
        Result<MessageContent> content = await session.View.OpenMessageAsync(id.Uid, ct);
        if (!content.Ok)
            throw new ResponseBrokenException("the message went away while it was sent");
        return new(id, content.Value, await source(content.Value, ct));
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
