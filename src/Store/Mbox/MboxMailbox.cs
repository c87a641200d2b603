using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.SideFiles;
using FullStack.Store.Takeover;

namespace FullStack.Store.Mbox;

/// <summary>The folder of one mailbox that is an mbox.</summary>
internal sealed class MboxMailbox(StoreContext store, MboxHome home, MboxFile file, bool isInbox) : IMailboxFolder
{
    private int _looked = -1;
    private FileFacts _lastSeen;

    public FilePath Path => file.Path;

    /// <summary>The file.</summary>
    public MboxFile File => file;

    public IReadOnlyList<WatchedDirectory> Watched => [new(file.Path, IsNew: false, IsFile: true)];

    /// <summary>Where the list of UIDs is: in the directory that is kept beside the mbox.</summary>
    public UidListFile UidList => new(store.Files, file.Side.Directory, () => store.Staging.Child($"uidlist-{store.Names.NextTemporary()}"));

    /// <summary>The folder of a mailbox in a store of mboxes.</summary>
    public static MboxMailbox Of(Mailbox mailbox) => (MboxMailbox)mailbox.Folder;

    /// <summary>Appends messages, all or none: durable on success.</summary>
    /// <param name="drafts">The messages.</param>
    /// <param name="appended">What became of them, in order.</param>
    /// <param name="unlessThere">Nothing is appended where the first of them is there already, which is <see cref="FileError.Exists"/>.</param>
    public FileError Append(IReadOnlyList<MboxDraft> drafts, out IReadOnlyList<MboxAppended> appended, bool unlessThere = false)
    {
        lock (file.Gate)
        {
            if (unlessThere && file.Holds(drafts[0]) is var looked and not FileError.NotFound)
            {
                appended = [];
                return looked == FileError.None ? FileError.Exists : looked;
            }

            FileError error = file.Append(drafts, out appended);
            if (error == FileError.NotFound && isInbox && home.MakeInbox() == FileError.None)
                error = file.Append(drafts, out appended);
            return error;
        }
    }

    /// <summary>The sender that a message's From_ line names; empty where it cannot be read.</summary>
    public string SenderOf(MessageEntry entry)
    {
        lock (file.Gate)
            return file.SenderOf(entry.FileName);
    }

    public IMailboxFolder At(FilePath path)
    {
        string text = path.ToString();
        lock (file.Gate)
        {
            file.Move(path, home.SideOf(text[(text.LastIndexOf('/') + 1)..]));
            file.MakeSide();
        }

        return this;
    }

    public FileError Prepare(bool mayMake)
    {
        lock (file.Gate)
        {
            FileError error = home.Find(file.Path);
            if (error == FileError.NotFound && mayMake)
                error = home.MakeInbox();
            if (error != FileError.None)
                return error;
            error = file.MakeSide();
            if (error == FileError.None)
                error = file.Settle();
            file.Remember();
            return error;
        }
    }

    public void Clean(DateTimeOffset now)
    {
        // Nothing lies about but what Settle sees to.
    }

    public FileError List(out Dictionary<byte[], ListedMessage> found)
    {
        found = new(BaseNameComparer.Instance);
        lock (file.Gate)
        {
            FileError error = file.Refresh(all: false);
            foreach (MboxSpan span in error == FileError.None ? file.Map!.Mail : [])
                found[span.Name] = span.Listed;
            return error;
        }
    }

    public FileError Measure(out QuotaAmount amount)
    {
        amount = default;
        lock (file.Gate)
        {
            file.Remember();
            FileError error = file.Refresh(all: false);
            foreach (MboxSpan span in error == FileError.None ? file.Map!.Mail : [])
                amount += new QuotaAmount(MaildirFileName.StoredOctets(span.Name, 0), 1);
            return error;
        }
    }

    /// <summary>The map is kept beside the file already.</summary>
    public FolderMark? Mark() => null;

    public IReadOnlyList<FolderEvent>? ChangesSince(FolderMark since, MessageList messages) => null;

    public FolderStamp Stamp()
        => store.Files.Stat(file.Path, out FileFacts facts) == FileError.None ? FolderStamp.Empty.With(facts) : FolderStamp.Empty;

    public ulong ArrivalOf(byte[] name)
    {
        lock (file.Gate)
            return (ulong)(file.Map?.Find(name)?.Offset ?? 0);
    }

    public ListedMessage Recall(ListedMessage listed, string known) => listed;

    public bool TryExamine(ListedMessage listed, WireLength known, out FoundMessage found)
    {
        lock (file.Gate)
        {
            MboxSpan? span = file.Map?.Find(listed.Name);
            found = span is null ? default : new(listed, span.WireOctets, MaildirFileName.StoredOctets(listed.Name, 0), span.Date);
            return span is not null;
        }
    }

    public IReadOnlyList<ListedMessage> Uncounted() => [];

    public bool TryCount(ListedMessage message, out WireLength length)
    {
        lock (file.Gate)
        {
            length = file.Map?.Find(message.Name) is { } span ? new(span.WireOctets, IsSentAsIs: false) : WireLength.Unknown;
            return length.Octets > 0;
        }
    }

