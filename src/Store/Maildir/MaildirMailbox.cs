using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.SideFiles;
using FullStack.Store.Takeover;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

/// <summary>The folder of one mailbox in a Maildir: a file for each message, whose name has the flags.</summary>
internal sealed class MaildirMailbox(StoreContext store, MaildirFolder directories, bool isInbox) : IMailboxFolder
{
    /// <summary>Longest tick of the times of files, with room for a server's clock that is a little off.</summary>
    private static readonly TimeSpan s_coarsestTick = TimeSpan.FromSeconds(3);

    private (FileFacts New, FileFacts Cur) _lastSeen;

    /// <summary>A file could not be looked at that may be a message: the next look has to find it whatever the directory's times say.</summary>
    private bool _isIncomplete;

    private volatile RenamesAtWork? _atWork;

    /// <summary>What letters in file names stand for.</summary>
    public KeywordLetters Letters { get; } = new(store, directories);

    public FilePath Path => directories.Path;

    public MaildirFolder Directories => directories;

    public IReadOnlyList<WatchedDirectory> Watched => [new(directories.New, IsNew: true), new(directories.Cur, IsNew: false)];

    /// <summary>The directories of a mailbox in a store of Maildirs.</summary>
    public static MaildirFolder Of(Mailbox mailbox) => ((MaildirMailbox)mailbox.Folder).Directories;

    /// <summary>What the letters of a mailbox in a store of Maildirs stand for.</summary>
    public static KeywordLetters LettersOf(Mailbox mailbox) => ((MaildirMailbox)mailbox.Folder).Letters;

    public IMailboxFolder At(FilePath path) => new MaildirMailbox(store, new MaildirFolder(path), isInbox);

    public FileError Measure(out QuotaAmount amount) => FolderScan.Measure(store.Files, directories, out amount);

    public FolderStamp Stamp()
    {
        FolderStamp stamp = FolderStamp.Empty;
        foreach (FilePath directory in (ReadOnlySpan<FilePath>)[directories.New, directories.Cur])
        {
            if (store.Files.Stat(directory, out FileFacts facts) == FileError.None)
                stamp = stamp.With(facts);
        }

        return stamp;
    }

    public FolderMark? Mark()
    {
        if (_isIncomplete)
            return default(FolderMark);
        DateTimeOffset now = store.Time.GetUtcNow(); // Before the looks, so that nothing done after them hides in the same tick.
        return new(StampOf(directories.New).LastingAt(now), StampOfCur().LastingAt(now));
    }

    public IReadOnlyList<FolderEvent>? ChangesSince(FolderMark since, MessageList messages)
    {
        Letters.Refresh();
        if (since.Cur == 0 || since.Cur != StampOfCur().Value)
            return null;
        if (since.New != 0 && since.New == StampOf(directories.New).Value)
            return [];
        List<FolderEvent> changes = [.. messages.InNew().Select(static e => new FolderEvent(e.FileName, InNew: true, Appeared: false))];
        FileError listed = store.Files.List(directories.New, name => changes.Add(new(name.ToArray(), InNew: true, Appeared: true)));
        return listed == FileError.None ? changes : null;
    }

    private FolderStamp StampOf(FilePath directory)
        => store.Files.Stat(directory, out FileFacts facts) == FileError.None ? FolderStamp.Empty.With(facts) : FolderStamp.Unknown;

    /// <summary>Of the names in cur/ and of what their letters mean.</summary>
    private FolderStamp StampOfCur()
    {
        FolderStamp stamp = StampOf(directories.Cur);
        return store.Files.Stat(directories.Path.Child(FormerFolder.DovecotKeywords), out FileFacts facts) == FileError.None ? stamp.With(facts) : stamp;
    }

    public FileError Prepare(bool mayMake)
    {
        // Deleted or renamed a moment ago: to make its directories again would make a mailbox that nobody asked for.
        FileError there = mayMake ? FileError.None : store.Files.Stat(directories.Cur, out _);
        return there == FileError.None ? directories.Make(store.Files, marker: !isInbox) : there;
    }

    public void Clean(DateTimeOffset now) => FolderScan.CleanTemporary(store.Files, directories, now);

    public FileError List(out Dictionary<byte[], ListedMessage> found)
    {
        Letters.Refresh();
        _isIncomplete = false;
        return FolderScan.ListAndMend(store.Files, directories, out found);
    }

