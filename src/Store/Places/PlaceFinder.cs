using FullStack.Store.Accounts;
using FullStack.Store.Posix;

namespace FullStack.Store.Places;

/// <summary>What an account has to have before its mail is used.</summary>
internal enum PlaceState
{
    /// <summary>Mail below the store's root: what is missing of its Maildir is made, as it always was.</summary>
    BelowRoot,

    /// <summary>A home in which the account has had no mail yet: record, Maildir and mark are to be made.</summary>
    New,

    /// <summary>A home with the account's Maildir, in which nothing is made.</summary>
    Known,

    /// <summary>The same, but the record names another place or the mark is missing.</summary>
    Unwritten,
}

/// <summary>Where an account's mail is.</summary>
/// <param name="Place">The place.</param>
/// <param name="State">What is to be done before it is used.</param>
internal sealed record FoundPlace(AccountPlace Place, PlaceState State);

/// <summary>
/// Brings together where a directory wants an account's mail, where it was so far, and what lies there. Where these do not fit, the account is not opened: an empty
/// mailbox in place of the one that its owner has would be taken by clients for one whose messages were all removed.
/// </summary>
internal sealed class PlaceFinder(StoreContext store)
{
    /// <summary>The place of an account's mail; else why it cannot be used now. Blocks.</summary>
    /// <exception cref="IOException">The record of it cannot be read.</exception>
    public FoundPlace? Find(AccountName name, WantedPlace wanted, out string? refusal)
    {
        refusal = null;
        AccountPlace own = AccountPlace.BelowRoot(store.Options.Root, name);
        PlaceRecord? record = PlaceRecord.Read(store.Files, own.Directory);
        if (!wanted.IsKnown)
            return record is null ? new(own, PlaceState.BelowRoot) : Known(name, own.At(record.Maildir), out refusal);
        if (wanted.Home is null)
        {
            if (record is not null)
                refusal = $"its mail is at {record.Maildir} and is to be below the store's own folder now: `fullstack mailbox place --move {name}` moves it";
            return record is null ? new(own, PlaceState.BelowRoot) : null;
        }

        if (HomeRoots.Locate(store.Files, store.Options, wanted, out refusal) is not { } maildir)
            return null;
        AccountPlace place = own.At(maildir);
        return record is null || !record.IsMade ? First(name, own, place, out refusal)
            : record.Maildir == maildir ? Known(name, place, out refusal)
            : Moved(name, place, record, out refusal);
    }

    /// <summary>Makes what is to be made. Durable on success. Blocks.</summary>
    public FileError Prepare(Account account, FoundPlace found)
    {
        (AccountPlace place, string directory) = (found.Place, found.Place.Directory);
        switch (found.State)
        {
            case PlaceState.BelowRoot:
                FileError made = account.Catalog.Home.Make();
                return made == FileError.None ? store.Files.SyncDirectory(FilePath.Of(directory)) : made;
            case PlaceState.New:
                return MakeNew(account, place);
            case PlaceState.Unwritten:
                FileError marked = Mark(account.Name, place);
                return marked == FileError.None ? new PlaceRecord(place.Maildir, IsMade: true).Write(store.Files, directory) : marked;
            default:
                account.Catalog.Home.Tidy();
                return FileError.None;
        }
    }

    /// <remarks>
    /// In this order; a crash leaves the first of them. The rest is made when the account is next opened, which comes back here as long as the record does not say that all is made.
    /// An empty Maildir below the root goes, with its index; the record, which says "making"; the Maildir, synced in its parents; the mark in it; the record, which says "made". Only then is a message stored.
    /// </remarks>
    private FileError MakeNew(Account account, AccountPlace place)
    {
        AccountPlace own = AccountPlace.BelowRoot(store.Options.Root, account.Name);
        FilePath ownMaildir = FilePath.Of(own.Maildir), maildir = FilePath.Of(place.Maildir);
        FileError error = store.Files.Stat(ownMaildir, out _) == FileError.NotFound ? FileError.None : MaildirContents.RemoveUnused(store.Files, own.Directory, ownMaildir);
        if (error == FileError.None)
            error = new PlaceRecord(place.Maildir, IsMade: false).Write(store.Files, place.Directory);
        if (error == FileError.None)
            error = store.Files.SyncDirectory(FilePath.Of(place.Directory).Directory);
        if (error == FileError.None)
            error = Maildir.MaildirFolder.MakeTree(store.Files, maildir.Directory.ToString());
        if (error == FileError.None)
            error = account.Catalog.Home.Make();
        if (error == FileError.None)
            error = store.Files.SyncDirectory(maildir.Directory);
        if (error == FileError.None)
            error = Mark(account.Name, place);
        return error == FileError.None ? new PlaceRecord(place.Maildir, IsMade: true).Write(store.Files, place.Directory) : error;
    }

