using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>Brings a mailbox into memory that has no image: lists its folder once and matches the files with the index's rows by base name.</summary>
internal static class RowLoader
{
    /// <summary>Loads the mailbox, whose folder is prepared. One of which the index has no rows is left to <see cref="ArrivalLoader"/> where that can.</summary>
    /// <exception cref="IOException">The index cannot be read, or the list beside the folder not be written.</exception>
    public static async Task<FileError> LoadAsync(Mailbox mailbox, MailboxCounters counters, WireSizes sizes, MovesUnderWay underWay, CancellationToken ct)
    {
        await NoteUntracedAsync(mailbox, counters, ct);
        List<MessageRow> rows = await mailbox.Index.ReadAsync(index => MessageTable.Load(index, counters.Id), ct);
        if (rows.Count == 0 && underWay.IsEmpty && await ArrivalLoader.TryLoadAsync(mailbox, counters, sizes, ct) is { } all)
            return all;
        (FileError error, Matched? matched) = await mailbox.Store.Disk.RunAsync(() => Match(mailbox, rows), ct);
        if (matched is null)
            return error;
        matched.Added.AddRange(await ExamineAsync(mailbox, matched.Unknown, sizes, ct));
        await TakeOverAsync(mailbox, counters, matched, underWay, ct);
        return FileError.None;
    }

    /// <summary>
    /// A crash may leave UIDs that clients have seen and that nothing names any more: their messages get others. A client that brings its list up to date from before is told of all UIDs
    /// that are not there.
    /// </summary>
    private static async Task NoteUntracedAsync(Mailbox mailbox, MailboxCounters counters, CancellationToken ct)
    {
        try
        {
            if (await mailbox.Index.ReadAsync(index => MessageTable.HasUntraced(index, counters.Id, counters.UidNext.Value), ct))
                await mailbox.Index.CommitAsync(index => MessageTable.ForgetExpunged(index, counters.Id, counters.Highest.Value + 1), ct);
        }
        catch (IOException e)
        {
            // A full disk, perhaps: what is known can still be read.
            StoreLog.IndexUnusable(mailbox.Store.Log, mailbox.Folder.Path.ToString(), e.Message);
        }
    }

    private static (FileError, Matched?) Match(Mailbox mailbox, List<MessageRow> rows)
    {
        IMailboxFolder folder = mailbox.Folder;
        FileError listed = folder.List(out Dictionary<byte[], ListedMessage> onDisk);
        if (listed != FileError.None)
            return (listed, null);

        Matched matched = new();
        List<MessageRow> missing = [];
        foreach (MessageRow row in rows)
        {
            if (onDisk.Remove(AsName(row.BaseName), out ListedMessage message))
                matched.Known.Add(Known(folder, row, message));
            else
                missing.Add(row);
        }

        listed = missing.Count == 0 ? FileError.None : Seek(folder, missing, matched);
        if (listed != FileError.None)
            return (listed, null);
        matched.Unknown = mailbox.InFlight.IsEmpty ? [.. onDisk.Values] : [.. onDisk.Values.Where(message => !mailbox.InFlight.ContainsKey(message.Name))];
        ArrivalOrder.Sort(folder, matched.Unknown, static message => message.Name);
        return (FileError.None, matched);
    }

    /// <summary>Messages that a listing lacks are gone where the next one lacks them too.</summary>
    private static FileError Seek(IMailboxFolder folder, List<MessageRow> missing, Matched matched)
    {
        FileError listed = folder.Seek([.. missing.Select(static row => AsName(row.BaseName))], out Dictionary<byte[], ListedMessage> found);
        foreach (MessageRow row in missing)
        {
            if (found.TryGetValue(AsName(row.BaseName), out ListedMessage message))
                matched.Known.Add(Known(folder, row, message));
            else
                matched.Gone.Add(row.Uid);
        }

        if (found.Count > 0)
            matched.Known.Sort(static (a, b) => a.Row.Uid.CompareTo(b.Row.Uid));
        return listed;
    }

