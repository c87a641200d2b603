using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using FullStack.Store.Takeover;

namespace FullStack.Store.Mailboxes;

/// <summary>Brings a mailbox into memory: lists its folder once and matches the files with the index by base name.</summary>
internal static class MailboxLoader
{
    /// <summary>Loads the mailbox where it is not loaded yet.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<StoreError> LoadAsync(Mailbox mailbox, MailboxRow row, CancellationToken ct)
    {
        WireSizes sizes = await WireSizes.CountAsync(mailbox, isNew: row.UidNext == 1, ct);
        using (await mailbox.EnterAsync(ct))
        {
            if (mailbox.IsDead)
                return StoreError.NotFound;
            if (mailbox.IsLoaded)
                return StoreError.None;

            await mailbox.Index.FlushAsync(durable: false, ct);
            Result<MailboxRow> taken = await MailboxTakeover.RunAsync(mailbox, row, sizes, ct);
            if (!taken.Ok)
                return taken.Error;
            row = taken.Value;
            (List<MessageRow> rows, List<MessageRow> underWay) = await mailbox.Index.ReadAsync(
                index => (MessageTable.Load(index, row.Id), MessageTable.Load(index, MessageTable.UnderWay)), ct);
            mailbox.Index.HasMessagesUnderWay |= underWay.Count > 0;

            // Watched before listed, so that nothing slips in between.
            mailbox.Store.Watcher.Watch(mailbox);
            (FileError error, Matched? matched) = await mailbox.Store.Disk.RunAsync(() => Match(mailbox, rows, sizes), ct);
            if (matched is null)
            {
                mailbox.Store.Watcher.Unwatch(mailbox);
                return error == FileError.NotFound ? StoreError.NotFound : mailbox.Store.Fail("opening the mailbox", mailbox.Folder.Path, error);
            }

            try
            {
                await TakeOverAsync(mailbox, new MailboxCounters(row), matched, underWay, ct);
            }
            catch
            {
                mailbox.ByBaseName.Clear();
                mailbox.Recent.Clear();
                mailbox.Store.Watcher.Unwatch(mailbox);
                throw;
            }

            return StoreError.None;
        }
    }

    /// <summary>Makes what is missing of a folder that is there. Blocks.</summary>
    public static FileError PrepareFolder(Mailbox mailbox)
    {
        // Deleted or renamed a moment ago: to make its folders again would make a mailbox that nobody asked for.
        bool isInbox = mailbox.Location.Name.IsInbox;
        FileError there = isInbox ? FileError.None : mailbox.Store.Files.Stat(mailbox.Folder.Cur, out _);
        return there == FileError.None ? mailbox.Folder.Make(mailbox.Store.Files, marker: !isInbox) : there;
    }

    private static (FileError, Matched?) Match(Mailbox mailbox, List<MessageRow> rows, WireSizes sizes)
    {
        IMaildirFiles files = mailbox.Store.Files;
        FileError made = PrepareFolder(mailbox);
        if (made != FileError.None)
            return (made, null);
        FolderScan.CleanTemporary(files, mailbox.Folder, mailbox.Store.Time.GetUtcNow());
        FileError listed = FolderScan.ListAndMend(files, mailbox.Folder, out Dictionary<byte[], ListedFile> onDisk);
        if (listed != FileError.None)
            return (listed, null);

        Matched matched = new();
        foreach (MessageRow row in rows)
        {
            if (onDisk.Remove(row.BaseName, out ListedFile file))
                matched.Known.Add((row, file));
            else
                matched.Gone.Add(row.Uid);
        }

        ListedFile[] unknown = [.. onDisk.Values.Where(file => !mailbox.InFlight.ContainsKey(file.Name))];
        Array.Sort(unknown, static (a, b) => MaildirFileName.CompareArrival(a.Name, b.Name));
        foreach (ListedFile file in unknown)
        {
            if (FolderScan.TryExamine(files, mailbox.Folder, file, out FoundFile found, sizes.Of(file.Name)))
                matched.Added.Add(found);
        }

        return (FileError.None, matched);
    }

