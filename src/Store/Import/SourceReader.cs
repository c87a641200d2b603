using System.Text;
using FullStack.Store.Accounts;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Takeover;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Store.Import;

/// <summary>Looks through a former account's Maildir and counts what can be taken. All of it blocks; nothing is changed.</summary>
internal sealed class SourceReader(IMaildirFiles files, ImportFormat format)
{
    private readonly SourceFiles _names = new(format);
    private readonly List<string> _left = [];

    /// <summary>Reads everything but the messages themselves.</summary>
    /// <param name="account">Who gets it.</param>
    /// <param name="source">The Maildir.</param>
    /// <param name="staged">Where an interrupted import may have put a part of it.</param>
    /// <param name="state">What is at the account's place.</param>
    public ImportPlan Read(AccountName account, string source, string staged, ImportState state)
    {
        FilePath maildir = FilePath.Of(source);
        List<ImportFolder> folders = [];
        Dictionary<MailboxName, byte[]> taken = [];
        try
        {
            if (!OwnedFiles.IsDirectory(maildir))
                throw new IOException($"{source} is no directory; where it is a symbolic link, name what it leads to");
            foreach (byte[] entry in EntriesOf(maildir))
                AddFolder(maildir, FilePath.Of(staged), entry, taken, folders);
            FormerAccount former = FormerAccount.Read(new FormerFiles(files, _names.IsLeftOut), maildir, NullLogger.Instance);
            ReportHome(source);
            ImportReport report = new(account, source, state == ImportState.Occupied ? ImportOutcome.Refused : ImportOutcome.Planned)
            {
                Server = folders.Select(static f => f.Server).FirstOrDefault(static s => s != FormerServer.Unknown).ToString(),
                Mailboxes = folders.Count,
                Messages = folders.Sum(static f => f.Messages),
                Octets = folders.Sum(static f => f.Octets),
                Uids = folders.Sum(static f => f.Uids),
                Keywords = folders.Sum(static f => f.Keywords),
                Uidls = folders.Sum(static f => f.Uidls),
                Subscriptions = former.Subscriptions?.Count ?? 0,
                AccessLists = folders.Count(static f => f.HasAcl) + former.Acls.Count(acl => !taken.ContainsKey(acl.Name)),
                Left = _left,
            };
            return new(report, state, folders);
        }
        catch (IOException e)
        {
            return new(new(account, source, ImportOutcome.Refused) { Left = [e.Message] }, ImportState.NoSource, []);
        }
    }

    /// <summary>INBOX, and all directories whose names begin with a dot, in the order of their names.</summary>
    private List<byte[]> EntriesOf(FilePath maildir)
    {
        List<byte[]> entries = [];
        FileError listed = files.List(maildir, name =>
        {
            if (name[0] == '.')
                entries.Add(name.ToArray());
            else if (SourceFiles.Describe(Encoding.UTF8.GetString(name)) is { } what)
                _left.Add($"{Encoding.UTF8.GetString(name)}: {what}, not touched");
        });
        if (listed != FileError.None)
            throw new IOException($"cannot list {maildir}: {listed}");
        entries.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        entries.Insert(0, []);
        return entries;
    }

    private void AddFolder(FilePath maildir, FilePath staged, byte[] entry, Dictionary<MailboxName, byte[]> taken, List<ImportFolder> folders)
    {
        FilePath path = entry.Length == 0 ? maildir : maildir.Child(entry);
        string shown = Encoding.UTF8.GetString(entry);
        MailboxName? name = MailboxName.Inbox;
        if (entry.Length > 0)
        {
            if (!OwnedFiles.IsDirectory(path))
            {
                if (SourceFiles.Describe(shown) is { } what)
                    _left.Add($"{shown}: {what}, not touched");
                return;
            }

            if (!OwnedFiles.IsDirectory(path.Child("cur")))
            {
                _left.Add($"{shown}: no Maildir folder, not touched");
                return;
            }

            if (!FolderNames.TryDecode(entry, out name))
            {
                _left.Add($"{shown}: cannot be a mailbox's name");
                return;
            }
        }

        if (taken.TryGetValue(name, out byte[]? other))
        {
            _left.Add($"{shown}: the mailbox {name} is {Encoding.UTF8.GetString(other)} already");
            return;
        }

        taken[name] = entry;
        folders.Add(Count(path, entry.Length == 0 ? staged : staged.Child(entry), entry, name));
    }

