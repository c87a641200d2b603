using FullStack.Mime;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>How many octets POP3 sends of a message, dots not doubled.</summary>
/// <param name="Wire">As it is, its last line ended by CRLF.</param>
/// <param name="Ascii">In the form whose headers are ASCII (RFC 6858), which is itself where they are.</param>
public readonly record struct SentSize(long Wire, long Ascii);

/// <summary>Finds out of which messages POP3 sends another number of octets than their size on the wire.</summary>
/// <remarks>
/// Of most messages that is known without a look: a name says so of one that this server delivered, and who counted a message when its mailbox was opened saw it. Each other
/// one is looked at once, when a maildrop is first opened after it came; of those that differ a row is kept, and of all up to which UID
/// there was a look. A message that has a form of its own for who takes ASCII headers only has a row too where that form is as long. So sizes are told without opening a file that was looked at before. A login does not wait longer than <see cref="Patience"/> for it: what a
/// maildrop of very many messages has left is looked at by the logins after, and counts as what it is on the wire until then.
/// </remarks>
internal static class SentSizes
{
    private const int BatchMessages = 64;

    /// <summary>Batches that are looked at at the same time.</summary>
    private const int BatchesAtOnce = 4;

    /// <summary>How long one login looks at messages. Mail programs wait a minute at least.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Looks at the messages that nobody looked at yet.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<KnownSizes> ReadAsync(MailboxView view, Mailbox mailbox, MessageList messages, CancellationToken ct)
    {
        MailboxCounters counters = mailbox.Counters;
        (uint examined, Dictionary<uint, SentSize> sizes) = await KnownAsync(mailbox, counters, ct);
        List<MessageEntry> left = messages.UnsizedAbove(examined);
        if (left.Count == 0)
            return new(examined, sizes);
        Dictionary<uint, SentSize> found = [];
        uint last = examined;
        bool isUnbroken = true;
        long start = mailbox.Store.Time.GetTimestamp();
        foreach (MessageEntry[][] round in left.Chunk(BatchMessages).Chunk(BatchesAtOnce))
        {
            Finding?[][] measured = await Task.WhenAll(round.Select(batch => MeasureAsync(view, mailbox, batch, ct)));
            foreach ((MessageEntry entry, Finding? finding) in round.Zip(measured).SelectMany(static batch => batch.First.Zip(batch.Second)))
            {
                isUnbroken &= finding is not null || !view.Has(entry.Uid);
                last = isUnbroken ? entry.Uid.Value : last;
                if (finding is not { } sent || (!sent.HasSurrogate && sent.Size == new SentSize(entry.WireOctets, entry.WireOctets)))
                    continue;
                sizes[entry.Uid.Value] = found[entry.Uid.Value] = sent.Size;
            }

            if (mailbox.Store.Time.GetElapsedTime(start) >= Patience)
                break;
        }

        mailbox.Index.PostSizes(counters.Id, new(counters.UidValidity, last, found)); // written behind: the login waits neither for these rows nor for those of the messages
        return new(last, sizes);
    }

    /// <summary>Up to which UID there was a look, and what differs of the messages up to there.</summary>
    private static async Task<(uint Examined, Dictionary<uint, SentSize> Sizes)> KnownAsync(Mailbox mailbox, MailboxCounters counters, CancellationToken ct)
    {
        SizeFindings? waiting = mailbox.Index.WaitingSizes(counters.Id); // first: it may be written before the index is read
        (uint examined, Dictionary<uint, SentSize> sizes) = await mailbox.Index.ReadAsync(
            index => (SizeTable.Examined(index, counters.Id), SizeTable.Load(index, counters.Id)), ct);
        if (waiting is null || waiting.Validity != counters.UidValidity)
            return (examined, sizes);
        foreach ((uint uid, SentSize size) in waiting.Differing)
            sizes[uid] = size;
        return (Math.Max(examined, waiting.Examined), sizes);
    }

