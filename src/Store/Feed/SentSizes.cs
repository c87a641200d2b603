using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>How many octets POP3 sends of a message, dots not doubled.</summary>
/// <param name="Wire">As it is, its last line ended by CRLF.</param>
/// <param name="Ascii">In the form whose headers are ASCII (RFC 6858), which is itself where they are.</param>
public readonly record struct SentSize(long Wire, long Ascii);

/// <summary>Finds out of which messages POP3 sends another number of octets than their size on the wire.</summary>
/// <remarks>
/// Each message is looked at once, when a maildrop is first opened after it came; of those that differ a row is kept, and of the others only up to which UID
/// there was a look. So sizes are told without opening a file that was looked at before. A login does not wait longer than <see cref="Patience"/> for it: what a
/// maildrop of very many messages has left is looked at by the logins after, and counts as what it is on the wire until then.
/// </remarks>
internal static class SentSizes
{
    private const int BatchMessages = 64;

    /// <summary>How long one login looks at messages. Mail programs wait a minute at least.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The sizes of the messages that differ, by UID.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<Dictionary<uint, SentSize>> ReadAsync(MailboxView view, Mailbox mailbox, MessageList messages, CancellationToken ct)
    {
        MailboxCounters counters = mailbox.Counters;
        (uint examined, Dictionary<uint, SentSize> sizes) = await mailbox.Index.ReadAsync(
            index => (SizeTable.Examined(index, counters.Id), SizeTable.Load(index, counters.Id)), ct);
        List<MessageEntry> left = [];
        for (int i = messages.Count - 1; i >= 0 && messages[i].Uid.Value > examined; i--)
            left.Add(messages[i]);
        if (left.Count == 0)
            return sizes;
        left.Reverse();
        List<(uint Uid, SentSize Size)> found = [];
        uint last = examined;
        bool isUnbroken = true;
        long start = mailbox.Store.Time.GetTimestamp();
        foreach (MessageEntry[] batch in left.Chunk(BatchMessages))
        {
            MessageContent?[] contents = await view.OpenMessagesAsync([.. batch.Select(static entry => entry.Uid)], ct);
            try
            {
                for (int i = 0; i < batch.Length; i++)
                {
                    isUnbroken &= contents[i] is not null || !view.Has(batch[i].Uid);
                    last = isUnbroken ? batch[i].Uid.Value : last;
                    if (contents[i] is not { } content || await MeasureAsync(view, batch[i], content, ct) is var size && size == new SentSize(batch[i].WireOctets, batch[i].WireOctets))
                        continue;
                    sizes[batch[i].Uid.Value] = size;
                    found.Add((batch[i].Uid.Value, size));
                }
            }
            finally
            {
                foreach (MessageContent? content in contents)
                    content?.Dispose();
            }

            if (mailbox.Store.Time.GetElapsedTime(start) >= Patience)
                break;
        }

        await KeepAsync(mailbox, counters, found, last, ct);
        return sizes;
    }

    private static async Task KeepAsync(Mailbox mailbox, MailboxCounters counters, List<(uint Uid, SentSize Size)> found, uint examined, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded || mailbox.Counters.UidValidity != counters.UidValidity)
                return;
            try
            {
                await mailbox.Index.ApplyAsync(
                    index =>
                    {
                        foreach ((uint uid, SentSize size) in found)
                            SizeTable.Put(index, counters.Id, uid, size);
                        SizeTable.SetExamined(index, counters.Id, examined);
                    }, ct);
            }
            catch (IOException)
            {
                // A full disk must not keep users from removing mail. It is looked at again the next time.
            }
        }
    }

    private static async ValueTask<SentSize> MeasureAsync(MailboxView view, MessageEntry entry, MessageContent content, CancellationToken ct)
    {
        long wire = Measure(content);
        if (wire < 0)
            wire = entry.WireOctets >= 0 ? entry.WireOctets + await MissingEndAsync(content, ct) : await CountAsync(content.OpenWire(), ct);
        return await view.SurrogateOfAsync(entry.Uid, content, ct) is { } surrogate ? new(wire, await CountAsync(surrogate.OpenWire(), ct)) : new(wire, wire);
    }

    /// <summary>The octets of a message that was read whole at its opening; -1 of another.</summary>
    private static long Measure(MessageContent content)
    {
        if (!content.TryGetStored(out ReadOnlySpan<byte> stored))
            return -1;
        return stored.Length + stored.Count((byte)'\n') - stored.Count("\r\n"u8) + MissingEnd(stored);
    }

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
}
