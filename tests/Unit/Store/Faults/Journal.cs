namespace FullStack.Unit.Store.Faults;

/// <summary>A file or a directory, whatever names it has.</summary>
internal sealed class Node(bool isDirectory, bool isScratch, bool isLock = false)
{
    /// <summary>A lock file of an mbox, or a draft of one.</summary>
    public bool IsLock { get; } = isLock;

    public bool IsDirectory { get; } = isDirectory;

    /// <summary>A directory whose names mean nothing: tmp/ and the staging folder. All that lies below is scratch as well.</summary>
    public bool IsScratch { get; } = isScratch;

    /// <summary>The names in it now, of a directory.</summary>
    public Dictionary<string, Node> Names { get; } = new(StringComparer.Ordinal);
}

/// <summary>One thing that happened to the disk, in order.</summary>
internal abstract record Effect;

/// <summary>A name came (<paramref name="Added"/> set) or went. The two halves of a rename know each other's position.</summary>
internal sealed record NameEffect(Node Directory, string Name, Node? Added, int OtherHalf = -1) : Effect;

/// <summary>A file has this content and time now.</summary>
internal sealed record ContentEffect(Node File, byte[] Octets, DateTimeOffset? Modified) : Effect;

/// <summary>A file's content, or a directory's names, are on the disk; null: everything is.</summary>
internal sealed record SyncEffect(Node? Synced) : Effect;

/// <summary>An account's index, or another database, was written. It is copied, with its log.</summary>
internal sealed record IndexEffect(string Path, bool Durable, byte[] Database, byte[] Log) : Effect;

/// <summary>
/// Everything a store did to its disk. From any beginning of it follow the states in which a power cut may leave the disk.
/// </summary>
/// <remarks>
/// What is on the disk after a cut: all that was synced; of the rest any part, but that a rename is one change to the
/// file system, as its journal makes it: the file never has neither name. A file renamed between two directories of
/// which one was synced may have both names, a directory never.
/// </remarks>
internal sealed class Journal
{
    private const int EnumerateUpTo = 7;
    private const int RandomOutcomes = 1 << EnumerateUpTo;

    private readonly Lock _gate = new();
    private readonly List<Effect> _effects = [];

    /// <summary>
    /// Whether a cut may also leave lock files otherwise than they stood: not there, there for too long, half written. As this multiplies the
    /// states of whatever is done under a lock, a few operations do it for all; for the others a lock file is there while it is held.
    /// </summary>
    public bool LosesLocks { get; init; }

    public Node Root { get; } = new(isDirectory: true, isScratch: false);

    public int Count
    {
        get
        {
            lock (_gate)
                return _effects.Count;
        }
    }

    public void Add(Effect effect)
    {
        lock (_gate)
            _effects.Add(effect);
    }

    public void AddName(Node directory, string name, Node node)
    {
        lock (_gate)
        {
            directory.Names[name] = node;
            _effects.Add(new NameEffect(directory, name, node));
        }
    }

    public void RemoveName(Node directory, string name)
    {
        lock (_gate)
        {
            directory.Names.Remove(name);
            _effects.Add(new NameEffect(directory, name, null));
        }
    }

    public void Rename(Node from, string fromName, Node to, string toName)
    {
        lock (_gate)
        {
            from.Names.Remove(fromName, out Node? node);
            to.Names[toName] = node!;
            int at = _effects.Count;
            _effects.Add(new NameEffect(to, toName, node, at + 1));
            _effects.Add(new NameEffect(from, fromName, null, at));
        }
    }

    /// <summary>Where a path below the root lies now: its directory and its name there.</summary>
    public (Node Directory, string Name) Locate(string path)
    {
        lock (_gate)
        {
            Node directory = Root;
            string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            foreach (string part in parts.SkipLast(1))
                directory = directory.Names[part];
            return (directory, parts[^1]);
        }
    }

    /// <summary>What has a path below the root now.</summary>
    public Node Find(string path)
    {
        if (path.Length == 0)
            return Root;
        lock (_gate)
        {
            (Node directory, string name) = Locate(path);
            return directory.Names[name];
        }
    }

    /// <summary>The states that a power cut after so many effects may leave, each once.</summary>
    public IReadOnlyList<DiskImage> Outcomes(int count, int seed)
    {
        Effect[] effects;
        lock (_gate)
            effects = [.. _effects[..count]];
        if (effects.Length > 0 && effects[^1] is NameEffect { Added: not null, OtherHalf: var second } && second == count)
            return []; // In the middle of a rename.
        bool[] kept = Durable(effects);
        if (!LosesLocks)
            KeepLocks(effects, kept);
        List<int> open = [];
        for (int i = 0; i < effects.Length; i++)
        {
            // In a scratch directory nothing is to be told apart; a rename within one directory is one change.
            if (effects[i] is NameEffect { Directory.IsScratch: false } name && !kept[i]
                && !(name.Added is null && name.OtherHalf >= 0 && IsOne(name, (NameEffect)effects[name.OtherHalf])))
                open.Add(i);
        }

        Dictionary<string, DiskImage> images = new(StringComparer.Ordinal);
        Random random = new(seed);
        bool all = open.Count <= EnumerateUpTo;
        for (int n = 0; n < (all ? 1 << open.Count : RandomOutcomes); n++)
        {
            bool[] outcome = [.. kept];
            for (int i = 0; i < open.Count; i++)
                outcome[open[i]] = all ? (n >> i & 1) != 0 : n == 0 || n != 1 && random.Next(2) == 0;
            JoinHalves(effects, outcome);
            foreach (DiskImage image in DiskImage.Build(this, effects, outcome))
                images.TryAdd(image.Digest, image);
        }

        return [.. images.Values];
    }

    private static bool[] Durable(Effect[] effects)
    {
        bool[] kept = new bool[effects.Length];
        for (int i = 0; i < effects.Length; i++)
        {
            if (effects[i] is not SyncEffect sync)
                continue;
            for (int before = 0; before < i; before++)
                kept[before] |= effects[before] is NameEffect name && (sync.Synced is null || sync.Synced == name.Directory);
        }

        return kept;
    }

    /// <summary>Takes every change of a lock file's name as one that reached the disk.</summary>
    private static void KeepLocks(Effect[] effects, bool[] kept)
    {
        Dictionary<(Node, string), Node> named = [];
        for (int i = 0; i < effects.Length; i++)
        {
            if (effects[i] is not NameEffect name)
                continue;
            (Node, string) place = (name.Directory, name.Name);
            kept[i] |= (name.Added ?? named.GetValueOrDefault(place))?.IsLock == true;
            if (name.Added is not null)
                named[place] = name.Added;
        }
    }

    /// <summary>Whether the halves of a rename can only happen together, seen from the one that takes the old name away.</summary>
    private static bool IsOne(NameEffect gone, NameEffect come)
        => !come.Directory.IsScratch && (gone.Directory == come.Directory || come.Added!.IsDirectory);

    private static void JoinHalves(Effect[] effects, bool[] outcome)
    {
        for (int i = 0; i < effects.Length; i++)
        {
            if (effects[i] is not NameEffect { Added: null, OtherHalf: >= 0 } gone)
                continue;
            NameEffect come = (NameEffect)effects[gone.OtherHalf];
            if (come.Directory.IsScratch)
                outcome[gone.OtherHalf] = outcome[i];
            else if (IsOne(gone, come) || gone.Directory.IsScratch)
                outcome[i] = outcome[gone.OtherHalf] |= outcome[i];
            else
                outcome[gone.OtherHalf] |= outcome[i];
        }
    }
}
