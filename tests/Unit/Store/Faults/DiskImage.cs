using System.Security.Cryptography;
using System.Text;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;

namespace FullStack.Unit.Store.Faults;

/// <summary>What a power cut left, as it can be put into a real directory.</summary>
internal sealed class DiskImage
{
    private enum Unsynced
    {
        Whole,
        Empty,
        Half,
        Blank,
    }

    private readonly SortedDictionary<string, ContentEffect?> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IndexEffect> _durable = [], _present = [];

    private DiskImage()
    {
    }

    /// <summary>Two images with the same one cannot be told apart by a store.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>The images of one choice of names: file contents that were not synced are whole, gone or cut.</summary>
    public static IEnumerable<DiskImage> Build(Journal journal, Effect[] effects, bool[] outcome)
    {
        foreach (Unsynced unsynced in Enum.GetValues<Unsynced>())
        {
            DiskImage image = new();
            Dictionary<Node, Dictionary<string, Node>> names = [];
            Dictionary<Node, ContentEffect> present = [], durable = [];
            for (int i = 0; i < effects.Length; i++)
                image.Apply(effects[i], outcome[i], names, present, durable);
            bool differs = image.Collect(journal.Root, "", names, node => Content(node, unsynced, present, durable, isSafe: node.IsLock && !journal.LosesLocks));
            image.Digest = image.MakeDigest();
            yield return image;
            if (!differs)
                yield break;
        }
    }

    /// <summary>Makes the files and directories.</summary>
    /// <param name="root">An empty directory.</param>
    /// <param name="index">Which state of the index databases to put there.</param>
    public void WriteTo(string root, IndexState index)
    {
        Dictionary<Node, string> written = [];
        PosixFiles files = new(SyncMode.None);
        foreach ((string path, ContentEffect? file) in _entries)
        {
            string target = root + path;
            if (file is null)
                Directory.CreateDirectory(target);
            else if (written.TryGetValue(file.File, out string? other))
                files.Link(FilePath.Of(other), FilePath.Of(target));
            else
            {
                File.WriteAllBytes(written[file.File] = target, file.Octets);
                if (Path.GetFileName(path) == UidListFile.Name)
                    OwnInodes.Mend(target);
                if (file.Modified is { } time)
                    File.SetLastWriteTimeUtc(target, time.UtcDateTime);
                else if (path.EndsWith(".lock", StringComparison.Ordinal))
                    File.SetLastWriteTimeUtc(target, DateTime.UnixEpoch.AddYears(40)); // The machine has been started again since.
            }
        }

        if (index == IndexState.Lost)
            return;
        foreach (IndexEffect database in (index == IndexState.Durable ? _durable : _present).Values)
        {
            string path = Path.Combine(root, database.Path);
            if (!Directory.Exists(Path.GetDirectoryName(path)))
                continue;
            File.WriteAllBytes(path, database.Database);
            if (database.Log.Length > 0)
                File.WriteAllBytes(path + "-wal", database.Log);
        }
    }

    /// <summary>Whether the databases have anything that a power cut may take.</summary>
    public bool IndexDiffers => _present.Any(p => _durable.GetValueOrDefault(p.Key) != p.Value);

    public override string ToString() => string.Join('\n', _entries.Select(static e => e.Value is { } file ? $"{e.Key} {file.Octets.Length}" : e.Key + "/"));

    private void Apply(
        Effect effect, bool kept, Dictionary<Node, Dictionary<string, Node>> names,
        Dictionary<Node, ContentEffect> present, Dictionary<Node, ContentEffect> durable)
    {
        switch (effect)
        {
            case NameEffect name when kept:
                Dictionary<string, Node> directory = names.TryGetValue(name.Directory, out Dictionary<string, Node>? known)
                    ? known : names[name.Directory] = new(StringComparer.Ordinal);
                if (name.Added is null)
                    directory.Remove(name.Name);
                else
                    directory[name.Name] = name.Added;
                break;
            case ContentEffect content:
                present[content.File] = content;
                break;
            case SyncEffect { Synced: { IsDirectory: false } file }:
                durable[file] = present[file];
                break;
            case SyncEffect { Synced: null }:
                foreach ((Node file, ContentEffect content) in present)
                    durable[file] = content;
                break;
            case IndexEffect index:
                _present[index.Path] = index;
                if (index.Durable)
                    _durable[index.Path] = index;
                break;
        }
    }

    private static (ContentEffect Content, bool Differs) Content(
        Node node, Unsynced unsynced, Dictionary<Node, ContentEffect> present, Dictionary<Node, ContentEffect> durable, bool isSafe)
    {
        ContentEffect now = present.GetValueOrDefault(node) ?? new(node, [], null); // The name came, the rest not yet.
        ContentEffect? safe = durable.GetValueOrDefault(node);
        if (isSafe || safe == now || now.Octets.Length == 0 && now.Modified is null)
            return (now, false);
        return unsynced switch
        {
            Unsynced.Whole => (now, true),
            Unsynced.Empty => (safe ?? new ContentEffect(node, [], null), true),
            Unsynced.Half => (new ContentEffect(node, Torn(now.Octets, safe?.Octets ?? []), null), true),
            _ => (new ContentEffect(node, Blank(safe?.Octets ?? [], now.Octets), now.Modified), true),
        };
    }

    /// <summary>Half of what was written since the last sync; what was synced stays.</summary>
    private static byte[] Torn(byte[] now, byte[] safe)
    {
        int kept = now.AsSpan().CommonPrefixLength(safe);
        return [.. now[..(kept + (now.Length - kept) / 2)], .. safe.Skip(kept + (now.Length - kept) / 2)];
    }

    /// <summary>The length is the new one, but what was to fill it never came.</summary>
    private static byte[] Blank(byte[] safe, byte[] now)
    {
        byte[] blank = new byte[now.Length];
        safe.AsSpan(0, Math.Min(safe.Length, now.Length)).CopyTo(blank);
        return blank;
    }

    private bool Collect(
        Node directory, string path, Dictionary<Node, Dictionary<string, Node>> names, Func<Node, (ContentEffect Content, bool Differs)> read)
    {
        bool differs = false;
        foreach ((string name, Node node) in names.GetValueOrDefault(directory) ?? [])
        {
            string child = $"{path}/{name}";
            if (node.IsDirectory)
            {
                _entries[child] = null;

                // What lies in tmp/ and in the staging folder is for nobody to read.
                if (!node.IsScratch)
                    differs |= Collect(node, child, names, read);
                continue;
            }

            (ContentEffect content, bool other) = read(node);
            _entries[child] = content;
            differs |= other;
        }

        return differs;
    }

    private string MakeDigest()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string path, ContentEffect? file) in _entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}|{file?.Octets.Length}|{file?.Modified}|"));
            hash.AppendData(file?.Octets ?? []);
        }

        foreach (IndexEffect index in _present.Values.Concat(_durable.Values))
        {
            hash.AppendData(index.Database);
            hash.AppendData(index.Log);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

/// <summary>Which state of the index databases a disk image has.</summary>
internal enum IndexState
{
    /// <summary>As written last.</summary>
    Present,

    /// <summary>As of the last commit that had to be durable.</summary>
    Durable,

    /// <summary>No database is left.</summary>
    Lost,
}
