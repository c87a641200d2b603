using System.Buffers;
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

    /// <summary>So many names tell whether those of a folder have lengths: all or none of a program's do, and they come in no order.</summary>
    private const int Sample = 500;

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

    public FileError Seek(IReadOnlyCollection<byte[]> missing, out Dictionary<byte[], ListedMessage> found) => FolderScan.Seek(store.Files, directories, missing, out found);

    public FileError ListArrivals(out IArrivals? arrivals)
    {
        _isIncomplete = false;
        FileError listed = MaildirArrivals.List(this, store.Files, out MaildirArrivals? found);
        arrivals = found;
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

    public bool TryExamine(ListedMessage listed, WireLength known, out FoundMessage found)
    {
        FileError examined = FolderScan.Examine(store.Files, directories, listed, known, out found);
        if (examined is not (FileError.None or FileError.NotFound))
            _isIncomplete = true;
        return examined == FileError.None;
    }

    public IReadOnlyList<ListedMessage> Uncounted()
    {
        if (store.Files.Stat(directories.Path.Child(FormerFolder.DovecotList), out _) == FileError.None)
            return []; // Has them all.
        List<ListedMessage> uncounted = Uncounted(Sample);
        return uncounted.Count == 0 ? uncounted : Uncounted(int.MaxValue);
    }

    /// <summary>Where the folder cannot be listed, opening the mailbox will say why.</summary>
    private List<ListedMessage> Uncounted(int among)
    {
        List<ListedMessage> uncounted = [];
        foreach (bool inNew in (ReadOnlySpan<bool>)[true, false])
        {
            store.Files.List(
                inNew ? directories.New : directories.Cur,
                name =>
                {
                    if (name[0] != '.' && MaildirFileName.Field(name, (byte)'W') < 0)
                        uncounted.Add(FolderScan.Listed(name.ToArray(), inNew));
                },
                among);
        }

        return uncounted;
    }

    public bool TryCount(ListedMessage message, out WireLength length)
        => FolderScan.Count(store.Files, directories.Locate(message.Name, message.InNew), out length) == FileError.None;

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

    public ulong ArrivalOf(byte[] name) => MaildirFileName.LeadingTime(name);

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

    /// <remarks>By the directory, not by each file's path, and without asking what it is: its length is known, and what has another one is left to <see cref="Open"/>.</remarks>
    public void VisitSmall(IReadOnlyList<MessageEntry> entries, OctetsVisitor visit)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(MessageContent.StartOctets);
        SafeFileHandle? ofNew = null, ofCur = null;
        try
        {
            for (int i = 0; i < entries.Count; i++)
            {
                MessageEntry entry = entries[i];
                if (entry.StoredOctets >= room.Length)
                    continue;
                ref SafeFileHandle? directory = ref entry.InNew ? ref ofNew : ref ofCur;
                if (directory is null && store.Files.OpenDirectory(entry.InNew ? directories.New : directories.Cur, out directory) != FileError.None)
                    return;
                if (store.Files.ReadIn(directory!, entry.FileName, room, out int count) == FileError.None && count == entry.StoredOctets)
                    visit(i, room.AsSpan(0, count));
            }
        }
        finally
        {
            ofNew?.Dispose();
            ofCur?.Dispose();
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    public FileError StoreFlags(Mailbox mailbox, IReadOnlyList<FlagWrite> wanted, ModSeq modSeq, List<EntryChange> changes, bool undoes = false)
    {
        using IDisposable? looking = store.Watcher.LookAway(mailbox, wanted.Count);
        _atWork = looking is null ? null : new(wanted);
        return new MaildirFlags(this, store.Files).Store(wanted, modSeq, changes, _atWork);
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

    public FileError TakeBack(IReadOnlyList<byte[]> names)
    {
        foreach (byte[] name in names)
        {
            FileError unlinked = store.Files.Unlink(directories.Locate(name, inNew: false));
            if (unlinked == FileError.NotFound)
                unlinked = store.Files.Unlink(directories.Locate(name, inNew: true));
            if (unlinked == FileError.NotFound && FolderScan.Find(store.Files, directories, name) is { } other)
                unlinked = store.Files.Unlink(directories.Locate(other.Name, other.InNew)); // Another program gave it other flags.
            if (unlinked is not (FileError.None or FileError.NotFound))
                return unlinked;
        }

        FileError synced = store.Files.SyncDirectory(directories.Cur);
        return synced == FileError.None ? store.Files.SyncDirectory(directories.New) : synced;
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
