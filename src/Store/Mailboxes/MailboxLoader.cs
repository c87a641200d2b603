using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using FullStack.Store.Takeover;

namespace FullStack.Store.Mailboxes;

/// <summary>Brings a mailbox into memory: lists its folder once and matches the files with the index by base name.</summary>
internal static class MailboxLoader
{
    private const int ExaminedAtOnce = 512;
    private const int ExaminingThreads = 8;

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
            Result<MailboxRow> begun = await BeginAsync(mailbox, row, sizes, ct);
            if (!begun.Ok)
                return begun.Error;
            row = begun.Value;
            (List<MessageRow> underWay, MailboxImage? image) = await mailbox.Index.ReadAsync(
                index => (MessageTable.Load(index, MessageTable.UnderWay), ImageTable.Load(index, row.Id, mailbox.Keywords)), ct);
            mailbox.Index.HasMessagesUnderWay |= underWay.Count > 0;

            // Watched before looked at, so that nothing slips in between.
            mailbox.Store.Watcher.Watch(mailbox);
            StoreError loaded = StoreError.Unavailable;
            try
            {
                MailboxCounters counters = new(row, mailbox.List);
                loaded = image is not null && underWay.Count == 0
                    ? await LoadAsync(mailbox, counters, image, ct)
                    : await LoadRowsAsync(mailbox, counters, sizes, underWay, ct);
            }
            finally
            {
                if (loaded == StoreError.None)
                {
                    mailbox.Reveal();
                }
                else
                {
                    mailbox.Forget();
                    mailbox.Store.Watcher.Unwatch(mailbox);
                }
            }