    /// <summary>The sizes of some messages; null of those that cannot be read.</summary>
    private static async Task<Finding?[]> MeasureAsync(MailboxView view, Mailbox mailbox, MessageEntry[] batch, CancellationToken ct)
    {
        Finding?[] sizes = new Finding?[batch.Length];
        MessageContent?[] left = await mailbox.Store.Disk.RunAsync(() => MeasurePlain(mailbox, batch, sizes), ct);
        try
        {
            for (int i = 0; i < batch.Length; i++)
            {
                if (left[i] is { } content)
                    sizes[i] = await MeasureAsync(view, batch[i], content, ct);
            }
        }
        finally
        {
            foreach (MessageContent? content in left)
                content?.Dispose();
        }

        return sizes;
    }

    /// <summary>The sizes of short messages whose headers are ASCII, all in one visit to the disk. The others are given back, open.</summary>
    private static MessageContent?[] MeasurePlain(Mailbox mailbox, MessageEntry[] batch, Finding?[] sizes)
    {
        MessageContent?[] left = new MessageContent?[batch.Length];
        mailbox.Folder.VisitSmall(batch, (i, stored) =>
        {
            if (MessageParser.HasAsciiHeaders(stored) && Measure(stored) is var octets)
                sizes[i] = Finding.AsIs(octets);
        });
        for (int i = 0; i < batch.Length; i++)
        {
            if (sizes[i] is not null)
                continue;
            ListedMessage listed = new(batch[i].FileName, batch[i].InNew, batch[i].Flags);
            if (mailbox.Folder.TryCount(listed, out WireLength length) && length.IsSentAsIs)
            {
                sizes[i] = Finding.AsIs(length.Octets);
                continue;
            }

            MessageContent? content = MessageReader.Open(mailbox, batch[i]).Item2;
            if (content is { HasSurelyAsciiHeaders: true } && Measure(content) is >= 0 and var octets)
                sizes[i] = Finding.AsIs(octets);
            else
                left[i] = content;
        }

        return left;
    }

    private static async ValueTask<Finding> MeasureAsync(MailboxView view, MessageEntry entry, MessageContent content, CancellationToken ct)
    {
        long wire = Measure(content);
        if (wire < 0)
            wire = entry.WireOctets >= 0 ? entry.WireOctets + await MissingEndAsync(content, ct) : await CountAsync(content.OpenWire(), ct);
        return await view.SurrogateOfAsync(entry.Uid, content, ct) is { } surrogate
            ? new(new(wire, await CountAsync(surrogate.OpenWire(), ct)), HasSurrogate: true)
            : Finding.AsIs(wire);
    }

    /// <summary>The octets of a message that was read whole at its opening; -1 of another.</summary>
    private static long Measure(MessageContent content)
        => content.TryGetStored(out ReadOnlySpan<byte> stored) ? Measure(stored) : -1;

    private static long Measure(ReadOnlySpan<byte> stored) => WireText.Count(stored) + MissingEnd(stored);

    private static async ValueTask<int> MissingEndAsync(MessageContent content, CancellationToken ct)
    {
        byte[] end = new byte[1];
        await content.ReadAsync(end, content.StoredOctets - 1, ct);
        return MissingEnd(end);
    }

    private static async ValueTask<long> CountAsync(Stream wire, CancellationToken ct)
    {
        await using (wire)
        {
            byte[] piece = new byte[16 * 1024];
            byte[] end = [];
            long octets = 0;
            for (int read; (read = await wire.ReadAsync(piece, ct)) > 0; octets += read)
                end = [piece[read - 1]];
            return octets + MissingEnd(end);
        }
    }

    /// <summary>What POP3 adds to a last line that is not ended (RFC 1939 §3: lines end with CRLF).</summary>
    private static int MissingEnd(ReadOnlySpan<byte> message) => message.IsEmpty || message[^1] == (byte)'\n' ? 0 : message[^1] == (byte)'\r' ? 1 : 2;

    /// <summary>What a look at a message found.</summary>
    private readonly record struct Finding(SentSize Size, bool HasSurrogate)
    {
        public static Finding AsIs(long octets) => new(new(octets, octets), HasSurrogate: false);
    }
}
