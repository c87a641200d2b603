using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>One message before and after a change.</summary>
internal readonly record struct EntryChange(MessageEntry Before, MessageEntry After);

/// <summary>
/// Changes flags: system flags with the message, keywords in the index and, where the format has a place for them, with the
/// message. The new state is visible when the lock is left, and durable when the call returns.
/// </summary>
/// <remarks>
/// What a crash leaves in a Maildir; A is the file under its old name, B under the new one, in cur/, K the keywords in the index.
/// <list type="bullet">
/// <item>A: nothing happened. B: the flags are changed, acknowledged once cur/ is synced.</item>
/// <item>A in new/ and B, one file: the power cut took one half of the rename. B counts, and A goes when the folder is
/// looked at next.</item>
/// <item>K changes in a transaction that is on the disk before the answer; it may be there with A or with B. Of several
/// messages some may be changed.</item>
/// </list>
/// What a failure leaves is undone before it is answered, under a mod-sequence of its own: the change was to be seen already. It needs no room, for what is
/// written was there before. Only where a disk fails again at that, or the index has no mod-sequence left and cannot be written, the change stays.
/// </remarks>
internal static class FlagWriter
{
    /// <exception cref="IOException">The index cannot be written. The flags are as they were.</exception>
    public static async Task<(Result<StoreOutcome> Outcome, List<EntryChange> Changes)> StoreAsync(
        Mailbox mailbox, UidSet uids, FlagChange change, ModSeq? unchangedSince, CancellationToken ct)
    {
        List<EntryChange> changes = [];
        bool done = false;
        try
        {
            Result<StoreOutcome> outcome = await TryStoreAsync(mailbox, uids, change, unchangedSince, changes, ct);
            done = outcome.Ok;
            return (outcome, changes);
        }
        finally
        {
            if (!done && changes.Count > 0)
                await UndoAsync(mailbox, change, changes);
        }
    }

    private static async Task<Result<StoreOutcome>> TryStoreAsync(
        Mailbox mailbox, UidSet uids, FlagChange change, ModSeq? unchangedSince, List<EntryChange> changes, CancellationToken ct)
    {
        List<uint> stored = [], modified = [];
        FileError failed = FileError.None;
        ModSeq modSeq;
        MailboxLocation location;
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return StoreError.NotFound;
            if (change.Operation != FlagOperation.Remove && !mailbox.Keywords.HasRoomFor(change.Flags.Keywords))
                return StoreError.OverQuota;
            location = mailbox.Location;
            await mailbox.Counters.ReserveAsync(mailbox.Index, 0, ct);
            List<FlagWrite> wanted = [];
            foreach (MessageEntry entry in mailbox.Snapshot.Messages.In(uids))
            {
                if (entry.ModSeq > unchangedSince)
                {
                    modified.Add(entry.Uid.Value);
                    continue;
                }

                stored.Add(entry.Uid.Value);
                SystemFlags flags = Apply(entry.Flags, change);
                IReadOnlyList<string> keywords = mailbox.Keywords.Apply(entry.Keywords, change);
                if (flags != entry.Flags || (!ReferenceEquals(keywords, entry.Keywords) && !keywords.SequenceEqual(entry.Keywords)))
                    wanted.Add(new(entry, flags, keywords));
            }

            modSeq = mailbox.Counters.Highest;
            if (wanted.Count > 0)
            {
                modSeq = mailbox.Counters.TakeModSeq();
                failed = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.StoreFlags(mailbox, wanted, modSeq, changes), CancellationToken.None);
                mailbox.Replace([.. changes.Select(static c => c.After)]);
            }
        }

        if (changes.Count > 0)
            mailbox.Announce();
        if (failed != FileError.None)
            return mailbox.Store.Fail("changing flags", location.Folder.Path, failed);
        FileError synced = await MakeDurableAsync(mailbox, location, changes);
        return synced == FileError.None
            ? new StoreOutcome(new(NumberRanges.From(stored)), new(NumberRanges.From(modified)), modSeq)
            : mailbox.Store.Fail("syncing", location.Folder.Path, synced);
    }

    /// <summary>Takes back what a change did that is refused now. What others changed since stays.</summary>
    private static async Task UndoAsync(Mailbox mailbox, FlagChange change, List<EntryChange> changes)
    {
        MailboxLocation location;
        List<EntryChange> undone = [];
        using (await mailbox.EnterAsync(CancellationToken.None))
        {
            if (!mailbox.IsLoaded)
                return;
            location = mailbox.Location;
            List<FlagWrite> wanted = [];
            foreach ((MessageEntry before, MessageEntry after) in changes)
            {
                SystemFlags mine = Apply(before.Flags, change) ^ before.Flags;
                if (mailbox.Snapshot.Messages.Find(after.Uid) is { } now && now.ModSeq == after.ModSeq)
                    wanted.Add(new(now, (now.Flags & ~mine) | (before.Flags & mine), before.Keywords));
            }

            try
            {
                await mailbox.Counters.ReserveAsync(mailbox.Index, 0, CancellationToken.None);
            }
            catch (IOException)
            {
                return;
            }

            ModSeq modSeq = mailbox.Counters.TakeModSeq();
            await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.StoreFlags(mailbox, wanted, modSeq, undone, undoes: true), CancellationToken.None);
            mailbox.Replace([.. undone.Select(static c => c.After)]);
        }

        mailbox.Announce();
        await location.Folder.SyncAsync(alsoNew: false);
    }

    private static async Task<FileError> MakeDurableAsync(Mailbox mailbox, MailboxLocation location, List<EntryChange> changes)
    {
        if (changes.Exists(static c => !ReferenceEquals(c.Before.Keywords, c.After.Keywords)))
            await mailbox.Index.FlushAsync(durable: true, CancellationToken.None);
        return changes.Exists(static c => c.Before.Flags != c.After.Flags || !c.Before.FileName.AsSpan().SequenceEqual(c.After.FileName))
            ? await location.Folder.SyncAsync(alsoNew: false)
            : FileError.None;
    }

    /// <summary>The system flags a message has after a change.</summary>
    public static SystemFlags Apply(SystemFlags present, FlagChange change) => change.Operation switch
    {
        FlagOperation.Replace => change.Flags.System | (present & ~MessageFlags.MaskOf(change.Within)),
        FlagOperation.Add => present | change.Flags.System,
        FlagOperation.Remove => present & ~change.Flags.System,
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };
}
