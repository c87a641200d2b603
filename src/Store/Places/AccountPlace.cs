using FullStack.Store.Accounts;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store.Places;

/// <summary>Where what is kept of one account lies.</summary>
/// <param name="Directory">Its own directory below the store's root, with its index and what lies beside that, wherever its mail is.</param>
/// <param name="Maildir">Its Maildir, where the format is one.</param>
/// <param name="IsInHome">Whether the Maildir lies in a home, perhaps on another file system.</param>
internal sealed record AccountPlace(string Directory, string Maildir, bool IsInHome)
{
    /// <summary>The place of an account's mail below the store's root.</summary>
    public static AccountPlace BelowRoot(string root, AccountName name)
    {
        string directory = AccountFolders.Locate(root, name);
        return new(directory, Path.Combine(directory, "Maildir"), IsInHome: false);
    }

    /// <summary>Where an account's mail is, as far as this store has ever written it down. Blocks; asks no directory and looks at no Maildir.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static AccountPlace Recorded(IMaildirFiles files, string root, AccountName name)
    {
        AccountPlace own = BelowRoot(root, name);
        return PlaceRecord.Read(files, own.Directory) is { } record ? own.At(record.Maildir) : own;
    }

    /// <summary>The same account with its mail in a home.</summary>
    public AccountPlace At(string maildir) => new(Directory, maildir, IsInHome: true);
}