    private static (MessageRow, ListedMessage) Known(IMailboxFolder folder, MessageRow row, ListedMessage message)
        => (row with { StoredOctets = StoredOctets(folder, row, message) }, folder.Recall(message, row.Keywords));

    /// <summary>Examines messages that have no UID yet. Those that are gone are left out.</summary>
    private static async Task<IEnumerable<FoundMessage>> ExamineAsync(Mailbox mailbox, List<ListedMessage> unknown, WireSizes sizes, CancellationToken ct)
    {
        FoundMessage?[] examined = new FoundMessage?[unknown.Count];
        await Examination.RunAsync(mailbox, unknown.Count, (first, count) =>
        {
            for (int i = first; i < first + count; i++)
                examined[i] = mailbox.Folder.TryExamine(unknown[i], sizes.Of(unknown[i].Name), out FoundMessage found) ? found : null;
        }, ct);
        return examined.OfType<FoundMessage>();
    }

    /// <summary>An index that an earlier version of this server wrote may not know it.</summary>
    private static long StoredOctets(IMailboxFolder folder, MessageRow row, ListedMessage message)
    {
        long known = MaildirFileName.StoredOctets(message.Name, row.StoredOctets);
        if (known < 0)
            known = folder.TryExamine(message, new(row.WireOctets, IsSentAsIs: false), out FoundMessage found) ? found.StoredOctets : 0;
        return known;
    }

    private static async Task TakeOverAsync(Mailbox mailbox, MailboxCounters counters, Matched matched, MovesUnderWay underWay, CancellationToken ct)
    {
        bool changed = matched.Gone.Count > 0 || matched.Added.Count > 0
            || matched.Known.Exists(k => IsChanged(mailbox, k.Row, k.Listed));
        ModSeq modSeq = counters.Highest;
        if (changed && await TryReserveAsync(mailbox, counters, matched, ct))
            modSeq = counters.TakeModSeq();
        else
            changed = false;

        List<MessageEntry> entries = new(matched.Known.Count + matched.Added.Count), posted = new(matched.Added.Count);
        foreach ((MessageRow row, ListedMessage listed) in matched.Known)
        {
            bool isChanged = changed && IsChanged(mailbox, row, listed);
            MessageEntry entry = FromRow(mailbox, row, listed, isChanged ? modSeq : new(row.ModSeq));
            entries.Add(entry);
            if (isChanged)
                posted.Add(entry);
        }

        foreach (uint uid in matched.Gone)
            mailbox.Index.PostExpunge(counters.Id, new(uid), modSeq);
        List<MessageEntry> received = new(matched.Added.Count);
        foreach (FoundMessage found in matched.Added)
            received.Add(underWay.Receive(mailbox, counters.TakeUid(), modSeq, found));
        received.ForEach(entry => mailbox.List.Touch(entry.Uid));
        entries.AddRange(received);
        posted.AddRange(received);
        if (changed && !underWay.IsEmpty)
        {
            mailbox.Index.Post(counters.Id, posted);
            await MovesUnderWay.ArriveAsync(mailbox.Index, counters.Id, received, ct);
            posted.Clear();
        }

        await mailbox.LoadAsync(counters, MessageList.From(entries), () => mailbox.Index.Post(counters.Id, posted), ct);
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

    private static MessageEntry FromRow(Mailbox mailbox, MessageRow row, ListedMessage listed, ModSeq modSeq) => new()
    {
        Uid = new(row.Uid),
        ModSeq = modSeq,
        Flags = listed.Flags,
        Keywords = mailbox.Keywords.Of(listed) ?? mailbox.Keywords.FromColumn(row.Keywords),
        WireOctets = row.WireOctets,
        StoredOctets = row.StoredOctets,
        InternalDate = DateTimeOffset.FromUnixTimeSeconds(row.InternalDateSeconds),
        IsSentAsIs = MaildirFileName.IsSentAsIs(listed.Name),
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
        public List<ListedMessage> Unknown { get; set; } = [];
        public List<FoundMessage> Added { get; } = [];
    }
}
