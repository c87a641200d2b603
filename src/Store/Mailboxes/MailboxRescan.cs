using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>A name that came or went in a watched directory.</summary>
internal readonly record struct FolderEvent(byte[] Name, bool InNew, bool Appeared);

/// <summary>Takes over what other programs did to a mailbox's folder.</summary>
internal static class MailboxRescan
{
    /// <summary>Looks at the whole folder.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task RescanAsync(Mailbox mailbox, CancellationToken ct)
        => await RunAsync(mailbox, LookAtAll, ct);

    /// <summary>Looks at the names that events told of.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task RescanAsync(Mailbox mailbox, IReadOnlyList<FolderEvent> events, CancellationToken ct)
        => await RunAsync(mailbox, m => LookAt(m, events), ct);

    private static async Task RunAsync(Mailbox mailbox, Func<Mailbox, Findings?> look, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return;
            Findings? findings = await mailbox.Store.Disk.RunAsync(() => look(mailbox), ct);
            if (findings is null || findings.IsEmpty)
                return;
            await ApplyAsync(mailbox, findings, ct);
        }

        mailbox.Announce();
    }

    private static Findings? LookAtAll(Mailbox mailbox)
    {
        IMaildirFiles files = mailbox.Store.Files;
        FileError listed = FolderScan.ListAndMend(files, mailbox.Folder, out Dictionary<byte[], ListedFile> onDisk);
        if (listed != FileError.None)
        {
            // A folder that cannot be listed now has not lost its messages.
            StoreLog.FolderUnreadable(mailbox.Store.Log, mailbox.Folder.Path.ToString(), listed.ToString());
            return null;
        }

        Findings findings = new();
        MessageList messages = mailbox.Snapshot.Messages;
        for (int i = 0; i < messages.Count; i++)
        {
            MessageEntry entry = messages[i];
            if (!onDisk.Remove(entry.FileName, out ListedFile file))
                findings.Gone.Add(entry);
            else if (file.InNew != entry.InNew || !file.Name.AsSpan().SequenceEqual(entry.FileName))
                findings.Renamed.Add((entry, file));
        }

        foreach (ListedFile file in onDisk.Values)
            Examine(mailbox, file, findings);
        return findings;
    }

    private static Findings LookAt(Mailbox mailbox, IReadOnlyList<FolderEvent> events)
    {
        Findings findings = new();
        Dictionary<byte[], ListedFile?> latest = new(BaseNameComparer.Instance);
        foreach (FolderEvent change in events)
        {
            if (change.Appeared)
                latest[change.Name] = new(change.Name, change.InNew);
            else
                latest.TryAdd(change.Name, null);
        }

        List<MessageEntry> missing = [];
        foreach ((byte[] name, ListedFile? appeared) in latest)
        {
            if (name[0] == '.')
                continue;
            MessageEntry? known = mailbox.ByBaseName.TryGetValue(name, out uint uid) ? mailbox.Snapshot.Messages.Find(new(uid)) : null;
            if (known is null)
            {
                if (appeared is { } file)
                    Examine(mailbox, file, findings);
            }
            else if (!Exists(mailbox, new(known.FileName, known.InNew))) // Mostly our own doing: then it is where we know it to be.
            {
                if (appeared is { } file && Exists(mailbox, file))
                    findings.Renamed.Add((known, file));
                else
                    missing.Add(known);
            }
        }

        if (missing.Count > 0 && FolderScan.List(mailbox.Store.Files, mailbox.Folder, out Dictionary<byte[], ListedFile> onDisk) == FileError.None)
        {
            foreach (MessageEntry entry in missing)
            {
                if (onDisk.TryGetValue(entry.FileName, out ListedFile file))
                    findings.Renamed.Add((entry, file));
                else
                    findings.Gone.Add(entry);
            }
        }

        findings.Renamed.Sort(static (a, b) => a.Entry.Uid.CompareTo(b.Entry.Uid));
        return findings;
    }

    private static bool Exists(Mailbox mailbox, ListedFile file)
        => mailbox.Store.Files.Stat(mailbox.Folder.Locate(file.Name, file.InNew), out _) != FileError.NotFound;

    private static void Examine(Mailbox mailbox, ListedFile file, Findings findings)
    {
        if (!mailbox.InFlight.ContainsKey(file.Name) && FolderScan.TryExamine(mailbox.Store.Files, mailbox.Folder, file, out FoundFile found))
            findings.Added.Add(found);
    }

    private static async Task ApplyAsync(Mailbox mailbox, Findings findings, CancellationToken ct)
    {
        findings.Added.Sort(static (a, b) => MaildirFileName.CompareArrival(a.Name, b.Name));
        await mailbox.Counters.ReserveAsync(mailbox.Index, findings.Added.Count, ct);
        List<MessageRow> underWay = mailbox.Index.HasMessagesUnderWay && findings.Added.Count > 0
            ? await mailbox.Index.ReadAsync(static index => MessageTable.Load(index, MessageTable.UnderWay), ct)
            : [];
        ModSeq modSeq = findings.ClientSees ? mailbox.Counters.TakeModSeq() : mailbox.Counters.Highest;
        mailbox.Remove(findings.Gone, modSeq);
        List<MessageEntry> changed = new(findings.Renamed.Count);
        foreach ((MessageEntry entry, ListedFile file) in findings.Renamed)
        {
            SystemFlags flags = MaildirFileName.Flags(file.Name);
            changed.Add(flags == entry.Flags
                ? entry.Renamed(file.Name, file.InNew)
                : entry.Changed(flags, entry.Keywords, modSeq, file.Name, file.InNew));
        }

        mailbox.Replace(changed);
        List<MessageEntry> added = new(findings.Added.Count);
        foreach (FoundFile found in findings.Added)
            added.Add(MailboxLoader.FromFile(mailbox.Counters.TakeUid(), modSeq, found, MailboxLoader.KeywordsOf(mailbox, found, underWay)));
        mailbox.Add(added, recent: true);
    }

    private sealed class Findings
    {
        public List<MessageEntry> Gone { get; } = [];
        public List<(MessageEntry Entry, ListedFile File)> Renamed { get; } = [];
        public List<FoundFile> Added { get; } = [];

        public bool IsEmpty => Gone.Count + Renamed.Count + Added.Count == 0;

        public bool ClientSees => Gone.Count + Added.Count > 0
            || Renamed.Exists(static r => MaildirFileName.Flags(r.File.Name) != r.Entry.Flags);
    }
}
