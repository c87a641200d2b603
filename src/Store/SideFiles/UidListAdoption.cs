using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.SideFiles;

/// <summary>
/// Brings together what the index and the list beside the mailbox say before the mailbox is loaded. Where the index knows
/// nothing of it, or is older than the list, the rows are made anew from the list; where the list is older it will be
/// written anew; where both came from a backup, numbers go on so far beyond theirs that none comes again that was given
/// out since.
/// </summary>
internal sealed class UidListAdoption
{
    /// <summary>UIDs left out where the list does not tell the last one for sure: one block, and as many for each second since it was written as no mailbox gets messages.</summary>
    private const uint UidGap = 1000, UidsPerSecond = 5;

    private const ulong ModSeqGap = 10_000, ModSeqsPerSecond = 1000;

    private readonly Mailbox _mailbox;
    private readonly UidListContent _content;
    private readonly WireSizes _sizes;
    private readonly List<(MessageEntry Entry, MessageDetails Details)> _messages = [];
    private readonly bool _keepsUids;

    private UidListAdoption(Mailbox mailbox, MailboxRow row, UidListContent content, WireSizes sizes, bool keepsUids)
        => (_mailbox, Row, _content, _sizes, _keepsUids) = (mailbox, row, content, sizes, keepsUids);

    private MailboxRow Row { get; set; }

    /// <summary>Compares and does what is needed. Under the mailbox lock.</summary>
    /// <returns>The row as it is then. One that still waits has no list.</returns>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<Result<MailboxRow>> RunAsync(Mailbox mailbox, MailboxRow row, WireSizes sizes, CancellationToken ct)
    {
        if (mailbox.Folder.UidList is not { } file)
            return row;
        UidListState? state = null;
        FileFacts facts = default;
        FileError error = await mailbox.Store.Disk.RunAsync(() => file.Peek(out state, out facts), ct);
        if (error is not (FileError.None or FileError.NotFound))
            return mailbox.Store.Fail("reading the list of UIDs", file.Path, error);
        mailbox.List.Forget();
        if (state is null)
        {
            if (error == FileError.None)
                await SetAsideAsync(mailbox, file);
            return row;
        }

        mailbox.List.FoundWrittenSeconds = state.WrittenSeconds;
        bool isKnown = row.Origin != MailboxOrigin.Waiting;
        bool isCopy = !state.Self.IsSameAs(facts.Identity);
        bool isAhead = state.UidValidity > row.UidValidity.Value
            || state.UidValidity == row.UidValidity.Value && (state.UidNext > row.UidNext || state.ModSeq > row.ModSeq);
        if (!isKnown || isAhead)
            return await AdoptAsync(mailbox, row, file, sizes, isCopy, ct);

        bool isSame = (state.UidValidity, state.UidNext, state.ModSeq, state.ObjectId) == (row.UidValidity.Value, row.UidNext, row.ModSeq, row.ObjectId);
        if (isSame && isCopy)
            return await SkipAsync(mailbox, row, state, ct);
        if (isSame && state.IsClosed) // Else it may lack what was to be written when the mailbox closed.
            mailbox.List.Begin(state, facts);
        return row;
    }

    /// <summary>A list that cannot be understood goes out of the way; the index has what it said, or it is lost.</summary>
    private static async Task SetAsideAsync(Mailbox mailbox, UidListFile file)
    {
        FilePath aside = default;
        FileError error = await mailbox.Store.Disk.RunAsync(() => file.SetAside(mailbox.Store.Time.GetUtcNow().ToUnixTimeSeconds(), out aside));
        if (error == FileError.None)
            StoreLog.UidListSetAside(mailbox.Store.Log, file.Path.ToString(), aside.ToString());
        else
            mailbox.Store.Fail("setting the list of UIDs aside", file.Path, error);
    }

    /// <summary>Index and list agree but came from a backup together, or the whole account was copied.</summary>
    private static async Task<Result<MailboxRow>> SkipAsync(Mailbox mailbox, MailboxRow row, UidListState state, CancellationToken ct)
    {
        MailboxRow skipped = Beyond(mailbox, row, state);
        await mailbox.Index.CommitAsync(index =>
        {
            MailboxTable.Begin(index, skipped);
            MessageTable.ChangeAll(index, row.Id, skipped.ModSeq);
        }, ct);
        StoreLog.UidsSkipped(mailbox.Store.Log, mailbox.Folder.Path.ToString(), row.UidNext, skipped.UidNext);
        return skipped.UidNext > MailboxCounters.LastUsableUid ? StoreError.NotFound : skipped; // The next look begins a new life.
    }

    /// <summary>How many UIDs and mod-sequences to leave out where more may have been given out since a moment, Unix time.</summary>
    public static (ulong Uids, ulong ModSeqs) GapSince(DateTimeOffset now, long seconds)
    {
        ulong elapsed = (ulong)Math.Clamp(now.ToUnixTimeSeconds() - seconds, 0, uint.MaxValue);
        return (UidGap + UidsPerSecond * elapsed, ModSeqGap + ModSeqsPerSecond * elapsed);
    }

    /// <summary>The row with numbers above all that may have been given out since the list was written.</summary>
    private static MailboxRow Beyond(Mailbox mailbox, MailboxRow row, UidListState state)
    {
        (ulong uids, ulong modSeqs) = GapSince(mailbox.Store.Time.GetUtcNow(), state.WrittenSeconds);
        return row with
        {
            UidNext = (uint)Math.Min(Math.Max(row.UidNext, state.UidNext) + uids, uint.MaxValue), ModSeq = Math.Max(row.ModSeq, state.ModSeq) + modSeqs,
        };
    }

