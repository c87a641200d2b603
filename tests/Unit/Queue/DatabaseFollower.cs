using FullStack.Unit.Store.Faults;

namespace FullStack.Unit.Queue;

/// <summary>Puts each transaction into the journal: half written, written, synced.</summary>
internal sealed class DatabaseFollower(Journal journal, string root, string folder)
{
    private readonly string _path = Path.GetRelativePath(root, Path.Combine(folder, "queue.db"));
    private byte[] _synced = [];

    public void Note()
    {
        byte[] database = Read(Path.Combine(root, _path)), log = Read(Path.Combine(root, _path + "-wal"));
        int same = log.AsSpan().CommonPrefixLength(_synced);
        journal.Add(new IndexEffect(_path, false, database, log[..(same + (log.Length - same) / 2)]));
        journal.Add(new IndexEffect(_path, false, database, log));
        journal.Add(new IndexEffect(_path, true, database, log));
        _synced = log;
    }

    private static byte[] Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] octets = new byte[file.Length];
        file.ReadExactly(octets);
        return octets;
    }
}
