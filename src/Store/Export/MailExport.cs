using System.Globalization;
using System.Text;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Export;

/// <summary>
/// Writes an account's mail as a Maildir that another server takes for its own, so that who leaves does not download again.
/// </summary>
/// <remarks>It is written beside its place, under a name that ends in <c>.partial</c>, synced, and then renamed: it is whole or not there.</remarks>
public sealed class MailExport
{
    private readonly StoreContext _store;
    private readonly Account _account;
    private readonly string _target;
    private readonly IListWriter _lists;
    private readonly TreeWriter _tree;
    private readonly List<string> _left = [];

    private MailExport(StoreContext store, Account account, string target, ExportFormat format)
    {
        (_store, _account, _target) = (store, account, target);
        _tree = new(store.Files, FilePath.Of(Partial(target)));
        _lists = format switch
        {
            ExportFormat.Courier => new CourierLists(_tree),
            ExportFormat.Dovecot => new DovecotLists(_tree),
            ExportFormat.Maildir => new PlainLists(),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    /// <summary>Exports one account.</summary>
    /// <param name="store">The store that it is in.</param>
    /// <param name="name">The account.</param>
    /// <param name="target">The Maildir to make; its parents are made too.</param>
    /// <param name="format">For whom.</param>
    /// <param name="progress">Is told of messages done, more and more.</param>
    /// <param name="ct">Ends it between two messages.</param>
    /// <exception cref="IOException">There is something at the target, or the account or the disk cannot be used.</exception>
    public static async Task<ExportReport> RunAsync(
        MailStore store, AccountName name, string target, ExportFormat format, IProgress<int> progress, CancellationToken ct)
    {
        target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        if (Path.Exists(target))
            throw new IOException($"{target} is there already");
        Result<AccountLease> opened = await store.OpenAccountAsync(name, ct);
        if (!opened.Ok)
            throw new IOException($"{name} cannot be opened: {opened.Failure}");
        using AccountLease lease = opened.Value;
        return await new MailExport(store.Context, lease.Account, target, format).RunAsync(progress, ct);
    }

    private static string Partial(string target) => target + ".partial";

    private async Task<ExportReport> RunAsync(IProgress<int> progress, CancellationToken ct)
    {
        IMaildirFiles files = _store.Files;
        FilePath partial = FilePath.Of(Partial(_target)), parent = FilePath.Of(Path.GetDirectoryName(_target)!);
        await _store.Disk.RunAsync(() =>
        {
            Require(MaildirFolder.MakeTree(files, parent.ToString()), parent);
            FileError removed = MaildirFolder.RemoveTree(files, partial);
            Require(removed == FileError.NotFound ? FileError.None : removed, partial);
            return default(Nothing);
        }, ct);

        ExportReport report = new(_account.Name, _target);
        List<MailboxName> subscriptions = [];
        uint lastValidity = 0;
        foreach (MailboxInfo info in await _account.ListAsync(ct))
        {
            if (info.Subscribed)
                subscriptions.Add(info.Name);
            if (!info.Exists)
                continue;
            ExportedMailbox mailbox = await WriteAsync(info.Name, report.Messages, progress, ct);
            lastValidity = Math.Max(lastValidity, mailbox.UidValidity);
            report = report with
            {
                Mailboxes = report.Mailboxes + 1,
                Messages = report.Messages + mailbox.Messages.Count,
                Octets = report.Octets + mailbox.Messages.Sum(static m => m.Octets),
                Keywords = report.Keywords + mailbox.Messages.Count(static m => m.Entry.Keywords.Count > 0),
                Uidls = report.Uidls + mailbox.Messages.Count(static m => m.Uidl is not null),
                AccessLists = report.AccessLists + (mailbox.Acl.Count > 0 ? 1 : 0),
            };
        }

        List<(MailboxName Name, IReadOnlyList<AclEntry> Entries)> others = await OtherListsAsync(ct);
        await _store.Disk.RunAsync(() =>
        {
            _lists.WriteAccount(partial, subscriptions, others, lastValidity, _left);
            Require(files.SyncFileSystem(partial), partial);
            Require(files.Rename(partial, FilePath.Of(_target)), FilePath.Of(_target));
            Require(files.SyncDirectory(parent), parent);
            return default(Nothing);
        }, ct);
        return report with { Subscriptions = subscriptions.Count, AccessLists = report.AccessLists + others.Count, Left = _left };
    }

    private async Task<ExportedMailbox> WriteAsync(MailboxName name, int before, IProgress<int> progress, CancellationToken ct)
    {
        Result<Mailbox> found = await _account.Mailboxes.FindAsync(name, ct);
        if (!found.Ok)
            throw new IOException($"{name} cannot be opened: {found.Error}");
        Mailbox mailbox = found.Value;
        Uidls? uidls = null;
        if (name.IsInbox)
        {
            Result<MailboxView> view = await _account.OpenAsync(name, readOnly: true, ct);
            if (!view.Ok)
                throw new IOException($"{name} cannot be opened: {view.Error}");
            using (view.Value)
                uidls = (await view.Value.UidlsAsync(ct)).Value;
        }

        List<AclEntry> acl = await _account.Index.ReadAsync(index => AclTable.Load(index, name), ct);
        return await _store.Disk.RunAsync(() => Write(mailbox, uidls, acl, before, progress, ct), CancellationToken.None);
    }

    private ExportedMailbox Write(Mailbox mailbox, Uidls? uidls, List<AclEntry> acl, int before, IProgress<int> progress, CancellationToken ct)
    {
        MailboxSnapshot now = mailbox.Snapshot;
        FilePath folder = _tree.MakeFolder(_lists.EntryOf(mailbox.Location.Name));
        List<ExportedMessage> messages = [];
        HashSet<string> used = new(StringComparer.Ordinal);
        for (int i = 0; i < now.Messages.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            MessageEntry entry = now.Messages[i];
            FileError error = mailbox.Folder.Open(entry, out IMessageOctets? octets);
            if (error == FileError.NotFound)
                continue; // Removed by another program.
            Require(error, mailbox.Folder.Path);
            using (octets)
            {
                string? uidl = uidls?.Of(entry.Uid);
                string name = _lists.BaseOf(UsualBase(entry, octets!.Count), uidl);
                if (!used.Add(name))
                    used.Add(name = string.Create(CultureInfo.InvariantCulture, $"{entry.Uid}.{now.UidValidity.Value}.exported"));
                messages.Add(new(entry, name, octets.Count, uidl));
            }
        }

        ExportedMailbox exported = new(mailbox.Location.Name, now.UidValidity.Value, now.UidNext.Value, messages, acl);
        foreach (ExportedMessage message in messages)
        {
            ct.ThrowIfCancellationRequested();
            string letters = _lists.LettersOf(message, exported);
            bool inNew = message.Entry.InNew && letters.Length == 0;
            FileError error = mailbox.Folder.Open(message.Entry, out IMessageOctets? octets);
            Require(error, mailbox.Folder.Path);
            using (octets)
                _tree.WriteMessage(folder, inNew ? message.Base : $"{message.Base}:2,{letters}", inNew, octets!, message.Entry.InternalDate);
            progress.Report(++before);
        }

        _lists.WriteFolder(folder, exported, _left);
        return exported;
    }

    /// <summary>
    /// The base that the message has here, its sizes put right: a wrong <c>S=</c> is damage to Dovecot. One that no other
    /// server could have made is made anew.
    /// </summary>
    private static string UsualBase(MessageEntry entry, long octets)
    {
        ReadOnlySpan<byte> name = MaildirFileName.Base(entry.FileName);
        bool isUsual = name.Length is > 0 and <= 200 && name[0] != '.' && !name.ContainsAny((byte)':', (byte)'/') && !name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);
        long stored = MaildirFileName.Field(entry.FileName, (byte)'S'), wire = MaildirFileName.Field(entry.FileName, (byte)'W');
        if (isUsual && (stored == octets || stored < 0) && (wire == entry.WireOctets || wire < 0))
            return Encoding.ASCII.GetString(name);
        int sizes = name.IndexOf(",S="u8) is var s and > 0 ? s : name.IndexOf(",W="u8);
        string start = isUsual ? Encoding.ASCII.GetString(sizes > 0 ? name[..sizes] : name)
            : string.Create(CultureInfo.InvariantCulture, $"{entry.InternalDate.ToUnixTimeSeconds()}.U{entry.Uid}.exported");
        return string.Create(CultureInfo.InvariantCulture, $"{start},S={octets},W={entry.WireOctets}");
    }

    /// <summary>Access lists of names that have mailboxes below them only.</summary>
    private async Task<List<(MailboxName Name, IReadOnlyList<AclEntry> Entries)>> OtherListsAsync(CancellationToken ct)
    {
        HashSet<MailboxName> mailboxes = [.. (await _account.ListAsync(ct)).Where(static m => m.Exists).Select(static m => m.Name)];
        return await _account.Index.ReadAsync(
            index => AclTable.LoadNames(index).Where(name => !mailboxes.Contains(name))
                .Select(name => (name, (IReadOnlyList<AclEntry>)AclTable.Load(index, name))).ToList(),
            ct);
    }

    private static void Require(FileError error, FilePath path)
    {
        if (error != FileError.None)
            throw new IOException($"{path}: {error}");
    }
}
