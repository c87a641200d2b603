using System.Text.RegularExpressions;
using FullStack.Harness;

namespace FullStack.Architecture;

/// <summary>What every source file keeps to.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 500;
    private const int MaxCompanionLines = 40;

    private static readonly string[] s_patternNames = ["Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Manager", "Managers", "Services", "Models"];

    /// <summary>Files that are tables of data: a limit on their length would only scatter them.</summary>
    private static readonly string[] s_dataTables = [];

    [Fact]
    public void No_file_is_longer_than_a_reader_can_keep_in_mind()
        => Findings.None($"longer than {MaxLines} lines:", SourceFile.All
            .Where(static file => file.Lines.Count > MaxLines && !s_dataTables.Contains(file.Path))
            .Select(static file => $"{file.Path}: {file.Lines.Count} lines"));

    [Fact]
    public void Folders_and_types_are_named_for_their_role()
    {
        IEnumerable<string> folders = SourceFile.All
            .SelectMany(static file => file.Path.Split('/')[..^1]).Distinct()
            .Where(static folder => s_patternNames.Contains(folder));
        IEnumerable<string> types = SourceFile.OfProduct.SelectMany(static file => file.Lines
            .Select(static line => TypeDeclaration().Match(line)).Where(static match => match.Success)
            .Select(static match => match.Groups["name"].Value)
            .Where(static name => s_patternNames.Any(pattern => name.EndsWith(pattern, StringComparison.Ordinal)))
            .Select(name => $"{file.Path}: {name}"));
        Findings.None("named for a pattern, not for what it does:", [.. folders, .. types]);
    }

    [Fact]
    public void One_type_to_a_file_and_small_companions()
    {
        List<string> found = [];
        foreach (SourceFile file in SourceFile.OfProduct)
        {
            (string Name, int Line)[] types = [.. file.Lines.Select(static (line, i) => (Match: TopLevelType().Match(line), i))
                .Where(static pair => pair.Match.Success)
                .Select(static pair => (pair.Match.Groups["name"].Value, pair.i))];
            string[] large = [.. types.Select((type, i) => (type.Name, Length: (i + 1 < types.Length ? types[i + 1].Line : file.Lines.Count) - type.Line))
                .Where(static type => type.Length > MaxCompanionLines)
                .Select(static type => type.Name)];
            if (large.Length > 1)
                found.Add($"{file.Path}: {string.Join(", ", large)}");
            else if (large.Length == 1 && !types.Any(type => type.Name == Path.GetFileNameWithoutExtension(file.Name)))
                found.Add($"{file.Path} holds {large[0]}");
        }

        Findings.None("a type should be found by its file's name:", found);
    }

    [Fact]
    public void Nothing_is_left_for_later()
        => Findings.None("unfinished:", SourceFile.OfProduct.SelectMany(static file => file.Find(static line => Unfinished().IsMatch(line))));

    [Fact]
    public void No_regions()
        => Findings.None("regions hide what should be a type of its own:", SourceFile.All.SelectMany(static file =>
            file.Find(static line => line.TrimStart().StartsWith("#region", StringComparison.Ordinal))));

    [Fact]
    public void Types_are_in_one_piece()
    {
        string[] generators = ["[LoggerMessage", "[LibraryImport", "[GeneratedRegex", "[OptionsValidator", "[JsonSerializable"];
        IEnumerable<SourceFile> files = SourceFile.OfProduct.Where(file => !file.Lines.Any(line => generators.Any(generator => line.Contains(generator, StringComparison.Ordinal))));
        Findings.None("partial without a generator that needs it:", files.SelectMany(static file =>
            file.Find(static line => PartialType().IsMatch(line))));
    }

    [Fact]
    public void Time_comes_from_the_time_provider()
        => Findings.None("reads a clock or sleeps behind the TimeProvider's back:", SourceFile.OfProduct.SelectMany(static file =>
            file.Find(static line => WallClock().IsMatch(line))));

    [Fact]
    public void Protocol_text_is_parsed_by_hand()
        => Findings.None("Regex or Split on protocol text:", SourceFile.OfProduct
            .Where(static file => file.Project is "Imap" or "Smtp" or "Pop3" or "Net")
            .SelectMany(static file => file.Find(static line => line.Contains("RegularExpressions", StringComparison.Ordinal) || SplitCall().IsMatch(line))));

    /// <summary>Only administrators write regular expressions, and those that meet what peers send cannot backtrack.</summary>
    [Fact]
    public void Regular_expressions_are_the_administrators_alone()
    {
        SourceFile[] files = [.. SourceFile.OfProduct.Where(static file => file.Lines.Any(static line => line.Contains("RegularExpressions", StringComparison.Ordinal)))];
        Assert.Equal(["src/Server/Access/AccessPattern.cs", "src/Server/Cli/SourcePattern.cs"], files.Select(static file => file.Path));
        Assert.Contains(files[0].Lines, static line => line.Contains("new(text[1..^1], RegexOptions.NonBacktracking", StringComparison.Ordinal));
    }

    [Fact]
    public void No_unsafe_code()
        => Findings.None("unsafe:", SourceFile.OfProduct.SelectMany(static file => file.Find(static line => UnsafeCode().IsMatch(line))));

    [Fact]
    public void No_logging_past_the_log_classes()
        => Findings.None("logs without a [LoggerMessage] in its project's log class:", SourceFile.OfProduct.SelectMany(static file =>
            file.Find(static line => DirectLog().IsMatch(line))));

    [Fact]
    public void The_tree_has_every_folder_the_documentation_names()
    {
        string[] wanted = ["src/Auth", "src/Imap", "src/Mime", "src/Net", "src/Pop3", "src/Queue", "src/Server", "src/Smtp", "src/Store", "tests/Harness", "conf", "docs"];
        Findings.None("missing:", wanted.Where(static folder => !Directory.Exists(SourceTree.PathOf(folder))));
    }

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|file|static|sealed|abstract|readonly|ref|partial)\s+)*(?:class|interface|enum|struct|record(?:\s+struct|\s+class)?)\s+(?<name>\w+)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|partial)\s+)*(?:class|interface|enum|struct|record(?:\s+struct|\s+class)?)\s+(?<name>\w+)")]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"\bNotImplementedException\b|//.*\b(?:TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bpartial\s+(?:class|struct|record|interface)\b")]
    private static partial Regex PartialType();

    [GeneratedRegex(@"\bDateTime(?:Offset)?\.(?:UtcNow|Now|Today)\b|\bThread\.Sleep\b|\bEnvironment\.TickCount|\bStopwatch\b")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"\.Split\(")]
    private static partial Regex SplitCall();

    [GeneratedRegex(@"^[^/""]*\bunsafe\b")]
    private static partial Regex UnsafeCode();

    [GeneratedRegex(@"\.Log(?:Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex DirectLog();
}
