using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

/// <summary>
/// Copies messages to a mailbox, and moves them to one of the same account. It never holds both locks: what lies in the target's
/// folder already is in flight there until it is announced.
/// </summary>
/// <remarks>
/// What a crash leaves; A is the message in the source's cur/ or new/, T its copy in the target's tmp/, B the one in the
/// target's cur/.
/// <list type="bullet">
/// <item>COPY: A; A and T, which goes after 36 hours; A and B, not acknowledged before the target's cur/ is synced. Of
/// several messages some may be copied.</item>
/// <item>MOVE: A; B. Where the power cut takes one half of the rename, A and B, one file with two names: the message is
/// then in both mailboxes, and the client, which got no answer, moves it again. Never neither: file systems with a
/// journal make a rename one change. Keywords and annotations are
/// in the index under B's name before A is renamed. Acknowledged when first the target's, then the source's directory is synced.</item>
/// <item>MOVE to another file system: A; A and T; A and B; B. A goes only after B is synced.</item>
/// </list>
/// </remarks>
internal sealed class MaildirTransfer(Mailbox source, TransferTarget place) : ITransfer
{
    /// <summary>Copies by hard link: first all names in the target's tmp/, then all into cur/; a failure takes them out again.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task<Result<CopyOutcome>> CopyAsync(UidSet uids, CancellationToken ct)
    {
        Result<Mailbox> found = await place.Account.Mailboxes.FindAsync(place.Name, ct);
        if (!found.Ok)
            return found.Error;
        Mailbox target = found.Value;
        List<Item> items = await ItemsAsync(target, uids);
        if (items.Count == 0)
            return Nothing(target);

        Result<Reservation> room = await place.Account.Usage.ReserveAsync(items.Aggregate(default(QuotaAmount), (sum, item) => sum + Mailbox.Stored(item.Entry)), ct);
        if (!room.Ok)
            return room.Error;
        using Reservation operation = room.Value;
        await Arrival.ReserveAsync(target, items.Count, ct);
        foreach (Item item in items)
            target.InFlight.TryAdd(item.TargetName, 0);
        FileError error = await source.Store.Disk.RunAsync(() => LinkAll(target, items), CancellationToken.None);
        if (error == FileError.None)
            error = await target.Store.Sync.SyncAsync(MaildirMailbox.Of(target).Cur);
        if (error != FileError.None)
        {
            await Withdrawal.RunAsync(target, items.Select(static i => i.TargetName));
            return error == FileError.NotFound ? await NotThereAsync(target) : source.Store.Fail("copying", target.Folder.Path, error);
        }

        try
        {
            return await AnnounceAsync(target, items, isMove: false, isUnderWay: false, operation, CancellationToken.None);
        }
        catch (IOException)
        {
            await Withdrawal.RunAsync(target, items.Select(static i => i.TargetName));
            throw;
        }
    }

    /// <summary>
    /// Moves by renaming each file from cur/ to cur/: the file is in exactly one of the folders, whatever happens. Only
    /// where the folders lie on different file systems is it a copy, and then a crash may leave the message in both.
    /// </summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task<Result<CopyOutcome>> MoveAsync(UidSet uids, CancellationToken ct)
    {
        Result<Mailbox> found = await place.Account.Mailboxes.FindAsync(place.Name, ct);
        if (!found.Ok)
            return found.Error;
        Mailbox target = found.Value;
        await Arrival.ReserveAsync(target, source.Snapshot.Messages.In(uids).Count(), ct);
        using Reservation operation = await place.Account.Usage.HoldAsync(ct);
        List<Item> moved = [];
        FileError error;
        MaildirFolder from;
        using (await source.EnterAsync(ct))
        {
            if (!source.IsLoaded)
                return StoreError.Gone;
            from = MaildirMailbox.Of(source);
            List<Item> items = await ItemsAsync(target, uids);
            if (items.Count == 0)
                return Nothing(target);
            await source.Counters.ReserveAsync(source.Index, 0, ct);
            await Departure.WriteAsync(source, [.. items.Select(static i => (i.TargetName, i.Entry))], ct);
            foreach (Item item in items)
                target.InFlight.TryAdd(item.TargetName, 0);
            error = await source.Store.Disk.RunAsync(() => RenameAll(target, items, moved), CancellationToken.None);
            Forget(target, items.Except(moved));
            source.Remove([.. moved.Select(static m => m.Entry)], moved.Count > 0 ? source.Counters.TakeModSeq() : source.Counters.Highest, operation);
        }

        source.Announce();
        if (moved.Count == 0)
            return error is FileError.None or FileError.NotFound ? Nothing(target) : source.Store.Fail("moving", target.Folder.Path, error);

        // The target first: a power cut between the two syncs may then show a message twice, but never nowhere.
        FileError synced = await source.Store.Sync.SyncAsync(MaildirMailbox.Of(target).Cur);
        if (synced == FileError.None)
            synced = await source.Store.Sync.SyncAsync(from.Cur);
        if (synced == FileError.None && moved.Exists(static m => m.Entry.InNew))
            synced = await source.Store.Sync.SyncAsync(from.New);
        Result<CopyOutcome> outcome;
        try
        {
            outcome = await AnnounceAsync(target, moved, isMove: true, source.Index.HasMessagesUnderWay, operation, CancellationToken.None);
        }
        catch (IOException e)
        {
            outcome = CopyOutcome.WithoutUids(target, e);
        }

        error = error == FileError.None ? synced : error;
        return error == FileError.None ? outcome : source.Store.Fail("moving", target.Folder.Path, error);
    }

