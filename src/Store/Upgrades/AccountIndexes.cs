using FullStack.Store.Index;

namespace FullStack.Store.Upgrades;

/// <summary>The indexes of a store's accounts, as upgrades see them.</summary>
public static class AccountIndexes
{
    /// <summary>The version of their tables that this program writes.</summary>
    public static int Version => IndexSchema.Version;

    /// <summary>The indexes of all accounts that have one.</summary>
    /// <param name="root">The store's root folder.</param>
    public static IEnumerable<UpgradableDatabase> Find(string root)
    {
        if (!Directory.Exists(root))
            yield break;
        EnumerationOptions folders = new() { AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (string domain in Directory.EnumerateDirectories(root, "*", folders))
        {
            foreach (string account in Directory.EnumerateDirectories(domain, "*", folders))
            {
                string index = Path.Combine(account, "index.db");
                if (File.Exists(index))
                    yield return new(index, static path => new IndexConnection(path, SyncMode.Full, IndexSchema.Version, IndexSchema.Upgrade).Dispose());
            }
        }
    }
}