    private static async Task TakeOverAsync(Mailbox mailbox, MailboxCounters counters, Matched matched, List<MessageRow> underWay, CancellationToken ct)
    {
        bool changed = matched.Gone.Count > 0 || matched.Added.Count > 0
            || matched.Known.Exists(static k => MaildirFileName.Flags(k.File.Name) != k.Row.Flags);
        ModSeq modSeq = counters.Highest;
        if (changed && await TryReserveAsync(mailbox, counters, matched, ct))
            modSeq = counters.TakeModSeq();
        else
            changed = false;

        List<MessageEntry> entries = new(matched.Known.Count + matched.Added.Count);
        foreach ((MessageRow row, ListedFile file) in matched.Known)
        {
            MessageEntry entry = FromRow(mailbox, row, file, modSeq);
            entries.Add(entry);
            if (changed && entry.Flags != row.Flags)
                mailbox.Index.Post(counters.Id, entry);
        }

        foreach (uint uid in matched.Gone)
            mailbox.Index.PostExpunge(counters.Id, new(uid), modSeq);
        foreach (FoundFile found in matched.Added)
        {
            MessageEntry entry = FromFile(counters.TakeUid(), modSeq, found, KeywordsOf(mailbox, found, underWay));
            entries.Add(entry);
            mailbox.Index.Post(counters.Id, entry);
        }

        foreach (MessageEntry entry in entries)
        {
            mailbox.ByBaseName[entry.FileName] = entry.Uid.Value;
            if (entry.InNew)
                mailbox.Recent.Add(entry.Uid);
        }

        if (changed && underWay.Count > 0)
            await mailbox.Index.CommitAsync(i => matched.Added.ForEach(f => MessageTable.Arrive(i, f.Name)), ct);
        else if (changed)
            await mailbox.Index.FlushAsync(durable: false, ct);
        mailbox.Load(counters, MessageList.From(entries));
    }

    /// <summary>
    /// Makes sure of UIDs for what is new. Where the index cannot be written (a full disk), what it knows can still be
    /// read: files without UID are left out until it can, and the next load finds again what is gone.
    /// </summary>
    private static async Task<bool> TryReserveAsync(Mailbox mailbox, MailboxCounters counters, Matched matched, CancellationToken ct)
    {
        try
        {
            await counters.ReserveAsync(mailbox.Index, matched.Added.Count, ct);
            return true;
        }
        catch (IOException e)
        {
            StoreLog.IndexUnusable(mailbox.Store.Log, mailbox.Folder.Path.ToString(), e.Message);
            matched.Added.Clear();
            matched.Gone.Clear();
            mailbox.Store.Watcher.LookAgain(mailbox);
            return false;
        }
    }

    /// <summary>The keywords of a file without row: it has some where a move ended, by a crash or a full disk, after the file came and before its row.</summary>
    public static IReadOnlyList<string> KeywordsOf(Mailbox mailbox, FoundFile found, List<MessageRow> underWay)
        => mailbox.Keywords.FromColumn(underWay.Find(row => MaildirFileName.Base(found.Name).SequenceEqual(row.BaseName)).Keywords ?? "");

    /// <summary>A message for a file that another program, or a delivery before the mailbox was open, put there.</summary>
    public static MessageEntry FromFile(Uid uid, ModSeq modSeq, FoundFile found, IReadOnlyList<string> keywords) => new()
    {
        Uid = uid,
        ModSeq = modSeq,
        Flags = MaildirFileName.Flags(found.Name),
        Keywords = keywords,
        WireOctets = found.WireOctets,
        InternalDate = found.InternalDate,
        FileName = found.Name,
        InNew = found.InNew,
    };

    private static MessageEntry FromRow(Mailbox mailbox, MessageRow row, ListedFile file, ModSeq changed)
    {
        SystemFlags flags = MaildirFileName.Flags(file.Name);
        return new()
        {
            Uid = new(row.Uid),
            ModSeq = flags == row.Flags ? new(row.ModSeq) : changed,
            Flags = flags,
            Keywords = mailbox.Keywords.FromColumn(row.Keywords),
            WireOctets = row.WireOctets,
            InternalDate = DateTimeOffset.FromUnixTimeSeconds(row.InternalDateSeconds),
            FileName = file.Name,
            InNew = file.InNew,
        };
    }

    private sealed class Matched
    {
        public List<(MessageRow Row, ListedFile File)> Known { get; } = [];
        public List<uint> Gone { get; } = [];
        public List<FoundFile> Added { get; } = [];
    }
}