    /// <summary>What is missing where a name was not found: the folder that another program removed, or a message that was expunged.</summary>
    private static Task<StoreError> NotThereAsync(Mailbox target) => target.Store.Disk.RunAsync(
        () => target.Store.Files.Stat(MaildirMailbox.Of(target).Cur, out _) == FileError.NotFound ? StoreError.NotFound : StoreError.Gone);

    /// <summary>The messages with their new names, in which letters are those of the target.</summary>
    private async Task<List<Item>> ItemsAsync(Mailbox target, UidSet uids)
    {
        MessageEntry[] entries = [.. source.Snapshot.Messages.In(uids).Select(entry => entry.Only(place.Flags))];
        KeywordLetters letters = MaildirMailbox.LettersOf(target);
        string[] keywords = [.. entries.Select(static e => e.Keywords).Distinct().SelectMany(static k => k).Distinct()];
        if (keywords.Length > 0)
            await source.Store.Disk.RunAsync(() => letters.Assign(keywords), CancellationToken.None);
        return [.. entries.Select(e => new Item(e, source.Store.Names.Next(StoredSize(e), new(e.WireOctets, e.IsSentAsIs)), letters.MaskOf(e.Keywords)))];
    }

    private static long StoredSize(MessageEntry entry) => MaildirFileName.Field(entry.FileName, (byte)'S');

    private static CopyOutcome Nothing(Mailbox target) => new(target.Counters.UidValidity, [], []);

    private static void Forget(Mailbox target, IEnumerable<Item> items)
    {
        foreach (Item item in items)
            target.InFlight.TryRemove(item.TargetName, out _);
    }

    private async Task<Result<CopyOutcome>> AnnounceAsync(Mailbox target, List<Item> items, bool isMove, bool isUnderWay, Reservation operation, CancellationToken ct)
    {
        List<Arrival> arrivals = [.. items.Select(i => new Arrival(
            i.TargetName, InNew: false, new(i.Entry.Flags, i.Entry.Keywords), i.Entry.WireOctets, i.Entry.StoredOctets, i.Entry.InternalDate, null)
            { IsUnderWay = isUnderWay, IsSentAsIs = i.Entry.IsSentAsIs })];
        IReadOnlyList<Uid> uids = await place.Account.Mailboxes.AnnounceAsync(target, arrivals, operation, stay: isMove, ct);
        return new CopyOutcome(target.Counters.UidValidity, [.. items.Select(static i => i.Entry.Uid)], uids);
    }

    private FileError LinkAll(Mailbox target, List<Item> items)
    {
        IMaildirFiles files = source.Store.Files;
        MaildirFolder to = MaildirMailbox.Of(target);
        MessageFiles messages = new(files, MaildirMailbox.Of(source));
        bool mayLink = source.Store.Options.Place == StorePlace.Root || source.Index == target.Index; // In a home its owner may write to it, and would to the other's.
        int linked = 0;
        FileError error = FileError.None;
        for (; linked < items.Count && error == FileError.None; linked++)
        {
            Item item = items[linked];
            FilePath temporary = to.Tmp.Child(item.TargetName);
            error = messages.On(item.Entry, (path, _) => mayLink ? LinkOrCopy(files, path, temporary) : Copy(files, path, temporary));
        }

        for (int named = 0; named < items.Count && error == FileError.None; named++)
            error = files.Rename(to.Tmp.Child(items[named].TargetName), to.Cur.Child(items[named].TargetName));
        foreach (Item item in error == FileError.None ? [] : items[..linked])
            files.Unlink(to.Tmp.Child(item.TargetName));
        return error;
    }