    /// <summary>
    /// Keywords that have letters lie with the message too. A letter counts that another program set while nobody looked; one
    /// that is missing does not: it may never have been there.
    /// </summary>
    public ListedMessage Recall(ListedMessage listed, string known)
    {
        uint mask = KeywordLetters.MaskOf(listed.Name);
        IReadOnlyList<string> keywords = Letters.Of(mask);
        return keywords.Count == 0 ? listed : listed with { Keywords = [.. known.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. keywords] };
    }

    public bool TryExamine(ListedMessage listed, long wireOctets, out FoundMessage found)
    {
        FileError examined = FolderScan.Examine(store.Files, directories, listed, wireOctets, out found);
        if (examined is not (FileError.None or FileError.NotFound))
            _isIncomplete = true;
        return examined == FileError.None;
    }

    public IReadOnlyList<ListedMessage> Uncounted()
        => store.Files.Stat(directories.Path.Child(FormerFolder.DovecotList), out _) != FileError.None // Has them all.
            && FolderScan.List(store.Files, directories, out Dictionary<byte[], ListedMessage> all) == FileError.None
            ? [.. all.Values.Where(static message => MaildirFileName.Field(message.Name, (byte)'W') < 0)]
            : []; // Opening the mailbox will say why.

    public bool TryCount(ListedMessage message, out long wireOctets)
        => FolderScan.Count(store.Files, directories.Locate(message.Name, message.InNew), out wireOctets) == FileError.None;

    public FolderFindings? Look(Mailbox mailbox, IReadOnlyList<FolderEvent>? events)
    {
        MaildirLook look = new(this, store.Files, mailbox);
        if (events is null)
            (_isIncomplete, _atWork) = (false, null); // It is looked at whole after very many renames: the mailbox has their names by now.
        FileError listed = events is null ? look.AtAll(out FolderFindings findings) : look.AtNames(events, out findings);
        if (listed == FileError.None)
            return findings;

        // A folder that cannot be listed now has not lost its messages.
        StoreLog.FolderUnreadable(store.Log, Path.ToString(), listed.ToString());
        return null;
    }

    public int CompareArrival(byte[] left, byte[] right) => MaildirFileName.CompareArrival(left, right);

    public FileError Open(MessageEntry entry, out IMessageOctets? octets)
    {
        SafeFileHandle? file = null;
        FileFacts facts = default;
        FileError opened = FileError.NotFound;
        if (_atWork?.NameOf(entry.Uid) is { } name)
            opened = store.Files.OpenRead(directories.Cur.Child(name), out file, out facts);
        if (opened == FileError.NotFound)
            opened = new MessageFiles(store.Files, directories).On(entry, (path, _) => store.Files.OpenRead(path, out file, out facts));
        octets = opened == FileError.None ? new FileOctets(store.Files, file!, facts.Octets) : null;
        return opened;
    }

    /// <remarks>Where another program changed a message's flags a moment ago, both changes are kept.</remarks>
    public FileError StoreFlags(Mailbox mailbox, IReadOnlyList<FlagWrite> wanted, ModSeq modSeq, List<EntryChange> changes)
    {
        MessageFiles files = new(store.Files, directories);
        using IDisposable? looking = store.Watcher.LookAway(mailbox, wanted.Count);
        IReadOnlyList<string>[] lists = [.. wanted.Where(static w => !ReferenceEquals(w.Keywords, w.Entry.Keywords)).Select(static w => w.Keywords).Distinct()];
        if (lists.Length > 0)
            Letters.Assign(lists.SelectMany(static keywords => keywords));
        RenamesAtWork? atWork = _atWork = looking is null ? null : new(wanted);
        for (int i = 0; i < wanted.Count; i++)
        {
            (MessageEntry entry, SystemFlags flags, IReadOnlyList<string> keywords) = wanted[i];
            byte[] target = entry.FileName;
            bool inNew = entry.InNew;

            // Letters that mean nothing here are kept; those of keywords that it has no more go.
            uint set = Letters.MaskOf(keywords), clear = Letters.MaskOf(entry.Keywords);
            if (flags != entry.Flags || (!ReferenceEquals(keywords, entry.Keywords) && (set | clear) != 0))
            {
                FileError renamed = files.On(entry, (path, name) =>
                {
                    SystemFlags merged = (MaildirFileName.Flags(name) & ~(entry.Flags & ~flags)) | (flags & ~entry.Flags);
                    FilePath to = directories.Cur.Child(target = MaildirFileName.WithFlags(name, merged, set, clear));
                    return path.Octets.SequenceEqual(to.Octets) ? FileError.None : store.Files.Rename(path, to);
                });
                if (renamed == FileError.NotFound)
                    continue; // Removed by another program: the watch will tell.
                if (renamed != FileError.None)
                    return renamed;
                inNew = false;
                atWork?.Set(i, target);
            }

            SystemFlags present = flags == entry.Flags ? flags : MaildirFileName.Flags(target);
            changes.Add(new(entry, entry.Changed(present, keywords, modSeq, target, inNew)));
        }

        return FileError.None;
    }