    private FileError Mark(AccountName name, AccountPlace place)
    {
        FileError error = OwnerMark.Read(store.Files, place.Maildir, out string owner);
        return error == FileError.None && owner.Length == 0 ? OwnerMark.Write(store.Files, place.Maildir, name) : error;
    }

    /// <summary>A home in which the account has no mail yet as far as is known. A Maildir of a former server may be there.</summary>
    private FoundPlace? First(AccountName name, AccountPlace own, AccountPlace place, out string? refusal)
    {
        refusal = Owner(name, place, out _);
        if (refusal is null && !MaildirContents.IsUnused(store.Files, FilePath.Of(own.Maildir)))
            refusal = $"it has mail at {own.Maildir}, and its home is to be its place now: `fullstack mailbox place --move {name}` moves it to {place.Maildir}";
        return refusal is null ? new(place, PlaceState.New) : null;
    }

    private FoundPlace? Known(AccountName name, AccountPlace place, out string? refusal)
    {
        FileError found = MaildirContents.Find(store.Files, place.Maildir);
        if (found != FileError.None)
        {
            refusal = found == FileError.NotFound
                ? $"the Maildir {place.Maildir} is not there: its file system may not be mounted, or somebody removed it. A new one is not made; bring it back, or have an empty one made with `maildirmake` and a file {OwnerMark.FileName} in it that says {name}"
                : $"the Maildir {place.Maildir} cannot be looked at: {found}";
            return null;
        }

        refusal = Owner(name, place, out bool isMarked);
        if (refusal is null && !isMarked && MaildirContents.IsUnused(store.Files, FilePath.Of(place.Maildir)))
            refusal = $"the Maildir {place.Maildir} is empty and not the one that was there: its file system may not be mounted. If it is right, write {name} into a file {OwnerMark.FileName} in it";
        return refusal is null ? new(place, isMarked ? PlaceState.Known : PlaceState.Unwritten) : null;
    }

    /// <summary>The directory names another home than the one in which the mail was: followed where somebody has moved the Maildir there, mark and all.</summary>
    private FoundPlace? Moved(AccountName name, AccountPlace place, PlaceRecord record, out string? refusal)
    {
        refusal = Owner(name, place, out bool isMarked);
        bool isGone = store.Files.Stat(FilePath.Of(record.Maildir), out _) == FileError.NotFound;
        if (refusal is null && !(isMarked && isGone && MaildirContents.Find(store.Files, place.Maildir) == FileError.None))
            refusal = $"its mail is at {record.Maildir}, and its directory names a home for which it would be at {place.Maildir}: move the Maildir there, or `fullstack mailbox place --move {name}` does";
        if (refusal is not null)
            return null;
        StoreLog.PlaceFollowed(store.Log, name.ToString(), record.Maildir, place.Maildir);
        return new(place, PlaceState.Unwritten);
    }

    private string? Owner(AccountName name, AccountPlace place, out bool isMarked)
    {
        FileError read = OwnerMark.Read(store.Files, place.Maildir, out string owner);
        isMarked = owner.Length > 0;
        return read != FileError.None ? $"{place.Maildir}/{OwnerMark.FileName} cannot be read: {read}"
            : isMarked && owner != name.ToString() ? $"the Maildir {place.Maildir} is that of {owner}, as the file {OwnerMark.FileName} in it says"
            : null;
    }
}