            return loaded;
        }
    }

    /// <summary>Loads the mailbox as it was closed, then what others did to its folder since. As long as its directories have the same times, that is nothing.</summary>
    private static async Task<StoreError> LoadAsync(Mailbox mailbox, MailboxCounters counters, MailboxImage image, CancellationToken ct)
    {
        IReadOnlyList<FolderEvent>? events = null;
        FileError prepared = await mailbox.Store.Disk.RunAsync(
            () =>
            {
                FileError made = Prepare(mailbox);
                if (made == FileError.None)
                    events = mailbox.Folder.ChangesSince(image.Mark, image.Messages);
                return made;
            }, ct);
        if (prepared != FileError.None)
            return Fail(mailbox, prepared);
        mailbox.Load(counters, image.Messages, image);
        if (events is not [])
            await LookAsync(mailbox, events);
        await mailbox.List.BeforeLoadedAsync(counters, mailbox.Snapshot.Messages, ct);
        return StoreError.None;
    }

    private static async Task LookAsync(Mailbox mailbox, IReadOnlyList<FolderEvent>? events)
    {
        FolderFindings? findings = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.Look(mailbox, events), CancellationToken.None);
        try
        {
            if (findings is null)
                mailbox.Store.Watcher.LookAgain(mailbox);
            else if (!findings.IsEmpty)
                await MailboxRescan.ApplyAsync(mailbox, findings, CancellationToken.None);
        }
        catch (IOException e)
        {
            // A full disk, perhaps: what is known can still be read.
            StoreLog.IndexUnusable(mailbox.Store.Log, mailbox.Folder.Path.ToString(), e.Message);
            mailbox.Store.Watcher.LookAgain(mailbox);
        }
    }

    /// <summary>Loads the mailbox from the index's rows and a listing of its folder.</summary>
    private static async Task<StoreError> LoadRowsAsync(
        Mailbox mailbox, MailboxCounters counters, WireSizes sizes, List<MessageRow> underWay, CancellationToken ct)
    {
        List<MessageRow> rows = await mailbox.Index.ReadAsync(index => MessageTable.Load(index, counters.Id), ct);
        (FileError error, Matched? matched) = await mailbox.Store.Disk.RunAsync(() => Match(mailbox, rows, sizes), ct);
        if (matched is null)
            return Fail(mailbox, error);
        matched.Added.AddRange(await ExamineAsync(mailbox, matched.Unknown, sizes, ct));
        await TakeOverAsync(mailbox, counters, matched, underWay, ct);
        return StoreError.None;
    }

    private static StoreError Fail(Mailbox mailbox, FileError error)
        => error == FileError.NotFound ? StoreError.NotFound : mailbox.Store.Fail("opening the mailbox", mailbox.Folder.Path, error);

    private static FileError Prepare(Mailbox mailbox)
    {
        FileError made = mailbox.Folder.Prepare(mayMake: mailbox.Location.Name.IsInbox);
        if (made == FileError.None)
            mailbox.Folder.Clean(mailbox.Store.Time.GetUtcNow());
        return made;
    }

    /// <summary>The numbers that the mailbox goes on with, from the index, its own list or a former server's.</summary>
    private static async Task<Result<MailboxRow>> BeginAsync(Mailbox mailbox, MailboxRow row, WireSizes sizes, CancellationToken ct)
    {
        // The row was read before the lock was had: another session may have opened and closed the mailbox meanwhile.
        long id = row.Id;
        if (await mailbox.Index.ReadAsync(index => MailboxTable.Find(index, id), ct) is not { } current)
            return StoreError.NotFound;
        Result<MailboxRow> begun = await UidListAdoption.RunAsync(mailbox, current, sizes, ct);
        return begun.Ok && begun.Value.Origin == MailboxOrigin.Waiting ? await MailboxTakeover.RunAsync(mailbox, begun.Value, sizes, ct) : begun;
    }

    private static (FileError, Matched?) Match(Mailbox mailbox, List<MessageRow> rows, WireSizes sizes)
    {
        IMailboxFolder folder = mailbox.Folder;
        FileError made = Prepare(mailbox);
        if (made != FileError.None)
            return (made, null);
        FileError listed = folder.List(out Dictionary<byte[], ListedMessage> onDisk);
        if (listed != FileError.None)
            return (listed, null);

        Matched matched = new();
        foreach (MessageRow row in rows)
        {
            if (onDisk.Remove(AsName(row.BaseName), out ListedMessage message))
                matched.Known.Add((row with { StoredOctets = StoredOctets(folder, row, message) }, folder.Recall(message, row.Keywords)));
            else
                matched.Gone.Add(row.Uid);
        }

        ListedMessage[] unknown = [.. onDisk.Values.Where(message => !mailbox.InFlight.ContainsKey(message.Name))];
        Array.Sort(unknown, (a, b) => folder.CompareArrival(a.Name, b.Name));
        matched.Unknown = unknown;
        return (FileError.None, matched);
    }

    /// <summary>Examines messages that have no UID yet, very many of them on several threads. Those that are gone are left out.</summary>
    private static async Task<IEnumerable<FoundMessage>> ExamineAsync(Mailbox mailbox, ListedMessage[] unknown, WireSizes sizes, CancellationToken ct)
    {
        FoundMessage?[] examined = new FoundMessage?[unknown.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, (unknown.Length + ExaminedAtOnce - 1) / ExaminedAtOnce),
            new ParallelOptions { MaxDegreeOfParallelism = ExaminingThreads, CancellationToken = ct },
            async (part, stop) => await mailbox.Store.Disk.RunAsync(
                () =>
                {
                    for (int i = part * ExaminedAtOnce; i < Math.Min((part + 1) * ExaminedAtOnce, unknown.Length); i++)
                        examined[i] = mailbox.Folder.TryExamine(unknown[i], sizes.Of(unknown[i].Name), out FoundMessage found) ? found : null;
                    return default(Nothing);
                }, stop));
        return examined.OfType<FoundMessage>();
    }

    /// <summary>An index that an earlier version of this server wrote may not know it.</summary>
    private static long StoredOctets(IMailboxFolder folder, MessageRow row, ListedMessage message)
    {
        long known = MaildirFileName.StoredOctets(message.Name, row.StoredOctets);
        if (known < 0)
            known = folder.TryExamine(message, row.WireOctets, out FoundMessage found) ? found.StoredOctets : 0;
        return known;
    }

    private static async Task TakeOverAsync(Mailbox mailbox, MailboxCounters counters, Matched matched, List<MessageRow> underWay, CancellationToken ct)
    {
        bool changed = matched.Gone.Count > 0 || matched.Added.Count > 0
            || matched.Known.Exists(k => IsChanged(mailbox, k.Row, k.Listed));
        ModSeq modSeq = counters.Highest;
        if (changed && await TryReserveAsync(mailbox, counters, matched, ct))
            modSeq = counters.TakeModSeq();
        else
            changed = false;

        List<MessageEntry> entries = new(matched.Known.Count + matched.Added.Count);
        foreach ((MessageRow row, ListedMessage listed) in matched.Known)
        {
            bool isChanged = changed && IsChanged(mailbox, row, listed);
            MessageEntry entry = FromRow(mailbox, row, listed, isChanged ? modSeq : new(row.ModSeq));
            entries.Add(entry);
            if (isChanged)
                mailbox.Index.Post(counters.Id, entry);
        }

        foreach (uint uid in matched.Gone)
            mailbox.Index.PostExpunge(counters.Id, new(uid), modSeq);
        uint firstAdded = counters.UidNext.Value;
        foreach (FoundMessage found in matched.Added)
        {
            MessageEntry entry = FromFolder(mailbox, counters.TakeUid(), modSeq, found, underWay);
            entries.Add(entry);
            mailbox.Index.Post(counters.Id, entry);
        }

        if (changed && underWay.Count > 0)
            await mailbox.Index.CommitAsync(
                i => entries.FindAll(e => e.Uid.Value >= firstAdded).ForEach(e => MessageTable.Arrive(i, e.FileName, counters.Id, e.Uid.Value)), ct);
        MessageList messages = MessageList.From(entries);
        foreach (MessageEntry entry in entries)
        {
            if (entry.Uid.Value >= firstAdded)
                mailbox.List.Touch(entry.Uid);
        }

        await mailbox.List.BeforeLoadedAsync(counters, messages, ct);
        mailbox.Load(counters, messages, image: null);
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

    /// <summary>A message that another program, or a delivery before the mailbox was open, put into the folder.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="uid">The UID it gets.</param>
    /// <param name="modSeq">The mod-sequence of the change.</param>
    /// <param name="found">The message.</param>
    /// <param name="underWay">
    /// What is known of moves that a crash or a full disk ended: a message without row has its keywords there, where its folder keeps none.
    /// </param>
    public static MessageEntry FromFolder(Mailbox mailbox, Uid uid, ModSeq modSeq, FoundMessage found, List<MessageRow> underWay)
    {
        string known = underWay.Find(row => MaildirFileName.Base(found.Name).SequenceEqual(row.BaseName)).Keywords ?? "";
        return FromFolder(uid, modSeq, found, mailbox.Keywords.Of(mailbox.Folder.Recall(found.Listed, known)) ?? mailbox.Keywords.FromColumn(known));
    }

    /// <summary>A message of the folder with these keywords.</summary>
    public static MessageEntry FromFolder(Uid uid, ModSeq modSeq, FoundMessage found, IReadOnlyList<string> keywords) => new()
    {
        Uid = uid,
        ModSeq = modSeq,
        Flags = found.Listed.Flags,
        Keywords = keywords,
        WireOctets = found.WireOctets,
        StoredOctets = found.StoredOctets,
        InternalDate = found.InternalDate,
        FileName = found.Name,
        InNew = found.Listed.InNew,
    };

    private static MessageEntry FromRow(Mailbox mailbox, MessageRow row, ListedMessage listed, ModSeq modSeq) => new()
    {
        Uid = new(row.Uid),
        ModSeq = modSeq,
        Flags = listed.Flags,
        Keywords = mailbox.Keywords.Of(listed) ?? mailbox.Keywords.FromColumn(row.Keywords),
        WireOctets = row.WireOctets,
        StoredOctets = row.StoredOctets,
        InternalDate = DateTimeOffset.FromUnixTimeSeconds(row.InternalDateSeconds),
        FileName = listed.Name,
        InNew = listed.InNew,
    };

    /// <summary>A name that has this base: of one that holds a colon itself, a part would be taken for flags.</summary>
    private static byte[] AsName(byte[] baseName) => baseName.AsSpan().Contains((byte)':') ? [.. baseName, (byte)':'] : baseName;

    private static bool IsChanged(Mailbox mailbox, MessageRow row, ListedMessage listed)
        => listed.Flags != row.Flags || (mailbox.Keywords.Of(listed) is { } keywords && KeywordColumn.Join(keywords) != row.Keywords);

    private sealed class Matched
    {
        public List<(MessageRow Row, ListedMessage Listed)> Known { get; } = [];
        public List<uint> Gone { get; } = [];
        public ListedMessage[] Unknown { get; set; } = [];
        public List<FoundMessage> Added { get; } = [];
    }
}
