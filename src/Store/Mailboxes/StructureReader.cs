using System.Runtime.CompilerServices;
using FullStack.Mime;
using FullStack.Store.Index;
using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>Gives the structures of messages: from the index in batches, else by parsing the file.</summary>
internal static class StructureReader
{
    private const int Batch = 128;

    /// <summary>Structures that may be in memory at once, for a message can have a hundred thousand parts.</summary>
    private const int ParsedAhead = 32;

    private const int ParsedInTurn = 8;
    private const int BlockOctets = 64 * 1024;

    public static async IAsyncEnumerable<(Uid Uid, MimeMessage Structure)> ReadAsync(
        Mailbox mailbox, IReadOnlyList<Uid> uids, [EnumeratorCancellation] CancellationToken ct)
    {
        for (int start = 0; start < uids.Count; start += Batch)
        {
            mailbox.Store.Readers.Note();
            Uid[] wanted = [.. uids.Skip(start).Take(Batch)];
            Dictionary<uint, byte[]> kept = await KeptAsync(mailbox, wanted, ct);
            foreach (Uid[] part in wanted.Chunk(ParsedAhead))
            {
                MimeMessage?[] parsed = await ParseMissingAsync(mailbox, part, kept, ct);
                for (int i = 0; i < part.Length; i++)
                {
                    MimeMessage? structure = kept.TryGetValue(part[i].Value, out byte[]? data)
                        ? MimeMessageCodec.TryDecode(data, out MimeMessage? decoded) ? decoded : await ParseAsync(mailbox, part[i], ct)
                        : parsed[i];
                    if (structure is not null && mailbox.IsLoaded)
                        yield return (part[i], structure);
                }
            }
        }
    }

    /// <summary>The envelopes of messages, in the order asked. Messages that are gone are left out.</summary>
    /// <param name="mailbox">Where they are.</param>
    /// <param name="uids">Which.</param>
    /// <param name="addresses">Whether their addresses are wanted too.</param>
    /// <param name="ct">Ends the reading.</param>
    public static async IAsyncEnumerable<(Uid Uid, MessageEnvelope Envelope)> ReadEnvelopesAsync(
        Mailbox mailbox, IReadOnlyList<Uid> uids, bool addresses, [EnumeratorCancellation] CancellationToken ct)
    {
        for (int start = 0; start < uids.Count; start += Batch)
        {
            mailbox.Store.Readers.Note();
            Uid[] wanted = [.. uids.Skip(start).Take(Batch)];
            Dictionary<uint, byte[]> kept = await KeptAsync(mailbox, wanted, ct);
            foreach (Uid[] part in wanted.Chunk(ParsedAhead))
            {
                MessageEnvelope?[] envelopes = new MessageEnvelope?[part.Length];
                for (int i = 0; i < part.Length; i++)
                {
                    if (kept.TryGetValue(part[i].Value, out byte[]? data) && !MimeMessageCodec.TryDecodeEnvelope(data, addresses, out envelopes[i]))
                        kept.Remove(part[i].Value); // of an earlier version
                }

                MimeMessage?[] parsed = await ParseMissingAsync(mailbox, part, kept, ct);
                for (int i = 0; i < part.Length; i++)
                {
                    if ((envelopes[i] ?? parsed[i]?.Root.Envelope) is { } envelope && mailbox.IsLoaded)
                        yield return (part[i], envelope);
                }
            }
        }
    }

    /// <summary>The structures in their encoded form, which a search need not decode as a whole. Messages that are gone are left out.</summary>
    public static async Task<Dictionary<uint, byte[]>> ReadEncodedAsync(Mailbox mailbox, Uid[] wanted, CancellationToken ct)
    {
        Dictionary<uint, byte[]> kept = await KeptAsync(mailbox, wanted, ct);
        foreach (Uid uid in wanted)
        {
            if (!kept.ContainsKey(uid.Value) && await ParseAsync(mailbox, uid, ct) is { } parsed)
                kept[uid.Value] = MimeMessageCodec.Encode(parsed);
        }

        return kept;
    }

