using FullStack.Mime;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Identity;

/// <summary>Gives ids and save dates of messages. The thread of a message is found when it is first asked for, and stays.</summary>
internal static class IdentityReader
{
    private const int Batch = 512;

    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<List<MessageIdentity>> ReadAsync(Mailbox mailbox, IReadOnlyList<Uid> uids, IdentityParts wanted, CancellationToken ct)
    {
        List<MessageIdentity> found = new(uids.Count);
        await mailbox.Index.FlushAsync(durable: false, ct);
        for (int start = 0; start < uids.Count; start += Batch)
        {
            List<MessageEntry> entries = [.. uids.Skip(start).Take(Batch).Select(mailbox.Snapshot.Messages.Find).OfType<MessageEntry>()];
            if (entries.Count == 0)
                continue;
            Dictionary<uint, MessageDetails> details = await LoadAsync(mailbox, entries, ct);
            if (wanted.HasFlag(IdentityParts.Thread) && entries.FindAll(entry => details.GetValueOrDefault(entry.Uid.Value).Thread == 0) is { Count: > 0 } unthreaded)
                await FindThreadsAsync(mailbox, unthreaded, details, ct);
            found.AddRange(entries.Select(entry => MessageIdentity.Of(entry, details.GetValueOrDefault(entry.Uid.Value), wanted)));
        }

        return found;
    }

    private static async Task<Dictionary<uint, MessageDetails>> LoadAsync(Mailbox mailbox, List<MessageEntry> entries, CancellationToken ct)
    {
        (long id, uint first, uint last) = (mailbox.Counters.Id, entries.Min(static e => e.Uid.Value), entries.Max(static e => e.Uid.Value));
        return await mailbox.Index.ReadAsync(index => DetailTable.Load(index, id, first, last), ct);
    }

    private static async Task FindThreadsAsync(Mailbox mailbox, List<MessageEntry> entries, Dictionary<uint, MessageDetails> details, CancellationToken ct)
    {
        Dictionary<uint, MessageEntry> byUid = entries.ToDictionary(static entry => entry.Uid.Value);
        List<(uint Uid, List<ulong> Keys)> keys = [];
        await foreach ((Uid uid, MimeMessage structure) in StructureReader.ReadAsync(mailbox, [.. entries.Select(static e => e.Uid)], ct))
            keys.Add((uid.Value, ThreadKeys.Of(structure, details.GetValueOrDefault(uid.Value).EmailId ?? MessageIdentity.OwnEmailId(byUid[uid.Value]))));

        // What was told stays: the list beside the folder learns of it too.
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return;
            long id = mailbox.Counters.Id;
            Dictionary<uint, ulong> threads = [];
            await mailbox.Index.ApplyAsync(index =>
            {
                foreach ((uint uid, List<ulong> ids) in keys)
                {
                    threads[uid] = ThreadTable.Join(index, ids, 0);
                    DetailTable.Put(index, id, uid, new(Thread: threads[uid]));
                }
            }, ct);
            foreach ((uint uid, ulong thread) in threads)
            {
                details[uid] = details.GetValueOrDefault(uid) with { Thread = thread };
                mailbox.List.Touch(new(uid));
            }
        }
    }
}
