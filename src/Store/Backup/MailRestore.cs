using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using FullStack.Store.Takeover;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Store.Backup;

/// <summary>Brings mail back from a backup into a store that nobody uses meanwhile: an account, a mailbox of it, or one message.</summary>
/// <remarks>
/// What comes back is copied beside the mail first, and takes its place by one rename when it is whole and on the disk; a kill before that changes nothing. An account and a mailbox come
/// with their UIDVALIDITY and their UIDs, for the lists beside mailboxes have them; numbers that were given out after the backup are not given out again (<see cref="UidListAdoption"/>).
/// </remarks>
/// <param name="options">Of the store that gets the mail.</param>
/// <param name="backup">The backup's folder.</param>
/// <param name="places">Where accounts' mail belongs; null: below the root.</param>
public sealed class MailRestore(StoreOptions options, string backup, IAccountPlaces? places = null)
{
    private const string Staged = ".restore";

    /// <summary>What a mailbox is made of, in its folder.</summary>
    private static readonly string[] MailboxParts = ["new", "cur", "tmp", UidListFile.Name, "dovecot-keywords", "maildirfolder"];

    private readonly PosixFiles _files = new(options.Sync);
    private readonly PlaceMove _move = new(options);
    private readonly string _root = Path.GetFullPath(options.Root);

    private string Beside => Path.Combine(Path.GetDirectoryName(_root)!, Staged);