    /// <summary>Parses those messages whose structures are not kept, several at once: each costs an open file and a core.</summary>
    private static async Task<MimeMessage?[]> ParseMissingAsync(Mailbox mailbox, Uid[] uids, Dictionary<uint, byte[]> kept, CancellationToken ct)
    {
        MimeMessage?[] parsed = new MimeMessage?[uids.Length];
        int[] missing = [.. Enumerable.Range(0, uids.Length).Where(i => !kept.ContainsKey(uids[i].Value))];
        await Task.WhenAll(missing.Chunk(ParsedInTurn).Select(async part =>
        {
            foreach (int i in part)
                parsed[i] = await ParseAsync(mailbox, uids[i], ct);
        }));
        return parsed;
    }

    private static async Task<Dictionary<uint, byte[]>> KeptAsync(Mailbox mailbox, Uid[] wanted, CancellationToken ct)
    {
        Dictionary<uint, byte[]> kept = [];
        if (mailbox.Current is not { Messages: MessageList messages })
            return kept; // Unloaded meanwhile.
        long id = mailbox.Counters.Id;
        foreach (Uid uid in wanted)
        {
            if (mailbox.Index.WaitingStructure(id, uid) is { } waiting)
                kept[uid.Value] = waiting;
        }

        HashSet<uint> missing = [.. wanted.Where(uid => !kept.ContainsKey(uid.Value) && messages.Find(uid) is not null).Select(static u => u.Value)];
        if (missing.Count == 0)
            return kept;

        // One range where the messages lie together, as a client that fetches all asks; one by one where they are scattered.
        (uint first, uint last) = (missing.Min(), missing.Max());
        bool together = messages.LowerBound(last) - messages.LowerBound(first) < 4 * missing.Count;
        try
        {
            await mailbox.Index.ReadAsync(index =>
            {
                if (together)
                    Keep(MessageTable.LoadStructures(index, id, first, last));
                else
                    foreach (uint uid in missing)
                        Keep(MessageTable.LoadStructures(index, id, uid, uid));
                return default(Nothing);
            }, ct);
        }
        catch (IOException e)
        {
            // The structures can be had from the files.
            StoreLog.IndexUnusable(mailbox.Store.Log, mailbox.Folder.Path.ToString(), e.Message);
        }

        return kept;

        void Keep(List<(uint Uid, byte[] Data)> rows)
        {
            foreach ((uint uid, byte[] data) in rows)
            {
                if (missing.Contains(uid))
                    kept[uid] = data;
            }
        }
    }

    /// <summary>Reads a message's structure from the message, and remembers it; null where the message is gone, or cannot be read, or the mailbox was unloaded.</summary>
    public static async Task<MimeMessage?> ParseAsync(Mailbox mailbox, Uid uid, CancellationToken ct)
    {
        if (mailbox.Current?.Messages.Find(uid) is not { } entry)
            return null;
        MimeMessage? structure = await mailbox.Store.Disk.RunAsync(() => Parse(mailbox, entry), ct);
        if (structure is null)
            return null;
        if (mailbox.IsLoaded)
            mailbox.Index.PostStructure(mailbox.Counters.Id, uid, MimeMessageCodec.Encode(structure));
        if (structure.WireOctets != entry.WireOctets)
            await CorrectSizeAsync(mailbox, uid, structure.WireOctets, ct);
        return structure;
    }

    /// <summary>The same without remembering it. Blocks.</summary>
    public static MimeMessage? Parse(Mailbox mailbox, MessageEntry entry)
    {
        (FileError opened, MessageContent? content) = MessageReader.Open(mailbox, entry);
        if (content is null)
        {
            if (opened != FileError.NotFound)
                mailbox.Store.Fail("reading a message", mailbox.Folder.Path, opened);
            return null;
        }

        MessageParser parser = new();
        byte[] block = System.Buffers.ArrayPool<byte>.Shared.Rent(BlockOctets);
        try
        {
            long offset = 0;
            while (content.Read(block, offset) is var count and > 0)
            {
                parser.Push(block.AsSpan(0, count));
                offset += count;
            }

            return parser.Complete();
        }
        catch (IOException)
        {
            mailbox.Store.Fail("reading a message", mailbox.Folder.Path, FileError.Failed);
            return null;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(block);
            content.Close();
        }
    }

    /// <summary>The name of a file of another program told a wrong size.</summary>
    private static async Task CorrectSizeAsync(Mailbox mailbox, Uid uid, long wireOctets, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (mailbox.IsLoaded && mailbox.Snapshot.Messages.Find(uid) is { } entry)
                mailbox.Replace([entry.Sized(wireOctets)]);
        }
    }
}
