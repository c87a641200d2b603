using System.Buffers;
using FullStack.Imap.Responses;
using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>The octets of a section of a message, or a piece of them: as many as FETCH BODY would send, in chunks.</summary>
internal sealed class SectionOctets
{
    private const int ChunkOctets = 16 * 1024;

    private readonly MessageContent _content;
    private readonly BodySection _section;
    private readonly SectionSpan _span;
    private readonly long _offset;

    private SectionOctets(MessageContent content, BodySection section, SectionSpan span, (long Offset, long Octets) piece)
        => (_content, _section, _span, _offset, Octets) = (content, section, span, piece.Offset, piece.Octets);

    /// <summary>How many there are.</summary>
    public long Octets { get; }

    /// <summary>Finds a section; null where the message has none such.</summary>
    /// <param name="structure">The message's structure.</param>
    /// <param name="content">The message, which stays the caller's.</param>
    /// <param name="section">Which section.</param>
    /// <param name="partial">A piece of it only; null: all.</param>
    /// <param name="ct">Ends the reading.</param>
    public static async ValueTask<SectionOctets?> FindAsync(MimeMessage structure, MessageContent content, BodySection section, PartialRange? partial, CancellationToken ct)
    {
        if (SectionLocator.Find(structure, section) is not { } span)
            return null;
        long total = span.WireOctets;
        if (section.IsHeaderSubset)
        {
            total = 0;
            await FilterAsync(content, section, span, (kept, _) =>
            {
                total += kept.Length;
                return ValueTask.CompletedTask;
            }, ct);
        }

        return new(content, section, span, ContentSender.Clip(partial, total));
    }

    /// <summary>Gives all of them to <paramref name="take"/>, which must be done with a chunk when it returns.</summary>
    /// <exception cref="ResponseBrokenException">There are fewer than before.</exception>
    public async ValueTask CopyAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct)
    {
        long skip = _offset, left = Octets;
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> clip = (chunk, token) =>
        {
            int skipped = (int)Math.Min(skip, chunk.Length), taken = (int)Math.Min(left, chunk.Length - skipped);
            skip -= skipped;
            left -= taken;
            return taken == 0 ? ValueTask.CompletedTask : take(chunk.Slice(skipped, taken), token);
        };
        if (_section.IsHeaderSubset)
            await FilterAsync(_content, _section, _span, clip, ct);
        else
            await ReadAsync(_content, _span, () => left > 0, clip, ct);
        if (left > 0)
            throw new ResponseBrokenException("a section became shorter while it was read");
    }

    private static async ValueTask FilterAsync(
        MessageContent content, BodySection section, SectionSpan span, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct)
    {
        HeaderFieldFilter filter = new(section);
        ArrayBufferWriter<byte> kept = new();
        await ReadAsync(content, span, static () => true, (chunk, token) =>
        {
            kept.ResetWrittenCount();
            filter.Push(chunk.Span, kept);
            return take(kept.WrittenMemory, token);
        }, ct);
        kept.ResetWrittenCount();
        filter.Complete(kept);
        await take(kept.WrittenMemory, ct);
    }

    private static async ValueTask ReadAsync(
        MessageContent content, SectionSpan span, Func<bool> goesOn, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkOctets);
        try
        {
            await using WireStream wire = content.OpenWire(span.StoredOffset, span.StoredOctets);
            while (goesOn() && await wire.ReadAsync(chunk, ct) is var got and > 0)
                await take(chunk.AsMemory(0, got), ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
