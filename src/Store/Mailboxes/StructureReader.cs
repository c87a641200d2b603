using System.Runtime.CompilerServices;
using FullStack.Mime;
using FullStack.Store.Index;

namespace FullStack.Store.Mailboxes;

/// <summary>Gives the structures of messages: from the index in batches, else by parsing the file.</summary>
internal static class StructureReader
{
    private const int Batch = 128;

    /// <summary>Structures that may be in memory at once, for a message can have a hundred thousand parts.</summary>
    private const int ParsedAhead = 32;

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
                MimeMessage?[] structures = await DecodeOrParseAsync(
                    mailbox, part, kept, static data => MimeMessageCodec.TryDecode(data, out MimeMessage? decoded) ? decoded : null, static (structure, _) => structure, ct);
                for (int i = 0; i < part.Length; i++)
                {
                    if (structures[i] is { } structure && mailbox.IsLoaded)
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
            MessageEnvelope?[] envelopes = await DecodeOrParseAsync(
                mailbox, wanted, kept, data => MimeMessageCodec.TryDecodeEnvelope(data, addresses, out MessageEnvelope? decoded) ? decoded : null,
                static (structure, _) => structure.Root.Envelope, ct);
            for (int i = 0; i < wanted.Length; i++)
            {
                if (envelopes[i] is { } envelope && mailbox.IsLoaded)
                    yield return (wanted[i], envelope);
            }
        }
    }

    /// <summary>The structures in their encoded form, which a search need not decode as a whole. Messages that are gone are left out.</summary>
    public static async Task<Dictionary<uint, byte[]>> ReadEncodedAsync(Mailbox mailbox, Uid[] wanted, CancellationToken ct)
    {
        Dictionary<uint, byte[]> kept = await KeptAsync(mailbox, wanted, ct);
        byte[]?[] all = await DecodeOrParseAsync(mailbox, wanted, kept, static data => data, static (_, encoded) => encoded, ct);
        for (int i = 0; i < wanted.Length; i++)
        {
            if (all[i] is { } encoded)
                kept[wanted[i].Value] = encoded;
        }

        return kept;
    }

    /// <summary>What is wanted of messages: of those whose structures are kept from these, where they are of the present version, else from the messages.</summary>
    private static async Task<T?[]> DecodeOrParseAsync<T>(
        Mailbox mailbox, Uid[] wanted, Dictionary<uint, byte[]> kept, Func<byte[], T?> decode, Func<MimeMessage, byte[], T?> make, CancellationToken ct)
        where T : class
    {
        T?[] found = new T?[wanted.Length];
        List<int> missing = [];
        for (int i = 0; i < wanted.Length; i++)
        {
            if (!kept.TryGetValue(wanted[i].Value, out byte[]? data) || (found[i] = decode(data)) is null)
                missing.Add(i);
        }

        if (missing.Count == 0)
            return found;
        T?[] parsed = await StructureParser.ParseAsync(mailbox, [.. missing.Select(i => wanted[i])], make, ct);
        for (int i = 0; i < parsed.Length; i++)
            found[missing[i]] = parsed[i];
        return found;
    }

    private static async Task<Dictionary<uint, byte[]>> KeptAsync(Mailbox mailbox, Uid[] wanted, CancellationToken ct)
    {
        Dictionary<uint, byte[]> kept = [];
        if (mailbox.Current is not { Messages: MessageList messages })
            return kept; // Unloaded meanwhile.
        long id = mailbox.Counters.Id;
        mailbox.Index.AddWaitingStructures(id, wanted, kept);
        HashSet<uint> missing = [.. wanted.Where(uid => !kept.ContainsKey(uid.Value) && messages.IndexOf(uid.Value) >= 0).Select(static u => u.Value)];
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
}
