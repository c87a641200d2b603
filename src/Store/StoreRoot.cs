using FullStack.Store.Accounts;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store;

/// <summary>What can be told of a store's root folder, whether or not the store is open.</summary>
public static class StoreRoot
{
    /// <summary>The process that has the store open; null where none has, or it does not say.</summary>
    /// <exception cref="IOException">The folder cannot be looked at.</exception>
    public static int? ProcessOf(string root) => Directory.Exists(root) ? RootLock.HolderOf(root) : null;

    /// <summary>The folder that an account's mail lies in, and files of its owner's such as .forward.</summary>
    public static string FolderOf(string root, AccountName name) => AccountFolders.Locate(root, name);

    /// <summary>The accounts that have a folder, sorted by domain and user: also those whose mail is in a home, and those that no directory has any more.</summary>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    public static IReadOnlyList<AccountName> ListAccounts(string root)
    {
        List<AccountName> accounts = [];
        if (!Directory.Exists(root))
            return accounts;
        foreach (string domainFolder in Directory.GetDirectories(root).Order(StringComparer.Ordinal))
        {
            if (!AccountFolders.TryDecode(Path.GetFileName(domainFolder), out string? domain))
                continue;
            foreach (string folder in Directory.GetDirectories(domainFolder).Order(StringComparer.Ordinal))
            {
                if (AccountFolders.TryDecode(Path.GetFileName(folder), out string? user) && AccountName.TryCreate(user, domain, out AccountName? name))
                    accounts.Add(name);
            }
        }

        return accounts;
    }
}
