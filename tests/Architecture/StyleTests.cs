using System.Text.RegularExpressions;

namespace FullStack.Architecture;

/// <summary>What the house style asks of names, comments, clocks and exceptions.</summary>
public sealed partial class StyleTests
{
    /// <summary>TLS asks the system's clock, and no other, whether a certificate is in force.</summary>
    private static readonly string[] s_realTime = ["tests/Unit/Net/TlsUpgradeTests.cs", "tests/Unit/Smtp/Client/HostCertificates.cs", "tests/Unit/Server/AtomicReloadTests.cs"];

    private static IEnumerable<SourceFile> Tests => SourceFile.All.Where(static file => file.Path.StartsWith("tests/", StringComparison.Ordinal) && file.Name is not ("StyleTests.cs" or "SourceTests.cs"));

    [Fact]
    public void A_namespace_is_its_folder()
        => Findings.None("the folder has another name than the namespace:", SourceFile.OfProduct.Concat(Tests)
            .Where(static file => file.Lines.FirstOrDefault(static line => line.StartsWith("namespace ", StringComparison.Ordinal)) is { } line
                && line != $"namespace FullStack.{string.Join('.', file.Path.Split('/')[1..^1])};")
            .Select(static file => file.Path));

    [Fact]
    public void Every_type_says_what_it_is()
    {
        List<string> found = [];
        foreach (SourceFile file in SourceFile.OfProduct)
        {
            for (int i = 0; i < file.Lines.Count; i++)
            {
                if (!TopLevelType().IsMatch(file.Lines[i]))
                    continue;
                int before = i - 1;
                while (before >= 0 && IsAttribute(file.Lines[before]))
                    before--;
                if (before < 0 || !file.Lines[before].StartsWith("///", StringComparison.Ordinal))
                    found.Add($"{file.Path}:{i + 1}: {file.Lines[i]}");
            }
        }

        Findings.None("no summary:", found);
    }

    [Fact]
    public void Names_of_tests_are_sentences()
        => Findings.None("write what holds, as in Expunge_of_unknown_uid_is_ok:", Tests.SelectMany(static file => TestMethod().Matches(string.Join('\n', file.Lines))
            .Select(static match => match.Groups["name"].Value)
            .Where(static name => !Sentence().IsMatch(name))
            .Select(name => $"{file.Path}: {name}")));

    [Fact]
    public void Tests_do_not_sleep()
        => Findings.None("sleeps:", Tests.SelectMany(static file => file.Find(static line => line.Contains("Thread.Sleep", StringComparison.Ordinal))));

    [Fact]
    public void Tests_without_other_programs_read_no_clock()
        => Findings.None("reads the clock of the machine:", Tests
            .Where(static file => file.Project is "Unit" or "Conformance" or "Fuzz" or "Harness" && !s_realTime.Contains(file.Path))
            .SelectMany(static file => file.Find(static line => SystemClock().IsMatch(line))));

    /// <summary>A bug of ours is caught where nobody else would hear of it; what was begun is undone by who goes on throwing.</summary>
    [Fact]
    public void What_catches_everything_says_why()
    {
        List<string> found = [];
        foreach (SourceFile file in SourceFile.OfProduct)
        {
            for (int i = 0; i < file.Lines.Count; i++)
            {
                if (!CatchAll().IsMatch(file.Lines[i]))
                    continue;
                string end = file.Lines[i][..^file.Lines[i].TrimStart().Length] + "}";
                bool throws = file.Lines.Skip(i + 1).TakeWhile(line => line != end).Any(static line => line.Trim() == "throw;");
                if (!throws)
                    found.Add($"{file.Path}:{i + 1}: {file.Lines[i].Trim()}");
            }
        }

        Findings.None("say behind it why nothing more particular will do:", found);
    }

    /// <summary>A peer hears that something cannot be done now and no more: who keeps the server has to find the reason.</summary>
    [Fact]
    public void What_is_put_off_says_why_in_the_log()
    {
        List<string> found = [];
        foreach (SourceFile file in SourceFile.OfProduct.Where(static file => file.Project is "Store" or "Imap" && file.Name != "StoreContext.cs"))
        {
            for (int i = 1; i < file.Lines.Count; i++)
            {
                if (PuttingOff().IsMatch(file.Lines[i]) && !file.Lines[i - 1].Contains("Log.", StringComparison.Ordinal))
                    found.Add($"{file.Path}:{i + 1}: {file.Lines[i].Trim()}");
            }
        }

        Findings.None("log why in the line before, or use StoreContext.PutOff:", found);
    }

    [Fact]
    public void Nothing_asynchronous_is_left_to_itself()
        => Findings.None("async void, or ConfigureAwait(false) in an application:", SourceFile.OfProduct.SelectMany(static file =>
            file.Find(static line => AsyncVoid().IsMatch(line))));

    private static bool IsAttribute(string line) => line.StartsWith('[') || (line.StartsWith("    ", StringComparison.Ordinal) && line.EndsWith(']'));

    [GeneratedRegex(@"^(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|partial)\s+)*(?:class|interface|enum|struct|record(?:\s+struct|\s+class)?)\s+\w+")]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"^\s*\[(?:\w+, )*\w*(?:Fact|Theory)\b[^\n]*\n(?:\s*(?:\[|///|//|""|\{|\}|\]|new|\.\.)[^\n]*\n|\s*\n)*\s*public (?:static |async )*[\w<>\[\]]+ (?<name>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+$")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\bDateTime(?:Offset)?\.(?:UtcNow|Now|Today)\b")]
    private static partial Regex SystemClock();

    [GeneratedRegex(@"^\s*catch(?: \(Exception(?: \w+)?\))?$")]
    private static partial Regex CatchAll();

    [GeneratedRegex(@"(?:\breturn\b|\.Fail\().*\bStoreError\.Unavailable\b")]
    private static partial Regex PuttingOff();

    [GeneratedRegex(@"\basync void\b|ConfigureAwait\((?:false|true)\)")]
    private static partial Regex AsyncVoid();
}