    private static async Task<Result<MailboxRow>> AdoptAsync(
        Mailbox mailbox, MailboxRow row, UidListFile file, WireSizes sizes, bool isCopy, CancellationToken ct)
    {
        UidListContent? content = null;
        FileError read = await mailbox.Store.Disk.RunAsync(() => file.Read(out content), ct);
        if (read != FileError.None || content!.State is not { } state)
            return mailbox.Store.Fail("reading the list of UIDs", file.Path, read);

        // A folder that was copied within the account has the other mailbox's id: it is another mailbox.
        bool isTwin = (await mailbox.Index.ReadAsync(MailboxTable.Load, ct)).Exists(r => r.Id != row.Id && r.ObjectId == state.ObjectId);
        MailboxRow adopted = row with
        {
            UidValidity = new(state.UidValidity), UidNext = state.UidNext, ModSeq = state.ModSeq, ObjectId = state.ObjectId,
            Origin = state.IsFormer ? MailboxOrigin.Former : MailboxOrigin.Own,
        };
        if (!state.IsClosed || isCopy || content.Damaged > 0)
            adopted = Beyond(mailbox, adopted, state);
        bool keepsUids = !isTwin && adopted.UidNext <= MailboxCounters.LastUsableUid;
        if (!keepsUids && row.UidValidity.Value <= state.UidValidity)
        {
            // No UIDVALIDITY is at hand that the list's UIDs could be given up for: the next look finds one.
            await mailbox.Index.CommitAsync(index => MailboxTable.Begin(index, row with { UidNext = uint.MaxValue, Origin = MailboxOrigin.Own }), ct);
            return StoreError.NotFound;
        }
        adopted = keepsUids ? adopted with { ModSeq = adopted.ModSeq + 1 } : row with { Origin = MailboxOrigin.Own };
        UidListAdoption adoption = new(mailbox, adopted, content, sizes, keepsUids);
        StoreError collected = await mailbox.Store.Disk.RunAsync(adoption.Collect, ct);
        if (collected != StoreError.None)
            return collected;
        await mailbox.Index.CommitAsync(adoption.Write, ct);
        mailbox.List.Forget(Owed.All);
        StoreLog.IndexMadeAnew(
            mailbox.Store.Log, mailbox.Folder.Path.ToString(), adoption._messages.Count, adoption.Row.UidValidity.Value, adoption.Row.UidNext, content.Damaged);
        return adoption.Row;
    }

    private StoreError Collect()
    {
        FileError made = _mailbox.Folder.Prepare(mayMake: _mailbox.Location.Name.IsInbox);
        if (made != FileError.None)
            return made == FileError.NotFound ? StoreError.NotFound : _mailbox.Store.Fail("opening the mailbox", _mailbox.Folder.Path, made);
        FileError listed = _mailbox.Folder.List(out Dictionary<byte[], ListedMessage> onDisk);
        if (listed != FileError.None)
            return _mailbox.Store.Fail("making the index anew", _mailbox.Folder.Path, listed);

        List<(ListedUid Listed, ListedMessage File)> known = [];
        foreach (ListedMessage file in onDisk.Values)
        {
            if (_content.TryFind(MaildirFileName.Base(file.Name).ToArray(), out ListedUid message) && (!_keepsUids || message.Uid < Row.UidNext))
                known.Add((message, file));
        }

        known.Sort(static (a, b) => a.Listed.Uid.CompareTo(b.Listed.Uid));
        List<byte[]> missed = [];
        foreach ((ListedUid message, ListedMessage file) in known)
        {
            if (!TryAdd(message, file))
                missed.Add(file.Name);
        }

        // One that is there but cannot be looked at now would get a new UID.
        return missed.Count == 0 || _mailbox.Folder.List(out onDisk) == FileError.None && !missed.Exists(onDisk.ContainsKey)
            ? StoreError.None
            : _mailbox.Store.Fail("making the index anew", _mailbox.Folder.Path, FileError.Failed);
    }

    private bool TryAdd(ListedUid message, ListedMessage file)
    {
        if (!_mailbox.Folder.TryExamine(file, _sizes.Of(file.Name), out FoundMessage found))
            return false;
        Uid uid = new(message.Uid);
        if (!_keepsUids)
        {
            uid = new(Row.UidNext);
            Row = Row with { UidNext = Row.UidNext + 1 };
        }

        IReadOnlyList<string> keywords = _mailbox.Keywords.HasRoomFor(message.Keywords) ? _mailbox.Keywords.Share(message.Keywords) : [];
        _messages.Add((found.ToEntry(uid, new(Row.ModSeq), keywords), message.Details));
        return true;
    }

    private void Write(IndexConnection index)
    {
        MailboxTable.Clear(index, Row.Id);
        MailboxTable.Begin(index, Row);
        MessageTable.Put(index, Row.Id, _messages.Select(static message => message.Entry));
        foreach ((MessageEntry entry, MessageDetails details) in _messages)
            DetailTable.Put(index, Row.Id, entry.Uid.Value, details);

        foreach ((string name, byte[] value) in _content.Properties)
            PropertyTable.Put(index, Row.Id, name, value);
    }
}