    public FolderFindings? Look(Mailbox mailbox, IReadOnlyList<FolderEvent>? events)
    {
        lock (file.Gate)
        {
            FileError error = file.Refresh(all: events is null);
            if (error == FileError.NotFound && isInbox)
                error = home.MakeInbox() is var made and not FileError.None ? made : file.Refresh(all: true); // Some mail programs remove a mailbox that they have emptied.
            if (error != FileError.None)
            {
                // A file that cannot be read now has not lost its messages.
                StoreLog.FolderUnreadable(store.Log, Path.ToString(), error.ToString());
                return null;
            }

            if (events is not null && _looked == file.Findings)
                return new();
            _looked = file.Findings;
            return Compare(mailbox, file.Map!);
        }
    }

    public FileError Open(MessageEntry entry, out IMessageOctets? octets)
    {
        lock (file.Gate)
        {
            FileError error = file.Open(entry.FileName, out MboxOctets? opened);
            octets = opened;
            return error;
        }
    }

    public FileError StoreFlags(Mailbox mailbox, IReadOnlyList<FlagWrite> wanted, ModSeq modSeq, List<EntryChange> changes, bool undoes = false)
    {
        lock (file.Gate)
            return file.Change((locked, map) => new MboxFlagWriter(store.Files, file, locked, map) { Mailbox = mailbox }.Run(wanted, modSeq, changes), evenIfFull: undoes);
    }

    public FileError Remove(Mailbox mailbox, IReadOnlyList<MessageEntry> wanted, List<MessageEntry> removed)
    {
        HashSet<byte[]> names = new(wanted.Select(static e => e.FileName), BaseNameComparer.Instance);
        lock (file.Gate)
        {
            return file.Change((locked, map) =>
            {
                bool isGone = true;
                FileError error = map.Mail.Any(span => names.Contains(span.Name))
                    ? file.Rewrite(MboxRewriter.Of(file.Path, store.Files, locked, map, mailbox, goes: span => names.Contains(span.Name)), out isGone)
                    : FileError.None;
                if (isGone)
                    removed.AddRange(wanted);
                return error;
            });
        }
    }

    public FileError TakeBack(IReadOnlyList<byte[]> names)
    {
        HashSet<byte[]> gone = new(names, BaseNameComparer.Instance);
        lock (file.Gate)
            return file.TakeBack(span => gone.Contains(span.Name));
    }

    /// <summary>Writes the O of Status and the UID where there is room for them; for their sake nothing is moved.</summary>
    public List<MessageEntry> Settle(Mailbox mailbox, IReadOnlyList<MessageEntry> inNew)
    {
        lock (file.Gate)
        {
            FileError error = file.Change((locked, map) => new MboxFlagWriter(store.Files, file, locked, map) { Mailbox = mailbox }.Settle(inNew));
            return error == FileError.None ? [.. inNew.Select(static e => e.Renamed(e.FileName, inNew: false))] : [];
        }
    }

    public void Rest()
    {
        lock (file.Gate)
            file.WriteDown();
    }

    /// <summary>What is changed is on the disk before the file's lock is let go.</summary>
    public Task<FileError> SyncAsync(bool alsoNew) => Task.FromResult(FileError.None);

    public bool IsChanged()
    {
        _ = store.Files.Stat(file.Path, out FileFacts now);
        bool changed = now != _lastSeen;
        _lastSeen = now;
        return changed;
    }

    public FormerFolder ReadFormer(FormerFiles files, bool isInbox, uint below)
    {
        lock (file.Gate)
        {
            files.Note(file.Refresh(all: false), file.Path);
            if (file.Map is not { Numbers: { } numbers } map || numbers.LastUid >= uint.MaxValue)
                return FormerFolder.Of(FormerServer.Unknown, null, null);
            FormerUidList? uids = numbers.UidValidity >= below ? null : FormerUidList.Of(
                numbers.UidValidity, numbers.LastUid + 1,
                map.Mail.Where(static span => span.Uid != 0).Select(static span => (span.Uid, System.Text.Encoding.Latin1.GetString(span.Name))));
            return FormerFolder.Of(FormerServer.Dovecot, uids, uids is null ? "X-IMAPbase" : null);
        }
    }

    public string? FindBreach(MessageEntry entry, ListedMessage listed)
    {
        bool isSame = entry.Flags == listed.Flags && entry.Keywords.Order(StringComparer.OrdinalIgnoreCase)
            .SequenceEqual((listed.Keywords ?? []).Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        return isSame ? null : $"UID {entry.Uid} has {entry.Flags} {string.Join(' ', entry.Keywords)} and in the file {listed.Flags} {string.Join(' ', listed.Keywords ?? [])}";
    }

    private static FolderFindings Compare(Mailbox mailbox, MboxMap map)
    {
        FolderFindings findings = new();
        MessageList messages = mailbox.Snapshot.Messages;
        for (int i = 0; i < messages.Count; i++)
        {
            MessageEntry entry = messages[i];
            if (map.Find(entry.FileName) is not { } span)
            {
                findings.Gone.Add(entry);
                continue;
            }

            ListedMessage listed = new(span.Name, entry.InNew && !span.IsOld, span.Flags, mailbox.Keywords.Of(span.Listed));
            if (listed.InNew != entry.InNew || FolderFindings.DiffersForClient(entry, listed))
                findings.Changed.Add((entry, listed));
        }

        foreach (MboxSpan span in map.Mail)
        {
            if (mailbox.Find(span.Name) is null && !mailbox.InFlight.ContainsKey(span.Name))
                findings.Added.Add(new(span.Listed, span.WireOctets, MaildirFileName.StoredOctets(span.Name, 0), span.Date));
        }

        return findings;
    }
}