    /// <summary>Brings a whole account back. Blocks.</summary>
    /// <param name="account">Whose mail.</param>
    /// <param name="aside">Where the mail goes that the account has now; null: it must have none.</param>
    /// <param name="ct">Ends it before anything is changed.</param>
    /// <exception cref="IOException">The backup has no such account, there is mail already, or the disk is full or failing.</exception>
    /// <exception cref="StoreLockedException">A server runs.</exception>
    public void Account(AccountName account, string? aside, CancellationToken ct)
    {
        using RootLock held = RootLock.Take(_root);
        string source = SourceOf(account), place = AccountFolders.Locate(_root, account);
        AccountPlace now = AccountPlace.Recorded(_files, _root, account);
        bool isTaken = (Directory.Exists(place) && Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories).Any(IsMail))
            || (now.IsInHome && !MaildirContents.IsUnused(_files, FilePath.Of(now.Maildir)));
        if (isTaken && aside is null)
            throw new IOException($"{account} has mail now");
        Stage(source, Beside, isWanted: null, ct);
        string? home = now.IsInHome ? now.Maildir : PlaceRecord.Read(_files, Beside)?.Maildir;
        TreeCopy.Require(PlaceRecord.Remove(_files, Beside), FilePath.Of(Beside));
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        if (isTaken)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(aside!))!);
            Directory.Move(place, aside!);
            if (now.IsInHome && Directory.Exists(now.Maildir) && _move.Relocate(now.Maildir, Path.Combine(Path.GetFullPath(aside!), "Maildir"), ct))
                MaildirFolder.RemoveTree(_files, FilePath.Of(now.Maildir));
        }
        else if (Directory.Exists(place))
        {
            Directory.Delete(place, recursive: true);
        }

        Place(Beside, place, account);
        if (home is null)
            return;
        if (!Directory.Exists(Path.GetDirectoryName(home)))
            throw new IOException($"{account} is restored below the data folder, for its home is not there: `fullstack mailbox place --move {account}` once it is");
        _move.Bring(account, Path.Combine(place, "Maildir"), home, ct);
    }

    /// <summary>Brings one mailbox of an account back. Blocks. Only Maildirs have mailboxes that can be taken apart from their account.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="from">Its name in the backup.</param>
    /// <param name="to">The name that it gets, which no mailbox has now.</param>
    /// <param name="ct">Ends it before anything is changed.</param>
    /// <exception cref="IOException">The backup has no such mailbox, there is one of the name, or the disk is full or failing.</exception>
    /// <exception cref="StoreLockedException">A server runs.</exception>
    public void Mailbox(AccountName account, MailboxName from, MailboxName to, CancellationToken ct)
    {
        if (options.Format != StoreFormat.Maildir)
            throw new IOException("a single mailbox comes back only where mail is kept in Maildirs: restore the account, or message by message");
        using RootLock held = RootLock.Take(_root);
        AccountPlace now = AccountPlace.Recorded(_files, _root, account);
        string source = FolderOf(Path.Combine(SourceOf(account), "Maildir"), from), place = FolderOf(now.Maildir, to);
        string beside = now.IsInHome ? Path.Combine(now.Maildir, "tmp", "fullstack-restored") : Beside; // on the same file system
        if (!Directory.Exists(Path.Combine(source, "cur")))
            throw new IOException($"the backup has no mailbox {from} of {account}");
        if (to.IsInbox || Directory.Exists(place))
            throw new IOException($"{account} has a mailbox {to} now");
        if (!Directory.Exists(Path.GetDirectoryName(place)))
            throw new IOException($"{account} has no mail here yet");
        Stage(source, beside, static name => Array.Exists(MailboxParts, part => part.Equals(System.Text.Encoding.UTF8.GetString(name), StringComparison.Ordinal)), ct);
        File.WriteAllText(Path.Combine(beside, "maildirfolder"), "");
        Place(beside, place, account);
    }

    /// <summary>Appends one message of the backup to a mailbox, with its flags, keywords and date. It gets a new UID: the old one lies among those that clients have seen.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="from">The mailbox in the backup.</param>
    /// <param name="uid">Its UID there.</param>
    /// <param name="to">The mailbox that gets it.</param>
    /// <param name="ct">Ends it before anything is changed.</param>
    /// <returns>Its new UID.</returns>
    /// <exception cref="IOException">There is no such message or mailbox, or the disk is full or failing.</exception>
    /// <exception cref="StoreLockedException">A server runs.</exception>
    public async Task<Uid> MessageAsync(AccountName account, MailboxName from, Uid uid, MailboxName to, CancellationToken ct)
    {
        await using MailStore store = new(options, TimeProvider.System, NullLoggerFactory.Instance, places: places);
        string copy = AccountFolders.Locate(Beside, account);
        Clear(Beside);
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        new TreeCopy(_files, NoProgress.Instance, ct).Folder(FilePath.Of(SourceOf(account)), FilePath.Of(copy));
        try
        {
            PlaceRecord.Remove(_files, copy);
            await using MailStore old = new(options with { Root = Beside, Place = StorePlace.Root }, TimeProvider.System, NullLoggerFactory.Instance);
            using AccountLease oldAccount = Require(await old.OpenAccountAsync(account, ct), $"{account} in the backup");
            using MailboxView view = Require(await oldAccount.Account.OpenAsync(from, readOnly: true, ct), $"{from} in the backup");
            if (view.NumberOf(uid) is not (var number and > 0) || view.Entry(number) is not { } entry)
                throw new IOException($"the backup has no message {uid.Value} in {from} of {account}");
            await using MessageContent content = Require(await view.OpenMessageAsync(uid, ct), "the message");
            using AccountLease lease = Require(await store.OpenAccountAsync(account, ct), account.ToString());
            await using StagedMessage message = store.Stage();
            await using Stream wire = content.OpenWire();
            byte[] piece = new byte[64 * 1024];
            for (int read; (read = await wire.ReadAsync(piece, ct)) > 0;)
                await message.WriteAsync(piece.AsMemory(0, read), ct);
            await message.CompleteAsync(ct);
            if (!to.IsInbox)
                await lease.Account.CreateAsync(to, SpecialUse.None, ct); // where it cannot be made, or is there, the append says so
            return Require(await lease.Account.AppendAsync(to, message, new(entry.Flags, [.. entry.Keywords]), entry.InternalDate, ct), to.ToString()).Uid;
        }
        finally
        {
            Clear(Beside);
        }
    }

    /// <summary>Whether a file of an account holds mail: a message of a Maildir, or what may be an mbox.</summary>
    private bool IsMail(string file)
    {
        string name = Path.GetFileName(file);
        return options.Format == StoreFormat.Maildir
            ? Path.GetFileName(Path.GetDirectoryName(file)) is "new" or "cur"
            : new FileInfo(file).Length > 0 && !name.StartsWith("fullstack-", StringComparison.Ordinal) && !name.Contains(".db", StringComparison.Ordinal);
    }

    private static string FolderOf(string maildir, MailboxName name) => name.IsInbox ? maildir : Path.Combine(maildir, FolderNames.Encode(name.Text) ?? throw new IOException($"{name}: too long"));

    private static T Require<T>(Result<T> result, string what) => result.Ok ? result.Value : throw new IOException($"{what}: {result.Failure}");

    private string SourceOf(AccountName account)
    {
        if (!DataBackup.IsAt(backup))
            throw new IOException($"{backup} is no whole backup");
        string source = AccountFolders.Locate(Path.Combine(backup, Path.GetFileName(_root)), account);
        return Directory.Exists(source) ? source : throw new IOException($"the backup has no mail of {account}");
    }

    private void Stage(string source, string beside, Func<byte[], bool>? isWanted, CancellationToken ct)
    {
        Clear(beside);
        new TreeCopy(_files, NoProgress.Instance, ct) { Links = false }.Folder(FilePath.Of(source), FilePath.Of(beside), isWanted);
        TreeCopy.Require(_files.SyncFileSystem(FilePath.Of(beside)), FilePath.Of(beside));
    }

    private void Place(string beside, string place, AccountName account)
    {
        if (Environment.UserName == "root" && OwnedFiles.Look(FilePath.Of(beside == Beside ? _root : Path.GetDirectoryName(place)!), out OwnedFile owner) == FileError.None)
            TreeCopy.Require(OwnedFiles.SetOwnerOfTree(_files, FilePath.Of(beside), owner), FilePath.Of(beside));
        Directory.Move(beside, place);
        foreach (string folder in (string[])[Path.GetDirectoryName(place)!, AccountFolders.Locate(_root, account)])
            TreeCopy.Require(_files.SyncDirectory(FilePath.Of(folder)), FilePath.Of(folder));
    }

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