    private FileError RenameAll(Mailbox target, List<Item> items, List<Item> moved)
    {
        IMaildirFiles files = source.Store.Files;
        MessageFiles messages = new(files, MaildirMailbox.Of(source));
        List<Item> copied = [];
        List<(Item Item, FilePath From)> renames = [];
        FileError error = FileError.None;
        foreach (Item item in items)
        {
            FilePath to = MaildirMailbox.Of(target).Cur.Child(item.TargetName);
            bool isCopy = false;
            error = messages.On(item.Entry, (path, _) =>
            {
                FileError renamed = files.Rename(path, to);
                isCopy = renamed == FileError.CrossDevice;
                if (renamed == FileError.None)
                    renames.Add((item, path));
                return isCopy ? CopyTo(target, item, path) : renamed;
            });
            if (error == FileError.NotFound)
                continue; // Removed by another program.
            if (error != FileError.None)
                break;
            if (isCopy)
                copied.Add(item);
        }

        if (error is FileError.None or FileError.NotFound)
        {
            moved.AddRange(renames.Select(static rename => rename.Item));
            return copied.Count == 0 ? FileError.None : RemoveSources(target, copied, moved);
        }

        // What is refused is not done: nobody has seen these yet. One that cannot be put back is moved.
        foreach (Item item in copied)
            files.Unlink(MaildirMailbox.Of(target).Cur.Child(item.TargetName));
        foreach ((Item item, FilePath from) in renames)
        {
            if (files.Rename(MaildirMailbox.Of(target).Cur.Child(item.TargetName), from) != FileError.None)
                moved.Add(item);
        }

        return error;
    }

    private static FileError CopyTo(Mailbox target, Item item, FilePath from)
    {
        IMaildirFiles files = target.Store.Files;
        FilePath temporary = MaildirMailbox.Of(target).Tmp.Child(item.TargetName);
        FileError error = LinkOrCopy(files, from, temporary);
        if (error != FileError.None)
            return error;
        error = files.Rename(temporary, MaildirMailbox.Of(target).Cur.Child(item.TargetName));
        if (error != FileError.None)
            files.Unlink(temporary);
        return error;
    }

    /// <summary>Ends moves that had to be copies. The copies are synced first: else a power cut could take both.</summary>
    private FileError RemoveSources(Mailbox target, List<Item> copied, List<Item> moved)
    {
        IMaildirFiles files = source.Store.Files;
        MessageFiles messages = new(files, MaildirMailbox.Of(source));
        FileError error = files.SyncDirectory(MaildirMailbox.Of(target).Cur);
        foreach (Item item in copied)
        {
            FileError removed = error == FileError.None ? messages.On(item.Entry, (path, _) => files.Unlink(path)) : error;
            if (removed is FileError.None or FileError.NotFound)
                moved.Add(item);
            else
            {
                error = removed;
                files.Unlink(MaildirMailbox.Of(target).Cur.Child(item.TargetName));
            }
        }

        return error;
    }

    private static FileError LinkOrCopy(IMaildirFiles files, FilePath from, FilePath to)
    {
        FileError linked = files.Link(from, to);
        if (linked is not (FileError.CrossDevice or FileError.NoMoreLinks or FileError.NotSupported or FileError.Denied))
            return linked;
        return Copy(files, from, to);
    }

    private static FileError Copy(IMaildirFiles files, FilePath from, FilePath to)
    {
        FileError opened = files.OpenRead(from, out SafeFileHandle? file, out FileFacts facts);
        if (opened != FileError.None)
            return opened;
        using (file)
            return FileCopy.Make(files, to, DateTimeOffset.FromUnixTimeSeconds(facts.ModifiedSeconds), target => FileCopy.Copy(files, file!, target));
    }

    /// <summary>A message and the name it gets in the target. The name's flags are the message's at the time.</summary>
    private sealed class Item(MessageEntry entry, byte[] baseName, uint letters)
    {
        public MessageEntry Entry { get; } = entry;

        /// <summary>Unknown letters of the old name go along, but for those that another folder could take for keywords.</summary>
        public byte[] TargetName { get; } = MaildirFileName.WithFlags(
            [.. baseName, .. entry.FileName.AsSpan(MaildirFileName.Base(entry.FileName).Length)], entry.Flags, letters, clear: uint.MaxValue);
    }
}
