using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Annotations;

/// <summary>Reads annotations of messages.</summary>
internal static class AnnotationReader
{
    /// <summary>UIDs looked at in one go when all are searched: what they have is in memory at once.</summary>
    private const uint UidsPerRead = 1000;

    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<Dictionary<Uid, IReadOnlyList<Annotation>>> ReadAsync(Mailbox mailbox, AnnotationKeys keys, IReadOnlyList<Uid> uids, CancellationToken ct)
    {
        Dictionary<Uid, IReadOnlyList<Annotation>> found = [];
        if (uids.Count == 0)
            return found;
        await mailbox.Index.FlushAsync(durable: false, ct);
        HashSet<uint> wanted = [.. uids.Select(static uid => uid.Value)];
        List<(uint Uid, AnnotationRow Row)> rows = await LoadAsync(mailbox, wanted.Min(), wanted.Max(), ct);
        foreach (IGrouping<uint, AnnotationRow> message in rows.Where(r => wanted.Contains(r.Uid)).GroupBy(static r => r.Uid, static r => r.Row))
        {
            Annotation[] annotations = [.. message.Select(row => keys.Show(row.Name, row.Value)).OfType<Annotation>()];
            if (annotations.Length > 0)
                found[new(message.Key)] = annotations;
        }

        return found;
    }

    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<UidSet> FindAsync(Mailbox mailbox, AnnotationKeys keys, Func<Annotation, bool> condition, CancellationToken ct)
    {
        await mailbox.Index.FlushAsync(durable: false, ct);
        MessageList messages = mailbox.Snapshot.Messages;
        List<uint> found = [];
        for (int first = 0; first < messages.Count; first += (int)UidsPerRead)
        {
            (uint from, uint to) = (messages.UidAt(first).Value, messages.UidAt(Math.Min(first + (int)UidsPerRead, messages.Count) - 1).Value);
            foreach ((uint uid, AnnotationRow row) in await LoadAsync(mailbox, from, to, ct))
            {
                if (keys.Show(row.Name, row.Value) is { } annotation && condition(annotation))
                    found.Add(uid);
            }
        }

        return new(NumberRanges.From(found));
    }

    private static Task<List<(uint Uid, AnnotationRow Row)>> LoadAsync(Mailbox mailbox, uint first, uint last, CancellationToken ct)
    {
        long id = mailbox.Counters.Id;
        return mailbox.Index.ReadAsync(index => AnnotationTable.Load(index, id, first, last), ct);
    }
}
