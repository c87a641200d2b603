using System.Text;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Takeover;

/// <summary>
/// Takes a mailbox over from the server that had its folder before, so that no client downloads again: UIDVALIDITY, UIDs,
/// UIDNEXT, keywords and UIDLs, all in one transaction before anybody sees the mailbox.
/// </summary>
internal sealed class MailboxTakeover
{
    /// <summary>
    /// Where mod-sequences begin in a mailbox with a former UIDVALIDITY. A client may remember one of Dovecot's, which lie in
    /// files that are not read; ours must be above it, or the client would wait in vain for changes (RFC 7162 §3.1.2.1).
    /// </summary>
    private const ulong FirstModSeq = 1UL << 40;

    /// <summary>Longest UIDL taken over. RFC 1939 §7 allows 70, but the oldest Courier gave out file names, and clients have them.</summary>
    private const int MaxUidlOctets = 255;

    private readonly Mailbox _mailbox;
    private readonly FormerFolder _former;
    private readonly HashSet<string> _usedUidls = new(StringComparer.Ordinal);
    private readonly List<MessageEntry> _messages = [];
    private readonly List<(uint Uid, string Uidl)> _uidls = [];
    private int _unlisted;

    private MailboxTakeover(Mailbox mailbox, MailboxRow row, FormerFolder former)
    {
        (_mailbox, _former) = (mailbox, former);
        Row = former.Uids is { } uids
            ? row with { UidValidity = new(uids.UidValidity), UidNext = uids.UidNext, ModSeq = FirstModSeq, Origin = MailboxOrigin.Former }
            : row with { Origin = MailboxOrigin.Own };
    }

    /// <summary>Lengths of files that neither the name nor the former server tells.</summary>
    private WireSizes Sizes { get; init; } = new();

    /// <summary>The mailbox's row with the numbers it begins with.</summary>
    private MailboxRow Row { get; set; }

    /// <summary>Takes the mailbox over. Under the mailbox lock, before it is loaded.</summary>
    /// <returns>The row as it is then.</returns>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<Result<MailboxRow>> RunAsync(Mailbox mailbox, MailboxRow row, WireSizes sizes, CancellationToken ct)
    {
        Result<MailboxTakeover> collected = await mailbox.Store.Disk.RunAsync(() => Collect(mailbox, row, sizes), ct);
        if (!collected.Ok)
            return collected.Error;
        MailboxTakeover takeover = collected.Value;
        await mailbox.Index.CommitAsync(takeover.Write, ct);
        takeover.Tell();

        // From the first UID of ours on, the former server's list is out of date: ours takes its place before anybody sees the mailbox.
        mailbox.List.Forget(Owed.All);
        return takeover.Row;
    }

    private static Result<MailboxTakeover> Collect(Mailbox mailbox, MailboxRow row, WireSizes sizes)
    {
        IMailboxFolder folder = mailbox.Folder;
        FileError made = folder.Prepare(mayMake: mailbox.Location.Name.IsInbox);
        if (made != FileError.None)
            return made == FileError.NotFound ? StoreError.NotFound : mailbox.Store.Fail("opening the mailbox", mailbox.Folder.Path, made);
        FormerFiles reader = new(mailbox.Store.Files);
        FormerFolder former = folder.ReadFormer(reader, row.Name.IsInbox, below: row.UidValidity.Value);
        if (reader.Error != FileError.None)
            return mailbox.Store.Fail("taking a mailbox over", reader.FailedPath, reader.Error);
        FileError listed = folder.List(out Dictionary<byte[], ListedMessage> onDisk);
        if (listed != FileError.None)
            return mailbox.Store.Fail("taking a mailbox over", mailbox.Folder.Path, listed);

        MailboxTakeover takeover = new(mailbox, row, former) { Sizes = sizes };
        takeover.AddAll(onDisk.Values);
        return takeover;
    }

    /// <summary>Listed messages keep their UIDs; the others get the next ones in the order in which Courier and Dovecot would have given them.</summary>
    private void AddAll(IEnumerable<ListedMessage> files)
    {
        List<ListedMessage> unlisted = [];
        List<(FormerMessage Message, ListedMessage File)> listed = [];
        foreach (ListedMessage file in files)
        {
            if (_former.Uids is { } uids && uids.TryFind(Encoding.Latin1.GetString(MaildirFileName.Base(file.Name)), out FormerMessage message))
                listed.Add((message, file));
            else if (!_mailbox.InFlight.ContainsKey(file.Name))
                unlisted.Add(file);
        }

        listed.Sort(static (a, b) => a.Message.Uid.CompareTo(b.Message.Uid));
        foreach ((FormerMessage message, ListedMessage file) in listed)
            Add(file, message, listed: true);
        ArrivalOrder.Sort(_mailbox.Folder, unlisted, static file => file.Name);
        foreach (ListedMessage file in unlisted)
        {
            if (Add(file, new(Row.UidNext), listed: false))
                Row = Row with { UidNext = Row.UidNext + 1 };
        }

        _unlisted = unlisted.Count;
    }

    private bool Add(ListedMessage file, FormerMessage message, bool listed)
    {
        string baseName = Encoding.Latin1.GetString(MaildirFileName.Base(file.Name));
        if (!_mailbox.Folder.TryExamine(file, message.WireOctets >= 0 ? new(message.WireOctets, IsSentAsIs: false) : Sizes.Of(file.Name), out FoundMessage found))
            return false;
        List<string> keywords = [.. file.Keywords ?? _former.Keywords.Of(baseName, MaildirFileName.Letters(file.Name))];
        _messages.Add(new()
        {
            Uid = new(message.Uid),
            ModSeq = new(Row.ModSeq),
            Flags = found.Listed.Flags,
            Keywords = _mailbox.Keywords.HasRoomFor(keywords) ? _mailbox.Keywords.Share(keywords) : [],
            WireOctets = found.WireOctets,
            StoredOctets = found.StoredOctets,
            InternalDate = found.InternalDate,
            IsSentAsIs = found.IsSentAsIs,
            FileName = found.Name,
            InNew = found.Listed.InNew,
        });
        if (_mailbox.Location.Name.IsInbox && FormerUidl(file, baseName, message, listed) is { Length: > 0 and <= MaxUidlOctets } uidl
            && !uidl.AsSpan().ContainsAnyExceptInRange('!', '~') && _usedUidls.Add(uidl))
            _uidls.Add((message.Uid, uidl));
        return true;
    }

    /// <summary>The UIDL that clients know a message by; null where none does.</summary>
    private string? FormerUidl(ListedMessage file, string baseName, FormerMessage message, bool listed)
    {
        if (_former.Server != FormerServer.Dovecot)
            return _former.Pop3?.Find(Encoding.Latin1.GetString(file.Name));
        return listed ? message.Uidl ?? _mailbox.Store.DovecotUidls.Spell(message, Row.UidValidity.Value, baseName) : null;
    }

    private void Write(IndexConnection index)
    {
        MailboxTable.Begin(index, Row);
        MessageTable.Put(index, Row.Id, _messages);
        foreach ((uint uid, string uidl) in _uidls)
            MessageTable.PutUidl(index, Row.Id, uid, uidl);
    }

    private void Tell()
    {
        StoreContext store = _mailbox.Store;
        string path = _mailbox.Folder.Path.ToString();
        foreach (string file in _former.Damaged)
            StoreLog.TakeoverDamaged(store.Log, path, file);
        StoreLog.TookOver(
            store.Log, path, _former.Server.ToString(), _messages.Count, Row.UidValidity.Value, _former.Uids is null ? 0 : _messages.Count - _unlisted,
            _uidls.Count);
    }
}
