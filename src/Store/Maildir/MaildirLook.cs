using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Maildir;

/// <summary>Compares the files of a folder with what its mailbox knows. Under the mailbox lock; blocks.</summary>
internal sealed class MaildirLook(MaildirMailbox own, IMaildirFiles files, Mailbox mailbox)
{
    private readonly MaildirFolder _folder = own.Directories;
    private readonly FolderFindings _findings = new();

    /// <summary>Looks at the whole folder.</summary>
    public FileError AtAll(out FolderFindings findings)
    {
        findings = _findings;
        FileError listed = Check(out bool isAsKnown);
        if (listed != FileError.None || isAsKnown)
            return listed;
        listed = FolderScan.ListAndMend(files, _folder, out Dictionary<byte[], ListedMessage> onDisk);
        if (listed != FileError.None)
            return listed;

        MessageList messages = mailbox.Snapshot.Messages;
        List<MessageEntry> missing = [];
        for (int i = 0; i < messages.Count; i++)
        {
            MessageEntry entry = messages[i];
            if (!onDisk.Remove(entry.FileName, out ListedMessage file))
                missing.Add(entry);
            else
                Compare(entry, file);
        }

        listed = Seek(missing);
        foreach (ListedMessage file in onDisk.Values)
            Examine(file);
        _findings.Changed.Sort(static (a, b) => a.Entry.Uid.CompareTo(b.Entry.Uid));
        return listed;
    }

    /// <summary>Whether the folder has exactly the files that the mailbox knows: found out without making anything of any of them.</summary>
    private FileError Check(out bool isAsKnown)
    {
        MessageList messages = mailbox.Snapshot.Messages;
        NameIndex names = mailbox.Names;
        bool[] seen = new bool[messages.Count];
        int count = 0;
        bool differs = false;
        FileError listed = files.List(_folder.New, name => See(name, inNew: true));
        if (listed == FileError.None)
            listed = files.List(_folder.Cur, name => See(name, inNew: false));
        isAsKnown = !differs && count == messages.Count;
        return listed;

        void See(ReadOnlySpan<byte> name, bool inNew)
        {
            if (differs || name[0] == '.')
                return;
            int index = names.IndexOf(MaildirFileName.Base(name), messages);
            differs = index < 0 || seen[index] || !messages.IsNamed(index, name, inNew);
            if (differs)
                return;
            seen[index] = true;
            count++;
        }
    }

    /// <summary>Looks at the names that events told of.</summary>
    public FileError AtNames(IReadOnlyList<FolderEvent> events, out FolderFindings findings)
    {
        findings = _findings;
        Dictionary<byte[], ListedMessage?> latest = new(BaseNameComparer.Instance);
        foreach (FolderEvent change in events)
        {
            if (change.Appeared)
                latest[change.Name] = FolderScan.Listed(change.Name, change.InNew);
            else
                latest.TryAdd(change.Name, null);
        }

        List<MessageEntry> missing = [];
        foreach ((byte[] name, ListedMessage? appeared) in latest)
        {
            if (name[0] == '.')
                continue;
            MessageEntry? known = mailbox.Find(name);
            if (known is null)
            {
                if (appeared is { } file)
                    Examine(file);
            }
            else if (!Exists(known.FileName, known.InNew)) // Mostly our own doing: then it is where we know it to be.
            {
                if (appeared is { } file && Exists(file.Name, file.InNew))
                    AddChanged(known, file);
                else
                    missing.Add(known);
            }
        }

        FileError listed = missing.Count == 0 ? FileError.None : LookFor(missing);
        _findings.Changed.Sort(static (a, b) => a.Entry.Uid.CompareTo(b.Entry.Uid));
        return listed;
    }

    private FileError LookFor(List<MessageEntry> missing)
    {
        FileError listed = FolderScan.Seek(files, _folder, missing.Select(static entry => entry.FileName), out Dictionary<byte[], ListedMessage> onDisk);
        return listed == FileError.None ? Seek(missing.FindAll(entry => !IsIn(onDisk, entry))) : listed;
    }

    /// <summary>Messages that a listing lacks are gone where the next one lacks them too.</summary>
    private FileError Seek(List<MessageEntry> missing)
    {
        if (missing.Count == 0)
            return FileError.None;
        FileError listed = FolderScan.Seek(files, _folder, missing.Select(static entry => entry.FileName), out Dictionary<byte[], ListedMessage> onDisk);
        foreach (MessageEntry entry in listed == FileError.None ? missing : [])
        {
            if (!IsIn(onDisk, entry))
                _findings.Gone.Add(entry);
        }

        return listed;
    }

    private bool IsIn(Dictionary<byte[], ListedMessage> onDisk, MessageEntry entry)
    {
        bool isThere = onDisk.TryGetValue(entry.FileName, out ListedMessage file);
        if (isThere)
            Compare(entry, file);
        return isThere;
    }

    private void Compare(MessageEntry entry, ListedMessage file)
    {
        if (file.InNew != entry.InNew || !file.Name.AsSpan().SequenceEqual(entry.FileName))
            AddChanged(entry, file);
    }

    /// <summary>
    /// A letter that came or went is a keyword that another program set or took away, unless all went while a flag changed:
    /// Courier and many a script write only the letters that they know.
    /// </summary>
    private void AddChanged(MessageEntry entry, ListedMessage file)
    {
        uint before = KeywordLetters.MaskOf(entry.FileName), after = KeywordLetters.MaskOf(file.Name);
        if (before != after && (after != 0 || file.Flags == entry.Flags))
        {
            own.Letters.Refresh();
            IReadOnlyList<string> gone = own.Letters.Of(before & ~after), come = own.Letters.Of(after & ~before);
            file = file with { Keywords = mailbox.Keywords.Share(entry.Keywords.Except(gone, StringComparer.OrdinalIgnoreCase).Concat(come)) };
        }

        _findings.Changed.Add((entry, file));
    }

    private bool Exists(byte[] name, bool inNew) => files.Stat(_folder.Locate(name, inNew), out _) != FileError.NotFound;

    private void Examine(ListedMessage file)
    {
        if (!mailbox.InFlight.ContainsKey(file.Name) && own.TryExamine(file, WireLength.Unknown, out FoundMessage found))
            _findings.Added.Add(found);
    }
}
