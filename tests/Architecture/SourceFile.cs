using FullStack.Harness;

namespace FullStack.Architecture;

/// <summary>One C# file of the project.</summary>
/// <param name="Path">Below the root, with slashes.</param>
internal sealed record SourceFile(string Path)
{
    private static readonly Lazy<IReadOnlyList<SourceFile>> s_all = new(static () => [.. Find("src"), .. Find("tests"), .. Find("bench")]);

    private string[]? _lines;

    /// <summary>All files that people wrote.</summary>
    public static IReadOnlyList<SourceFile> All => s_all.Value;

    /// <summary>The files of the product.</summary>
    public static IEnumerable<SourceFile> OfProduct => All.Where(static file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    public IReadOnlyList<string> Lines => _lines ??= File.ReadAllLines(SourceTree.PathOf(Path));

    /// <summary>The project a file belongs to: <c>Imap</c>, <c>Harness</c>.</summary>
    public string Project => Path.Split('/')[1];

    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The lines that satisfy a condition, as <c>path:line: text</c>.</summary>
    public IEnumerable<string> Find(Predicate<string> condition)
        => Lines.Select((line, i) => (line, i)).Where(pair => condition(pair.line)).Select(pair => $"{Path}:{pair.i + 1}: {pair.line.Trim()}");

    private static IEnumerable<SourceFile> Find(string folder)
    {
        string root = SourceTree.PathOf(folder);
        return !Directory.Exists(root)
            ? []
            : Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(static file => System.IO.Path.GetRelativePath(SourceTree.Root, file).Replace('\\', '/'))
                .Where(static path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(static path => new SourceFile(path));
    }
}
