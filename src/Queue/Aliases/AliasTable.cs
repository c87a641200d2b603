namespace FullStack.Queue.Aliases;

/// <summary>A file of aliases that was read and is whole.</summary>
public sealed class AliasTable
{
    /// <summary>Files within files that are followed.</summary>
    public const int MaxIncludeDepth = 8;

    private readonly IReadOnlyDictionary<string, AliasEntry> _entries;

    private AliasTable(string file, IReadOnlyDictionary<string, AliasEntry> entries) => (File, _entries) = (file, entries);

    /// <summary>No aliases.</summary>
    public static AliasTable Empty { get; } = new("", new Dictionary<string, AliasEntry>());

    /// <summary>Where it was read; empty: nowhere.</summary>
    public string File { get; }

    public int Count => _entries.Count;

    /// <summary>All entries, in no order.</summary>
    public IEnumerable<AliasEntry> Entries => _entries.Values;

    /// <summary>All targets of all entries; those in files that are included are not counted.</summary>
    public IEnumerable<AliasTarget> Targets => _entries.Values.SelectMany(static entry => entry.Targets);

    public override string ToString() => File;

    /// <summary>Reads a file, and the files that it includes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="problems">Takes all that is wrong with any of them.</param>
    /// <returns>Null where anything is.</returns>
    public static AliasTable? Load(string file, ICollection<AliasProblem> problems)
    {
        List<AliasProblem> found = [];
        AliasTable? table = null;
        if (TargetFiles.ReadText(file, TargetFiles.MaxOctets, found) is { } text)
        {
            table = new(file, AliasReader.Read(file, text, found));
            TargetFiles files = new();
            HashSet<string> whole = [];
            foreach (AliasEntry entry in table.Entries.OrderBy(static entry => entry.Line))
                CheckIncludes(file, entry.Line, entry.Targets, files, [], whole, found);
        }

        foreach (AliasProblem problem in found)
            problems.Add(problem);
        return found.Count == 0 ? table : null;
    }

    /// <summary>The entry of a name, in any case; null where there is none.</summary>
    public AliasEntry? Find(string name) => _entries.GetValueOrDefault(name.ToLowerInvariant());

    private static void CheckIncludes(
        string file, int line, IReadOnlyList<AliasTarget> targets, TargetFiles files, List<string> path, HashSet<string> whole, List<AliasProblem> found)
    {
        foreach (IncludeTarget include in targets.OfType<IncludeTarget>())
        {
            if (path.Contains(include.Path))
                found.Add(new(file, line, $"{include.Path} includes itself"));
            else if (path.Count == MaxIncludeDepth)
                found.Add(new(file, line, $"expected at most {MaxIncludeDepth} files that include each other"));
            else if (whole.Add(include.Path) && files.ReadIncluded(include.Path, found) is { } inside)
            {
                path.Add(include.Path);
                CheckIncludes(include.Path, 0, inside, files, path, whole, found);
                path.RemoveAt(path.Count - 1);
            }
        }
    }
}
