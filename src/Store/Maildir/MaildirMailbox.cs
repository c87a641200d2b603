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

    private readonly MaildirSizes _sizes = new(store.Files);
    private (FileFacts New, FileFacts Cur) _lastSeen;

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

    public long StoredOctets(MessageEntry entry) => _sizes.Of(directories, entry);

    public FileError Measure(out QuotaAmount amount) => MaildirSizes.Measure(store.Files, directories, out amount);

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
        FileError listed = FolderScan.ListAndMend(store.Files, directories, out found);
        _sizes.Clear();
        _sizes.Remember(directories, found.Values);
        return listed;
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
        => FolderScan.TryExamine(store.Files, directories, listed, wireOctets, out found);

    public IReadOnlyList<ListedMessage> Uncounted()
        => store.Files.Stat(directories.Path.Child(FormerFolder.DovecotList), out _) != FileError.None // Has them all.
            && FolderScan.List(store.Files, directories, out Dictionary<byte[], ListedMessage> all) == FileError.None
            ? [.. all.Values.Where(static message => MaildirFileName.Field(message.Name, (byte)'W') < 0)]
            : []; // Opening the mailbox will say why.

    public bool TryCount(ListedMessage message, out long wireOctets)
        => FolderScan.TryCount(store.Files, directories.Locate(message.Name, message.InNew), out wireOctets);

    public FolderFindings? Look(Mailbox mailbox, IReadOnlyList<FolderEvent>? events)
    {
        MaildirLook look = new(store.Files, directories, Letters, mailbox);
        FolderFindings findings = new();
        FileError listed = FileError.None;
        if (events is not null)
            findings = look.AtNames(events);
        else
            listed = look.AtAll(out findings);
        _sizes.Remember(directories, findings.Added.Select(static a => a.Listed));
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
        FileError opened = new MessageFiles(store.Files, directories).On(entry, (path, _) => store.Files.OpenRead(path, out file, out facts));
        octets = opened == FileError.None ? new FileOctets(store.Files, file!, facts.Octets) : null;
        return opened;
    }

    /// <remarks>Where another program changed a message's flags a moment ago, both changes are kept.</remarks>
    public FileError StoreFlags(Mailbox mailbox, IReadOnlyList<FlagWrite> wanted, ModSeq modSeq, List<EntryChange> changes)
    {
        MessageFiles files = new(store.Files, directories);
        IReadOnlyList<string>[] lists = [.. wanted.Where(static w => !ReferenceEquals(w.Keywords, w.Entry.Keywords)).Select(static w => w.Keywords).Distinct()];
        if (lists.Length > 0)
            Letters.Assign(lists.SelectMany(static keywords => keywords));
        foreach ((MessageEntry entry, SystemFlags flags, IReadOnlyList<string> keywords) in wanted)
        {
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
            }

            SystemFlags present = flags == entry.Flags ? flags : MaildirFileName.Flags(target);
            changes.Add(new(entry, entry.Changed(present, keywords, modSeq, target, inNew)));
        }

        return FileError.None;
    }

    public FileError Remove(Mailbox mailbox, IReadOnlyList<MessageEntry> wanted, List<MessageEntry> removed)
    {
        MessageFiles files = new(store.Files, directories);
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