    public FileError Remove(Mailbox mailbox, IReadOnlyList<MessageEntry> wanted, List<MessageEntry> removed)
    {
        MessageFiles files = new(store.Files, directories);
        using IDisposable? looking = store.Watcher.LookAway(mailbox, wanted.Count);
        foreach (MessageEntry entry in wanted)
        {
            FileError unlinked = files.On(entry, (path, _) => store.Files.Unlink(path));
            if (unlinked is not (FileError.None or FileError.NotFound))
                return unlinked;
            removed.Add(entry);
        }

        return FileError.None;
    }

    /// <summary>Moves messages from new/ to cur/, as Maildir asks of every reader.</summary>
    /// <remarks>Not synced: a message that a crash puts back into new/ keeps its base name and so its UID.</remarks>
    public List<MessageEntry> Settle(Mailbox mailbox, IReadOnlyList<MessageEntry> inNew)
    {
        List<MessageEntry> settled = new(inNew.Count);
        using IDisposable? looking = store.Watcher.LookAway(mailbox, inNew.Count);
        foreach (MessageEntry entry in inNew)
        {
            byte[] target = MaildirFileName.Letters(entry.FileName).IsEmpty || entry.Keywords.Count > 0
                ? MaildirFileName.WithFlags(entry.FileName, entry.Flags, Letters.MaskOf(entry.Keywords))
                : entry.FileName;
            if (store.Files.Rename(directories.New.Child(entry.FileName), directories.Cur.Child(target)) == FileError.None)
                settled.Add(entry.Renamed(target, inNew: false));
        }

        return settled;
    }

    public void Rest()
    {
    }

    public async Task<FileError> SyncAsync(bool alsoNew)
    {
        FileError synced = await store.Sync.SyncAsync(directories.Cur);
        return synced == FileError.None && alsoNew ? await store.Sync.SyncAsync(directories.New) : synced;
    }

    public bool IsChanged()
    {
        store.Files.Stat(directories.New, out FileFacts inNew);
        store.Files.Stat(directories.Cur, out FileFacts inCur);
        bool changed = _lastSeen != (inNew, inCur);
        _lastSeen = (inNew, inCur);
        return changed || IsFresh(inNew) || IsFresh(inCur);
    }

    /// <summary>A second change in the same tick of the file system's clock leaves no other time, so one look right after the first is not enough.</summary>
    private bool IsFresh(FileFacts directory)
        => (store.Time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(directory.ModifiedSeconds)).Duration() < s_coarsestTick;

    public FormerFolder ReadFormer(FormerFiles files, bool isInbox, uint below) => FormerFolder.Read(files, Path, isInbox, below);

    public UidListFile UidList => new(store.Files, Path, () => directories.Tmp.Child($"uidlist-{store.Names.NextTemporary()}"));

    public string? FindBreach(MessageEntry entry, ListedMessage listed)
    {
        string name = System.Text.Encoding.UTF8.GetString(entry.FileName);
        if (listed.InNew != entry.InNew || !listed.Name.AsSpan().SequenceEqual(entry.FileName))
            return $"the file of UID {entry.Uid} is not named {name}";
        if (entry.Flags != MaildirFileName.Flags(entry.FileName))
            return $"UID {entry.Uid} has flags {entry.Flags} and the name {name}";
        long stored = MaildirFileName.Field(entry.FileName, (byte)'S');
        FileError found = store.Files.Stat(directories.Locate(listed.Name, listed.InNew), out FileFacts facts);
        return found == FileError.None && (stored < 0 || facts.Octets == stored) ? null : $"the file {name} has {facts.Octets} octets";
    }
}
