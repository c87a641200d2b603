using FullStack.Store.Accounts;
using FullStack.Store.Backup;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store.Places;

/// <summary>Moves an account's Maildir, in a store that nobody uses meanwhile. UIDs stay: the index does not move, and the list beside the mailbox goes along.</summary>
/// <remarks>
/// What a kill leaves, where both places are on one file system: the Maildir at its old place; or at its new one, marked, which is found at the next opening. Else: the
/// old one, and perhaps a part of the new one under another name, or the whole of it, which an administrator removes or says so again after; both, and a record of the new one.
/// </remarks>
public sealed class PlaceMove
{
    private const string Partial = ".fullstack-moving";

    private readonly StoreOptions _options;
    private readonly string _root;
    private readonly IMaildirFiles _files;

    /// <param name="options">Of the store.</param>
    public PlaceMove(StoreOptions options)
    {
        _options = options with { Root = Path.GetFullPath(options.Root) };
        _root = _options.Root;
        PosixFiles files = new(options.Sync);
        _files = SafePath.IsSupported ? new FilesInHomes(files, _root) : files;
    }

    /// <summary>Where an account's mail is as far as is known, where it would be, and why it cannot be used there; blocks and changes nothing but that a home is made where that is wished.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="wanted">What its directory says.</param>
    /// <exception cref="IOException">The record of it cannot be read.</exception>
    public (string Maildir, string? Wanted, string? Problem) Look(AccountName account, WantedPlace wanted)
    {
        AccountPlace now = AccountPlace.Recorded(_files, _root, account);
        (string? target, string? problem) = Target(account, wanted);
        if (target is null || target == now.Maildir)
            return (now.Maildir, target, problem ?? (now.IsInHome && MaildirContents.Find(_files, now.Maildir) != FileError.None ? "it is not there" : null));
        bool isNew = MaildirContents.IsUnused(_files, FilePath.Of(now.Maildir)) && !now.IsInHome;
        return (now.Maildir, target, isNew ? null : "it has to be moved");
    }

    /// <summary>Moves an account's mail to where its directory wants it. Blocks.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="wanted">What its directory says.</param>
    /// <param name="ct">Ends it before anything is changed.</param>
    /// <returns>Where it is then.</returns>
    /// <exception cref="IOException">It cannot be there, or there is mail already, or the disk is full or failing.</exception>
    /// <exception cref="StoreLockedException">A server runs.</exception>
    public string Run(AccountName account, WantedPlace wanted, CancellationToken ct)
    {
        using RootLock held = RootLock.Take(_root);
        (string? target, string? problem) = Target(account, wanted);
        if (target is null)
            throw new IOException(problem);
        AccountPlace own = AccountPlace.BelowRoot(_root, account), now = AccountPlace.Recorded(_files, _root, account);

        // A data folder that came back from a backup as a whole has all mail in it, and no homes.
        string from = now.IsInHome && MaildirContents.Find(_files, now.Maildir) == FileError.NotFound ? own.Maildir : now.Maildir;
        if (from == target && MaildirContents.Find(_files, from) == FileError.None)
            return target;
        Bring(account, from, target, ct);
        return target;
    }

    /// <summary>Moves a Maildir to a place where there is none that has mail, and writes down that it is there. Blocks; the store's lock is held.</summary>
    /// <exception cref="IOException">There is mail, or the disk is full or failing.</exception>
    internal void Bring(AccountName account, string from, string to, CancellationToken ct)
    {
        AccountPlace own = AccountPlace.BelowRoot(_root, account);
        Require(MaildirContents.Find(_files, from), from);
        Require(OwnerMark.Read(_files, to, out string owner), to);
        if (owner.Length > 0 && owner != account.ToString())
            throw new IOException($"{to} is the Maildir of {owner}");
        if (!MaildirContents.IsUnused(_files, FilePath.Of(to)))
            throw new IOException($"{to} has mail already; where it is left from a move that was interrupted, remove it");
        Gone(MaildirFolder.RemoveTree(_files, FilePath.Of(to)), to);
        if (to != own.Maildir)
            Mark(account, from);
        bool isCopy = Relocate(from, to, ct);
        Require(to == own.Maildir ? PlaceRecord.Remove(_files, own.Directory) : new PlaceRecord(to, IsMade: true).Write(_files, own.Directory), own.Directory);
        if (isCopy)
            Gone(MaildirFolder.RemoveTree(_files, FilePath.Of(from)), from);
    }

    /// <summary>Renames a Maildir, or copies it where that cannot be.</summary>
    /// <returns>Whether it is a copy, and the original is still there.</returns>
    internal bool Relocate(string from, string to, CancellationToken ct)
    {
        FilePath source = FilePath.Of(from), target = FilePath.Of(to);
        Require(MaildirFolder.MakeTree(_files, Path.GetDirectoryName(to)!), to);
        FileError renamed = _files.Rename(source, target);
        bool isCopy = renamed == FileError.CrossDevice;
        if (isCopy)
        {
            FilePath partial = FilePath.Of(to + Partial);
            Gone(MaildirFolder.RemoveTree(_files, partial), to + Partial); // of a move that was killed
            new TreeCopy(_files, NoProgress.Instance, ct) { IsHome = true }.Folder(source, partial);
            if (Environment.UserName == "root" && OwnedFiles.Look(source, out OwnedFile owner) == FileError.None)
                Require(OwnedFiles.SetOwnerOfTree(_files, partial, owner), to);
            Require(_files.SyncFileSystem(partial), to);
            renamed = _files.Rename(partial, target);
        }

        Require(renamed, to);
        Require(_files.SyncDirectory(target.Directory), to);
        if (!isCopy)
            Require(_files.SyncDirectory(source.Directory), from);
        return isCopy;
    }

    private void Mark(AccountName account, string maildir)
    {
        Require(OwnerMark.Read(_files, maildir, out string owner), maildir);
        if (owner.Length == 0)
            Require(OwnerMark.Write(_files, maildir, account), maildir);
    }

    private (string? Target, string? Problem) Target(AccountName account, WantedPlace wanted)
    {
        if (!wanted.IsKnown)
            return (null, $"{account} is in no directory");
        return wanted.Home is null
            ? (AccountPlace.BelowRoot(_root, account).Maildir, null)
            : (HomeRoots.Locate(_files, _options, wanted, out string? problem), problem);
    }

    private static void Require(FileError error, string path) => TreeCopy.Require(error, FilePath.Of(path));

    private static void Gone(FileError error, string path) => Require(error == FileError.NotFound ? FileError.None : error, path);
}
