using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Annotations;

/// <summary>Sets annotations of messages. The new state is visible and durable when the call returns.</summary>
/// <remarks>
/// All is one transaction of the index, which a crash leaves whole or undone; the list beside the mailbox follows, as it does
/// for keywords. A message whose annotations change gets a new mod-sequence (RFC 7162 §3.1).
/// </remarks>
internal static class AnnotationWriter
{
    /// <exception cref="IOException">The index cannot be written.</exception>
    public static async Task<(Result<StoreOutcome> Outcome, List<EntryChange> Changes)> StoreAsync(
        Mailbox mailbox, AnnotationKeys keys, UidSet uids, IReadOnlyList<AnnotationChange> changes, ModSeq? unchangedSince, CancellationToken ct)
    {
        List<EntryChange> changed = [];
        if (changes.Any(change => change.Value?.Length > mailbox.Store.Options.AnnotationValueLimit))
            return (StoreError.TooBig, changed);
        Dictionary<string, byte[]?> values = new(StringComparer.Ordinal);
        foreach (AnnotationChange change in changes)
            values[keys.Of(change.Entry, change.IsShared)] = change.Value;
        List<uint> stored = [], modified = [];
        ModSeq modSeq;
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return (StoreError.NotFound, changed);
            await mailbox.Counters.ReserveAsync(mailbox.Index, 0, ct);
            List<MessageEntry> wanted = [];
            foreach (MessageEntry entry in mailbox.Snapshot.Messages.In(uids))
            {
                bool isModified = entry.ModSeq > unchangedSince;
                (isModified ? modified : stored).Add(entry.Uid.Value);
                if (!isModified)
                    wanted.Add(entry);
            }

            modSeq = mailbox.Counters.Highest;
            ILookup<uint, string> present = await NamesAsync(mailbox, wanted, ct);
            if (wanted.Exists(entry => IsTooMany(mailbox, keys, values, present[entry.Uid.Value])))
                return (StoreError.OverQuota, changed);
            wanted.RemoveAll(entry => values.All(pair => pair.Value is null && !present[entry.Uid.Value].Contains(pair.Key)));
            if (wanted.Count > 0)
            {
                modSeq = mailbox.Counters.TakeModSeq();
                changed.AddRange(wanted.Select(entry => new EntryChange(entry, entry.Changed(entry.Flags, entry.Keywords, modSeq, entry.FileName, entry.InNew))));
                long growth = changed.Count * values.Sum(static pair => MetadataRoom.OctetsOf(pair.Key, pair.Value));
                bool hasRoom = true;
                await mailbox.Index.CommitAsync(index =>
                {
                    if (hasRoom = mailbox.Index.Room.TryTake(index, growth))
                        Write(index, mailbox.Counters.Id, changed, values);
                }, CancellationToken.None);
                if (!hasRoom)
                    return (StoreError.OverQuota, []);
                mailbox.Annotations.Note(NumberRanges.From(changed.Select(static c => c.After.Uid.Value)), modSeq, values.Keys);
                mailbox.Replace([.. changed.Select(static c => c.After)], areAnnotations: true);
                changed.ForEach(c => mailbox.List.Touch(c.After.Uid));
            }
        }

        if (changed.Count > 0)
            mailbox.Announce();
        return (new StoreOutcome(new(NumberRanges.From(stored)), new(NumberRanges.From(modified)), modSeq), changed);
    }

    /// <summary>Whether a message that has annotations of these names would have too many that one user sees.</summary>
    public static bool IsTooMany(Mailbox mailbox, AnnotationKeys keys, IReadOnlyDictionary<string, byte[]?> values, IEnumerable<string> present)
    {
        HashSet<string> after = [.. present.Where(keys.IsVisible)];
        int before = after.Count;
        after.UnionWith(values.Where(static pair => pair.Value is not null).Select(static pair => pair.Key));
        after.ExceptWith(values.Where(static pair => pair.Value is null).Select(static pair => pair.Key));
        return after.Count > before && after.Count > mailbox.Store.Options.AnnotationLimit;
    }

    private static async Task<ILookup<uint, string>> NamesAsync(Mailbox mailbox, List<MessageEntry> entries, CancellationToken ct)
    {
        await mailbox.Index.FlushAsync(durable: false, ct);
        if (entries.Count == 0)
            return Enumerable.Empty<(uint, string)>().ToLookup(static row => row.Item1, static row => row.Item2);
        (long id, uint first, uint last) = (mailbox.Counters.Id, entries[0].Uid.Value, entries[^1].Uid.Value);
        List<(uint Uid, string Name)> names = await mailbox.Index.ReadAsync(index => AnnotationTable.LoadNames(index, id, first, last), ct);
        return names.ToLookup(static row => row.Uid, static row => row.Name);
    }

    private static void Write(IndexConnection index, long mailbox, List<EntryChange> changed, Dictionary<string, byte[]?> values)
    {
        foreach (EntryChange change in changed)
        {
            MessageTable.Put(index, mailbox, change.After);
            foreach ((string name, byte[]? value) in values)
                AnnotationTable.Put(index, mailbox, change.After.Uid.Value, name, value);
        }
    }
}