    private ImportFolder Count(FilePath path, FilePath staged, byte[] entry, MailboxName name)
    {
        FormerFiles reader = new(files, _names.IsLeftOut);
        FormerFolder former = FormerFolder.Read(reader, path, name.IsInbox, below: uint.MaxValue);
        bool hasAcl = FormerAcl.Read(reader, path, out string? damaged).Count > 0;
        if (reader.Error != FileError.None)
            throw new IOException($"cannot read {reader.FailedPath}: {reader.Error}");
        foreach (string file in former.Damaged)
            _left.Add($"{name}: {file} cannot be understood: new numbers, clients download again");
        if (damaged is not null)
            _left.Add($"{name}: {damaged}: a right that is not understood");

        Dictionary<byte[], (ListedMessage Message, FilePath Path)> messages = new(BaseNameComparer.Instance);
        List(path, messages, mayBeMissing: false);
        List(staged, messages, mayBeMissing: true);
        int count = 0, uids = 0, keywords = 0, uidls = 0;
        long octets = 0;
        foreach ((ListedMessage message, FilePath file) in messages.Values)
        {
            if (OwnedFiles.Look(file, out OwnedFile found) != FileError.None || !found.Facts.IsFile)
            {
                _left.Add($"{name}: {Encoding.UTF8.GetString(message.Name)} is no file");
                continue;
            }

            string baseName = Encoding.Latin1.GetString(MaildirFileName.Base(message.Name));
            count++;
            octets += found.Facts.Octets;
            bool listed = former.Uids is { } list && list.TryFind(baseName, out _);
            uids += listed ? 1 : 0;
            keywords += former.Keywords.Of(baseName, MaildirFileName.Letters(message.Name)).Any() ? 1 : 0;
            bool hasUidl = former.Server == FormerServer.Dovecot ? listed : former.Pop3?.Find(Encoding.Latin1.GetString(message.Name)) is not null;
            uidls += name.IsInbox && hasUidl ? 1 : 0;
        }

        return new(entry, name, count) { Server = former.Server, Octets = octets, Uids = uids, Keywords = keywords, Uidls = uidls, HasAcl = hasAcl };
    }

    private void List(FilePath path, Dictionary<byte[], (ListedMessage, FilePath)> messages, bool mayBeMissing)
    {
        MaildirFolder folder = new(path);
        FileError listed = FolderScan.List(files, folder, out Dictionary<byte[], ListedMessage> found);
        if (listed == FileError.NotFound && mayBeMissing)
            return;
        if (!OwnedFiles.IsDirectory(folder.Cur) || !OwnedFiles.IsDirectory(folder.New))
            throw new IOException($"{path} lacks new/ or cur/, or one of them is a symbolic link");
        if (listed != FileError.None)
            throw new IOException($"cannot list {path}: {listed}");
        foreach (ListedMessage message in found.Values)
            messages.TryAdd(message.Name, (message, folder.Locate(message.Name, message.InNew)));
    }

    /// <summary>Files beside the Maildir that steer its mail.</summary>
    private void ReportHome(string source)
    {
        string home = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(source)) ?? "/";
        files.List(FilePath.Of(home), name =>
        {
            string file = Encoding.UTF8.GetString(name);
            if (SourceFiles.DescribeInHome(file) is { } what)
                _left.Add($"{Path.Combine(home, file)}: {what}, not touched");
        });
    }
}
