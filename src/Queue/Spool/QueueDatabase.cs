using FullStack.Store;
using FullStack.Store.Index;
using FullStack.Store.Upgrades;

namespace FullStack.Queue.Spool;

/// <summary>The queue's database, as upgrades see it.</summary>
public static class QueueDatabase
{
    /// <summary>The version of its tables that this program writes.</summary>
    public static int Version => QueueSchema.Version;

    /// <summary>The database in a queue's folder; null where there is none.</summary>
    public static UpgradableDatabase? Find(string folder)
    {
        string path = Path.Combine(folder, "queue.db");
        return File.Exists(path) ? new(path, static path => new IndexConnection(path, SyncMode.Full, QueueSchema.Version, QueueSchema.Upgrade).Dispose()) : null;
    }
}
