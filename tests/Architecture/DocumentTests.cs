using System.Text.RegularExpressions;
using FullStack.Harness;

namespace FullStack.Architecture;

/// <summary>What documents point at is there: other documents, their headings, files and folders of the project; and a reader of README.md comes to all of them.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] s_documents = [.. new[] { "", "docs", "bench", "tests" }
        .SelectMany(static folder => Directory.EnumerateFiles(SourceTree.PathOf(folder), "*.md", folder.Length == 0 ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories))
        .Select(static file => Path.GetRelativePath(SourceTree.Root, file))
        .Where(static path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    [Fact]
    public void Links_lead_somewhere()
        => Findings.None("leads nowhere:", s_documents.SelectMany(static document => LinksIn(document)
            .Where(static link => !IsThere(link.Target, link.Heading))
            .Select(link => $"{document}: {link.Target}{(link.Heading.Length > 0 ? "#" + link.Heading : "")}")));

    [Fact]
    public void Paths_that_are_named_are_there()
        => Findings.None("not there:", s_documents.SelectMany(static document => NamedPath().Matches(TextOf(document)).Select(static match => match.Groups["path"].Value)
            .Where(static path => !Path.Exists(SourceTree.PathOf(path)))
            .Select(path => $"{document}: {path}")));

    [Fact]
    public void Every_document_for_readers_is_reached_from_the_first()
    {
        HashSet<string> reached = [];
        Queue<string> next = new(["README.md"]);
        while (next.TryDequeue(out string? document))
        {
            if (!reached.Add(document) || !s_documents.Contains(document))
                continue;
            foreach ((string target, _) in LinksIn(document))
                next.Enqueue(target);
        }

        Findings.None("no link leads to:", s_documents.Where(document => document.StartsWith("docs/", StringComparison.Ordinal) && !reached.Contains(document)));
    }

    /// <summary>Links within the project: the path from its root, and the heading.</summary>
    private static IEnumerable<(string Target, string Heading)> LinksIn(string document)
        => Link().Matches(TextOf(document)).Select(static match => match.Groups["to"].Value)
            .Where(static to => !to.Contains(':', StringComparison.Ordinal))
            .Select(static to => to.Split('#'))
            .Select(parts => (parts[0].Length == 0 ? document : Resolve(document, parts[0]), parts.ElementAtOrDefault(1) ?? ""));

    private static string Resolve(string document, string path)
        => Path.GetRelativePath(SourceTree.Root, Path.GetFullPath(SourceTree.PathOf(Path.GetDirectoryName(document)!, path)));

    private static bool IsThere(string path, string heading)
        => Path.Exists(SourceTree.PathOf(path)) && (heading.Length == 0 || Heading().Matches(TextOf(path)).Any(match => AnchorOf(match.Groups["text"].Value) == heading));

    /// <summary>What a page of this heading is linked by.</summary>
    private static string AnchorOf(string heading)
        => string.Concat(heading.Trim().ToLowerInvariant().Where(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    /// <summary>A document without what it shows of other files.</summary>
    private static string TextOf(string document) => Fence().Replace(File.ReadAllText(SourceTree.PathOf(document)), "");

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<path>(?:src|tests|docs|conf|bench|build)/[\w./-]*)`")]
    private static partial Regex NamedPath();

    [GeneratedRegex(@"^#+ (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
