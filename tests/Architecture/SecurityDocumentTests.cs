using System.Text.RegularExpressions;
using FullStack.Harness;

namespace FullStack.Architecture;

/// <summary>What docs/security.md says to be shown is shown: each test that it names is there, and each key.</summary>
public sealed partial class SecurityDocumentTests
{
    private static readonly string s_text = File.ReadAllText(SourceTree.PathOf("docs/security.md"));

    [Fact]
    public void Every_test_that_it_names_is_there()
    {
        List<string> missing = [];
        SourceFile[] tests = [.. SourceFile.All.Where(static file => file.Path.StartsWith("tests/", StringComparison.Ordinal))];
        Match[] named = [.. TestName().Matches(s_text).OfType<Match>()];
        Assert.InRange(named.Length, 30, 1000);
        foreach (Match name in named)
        {
            string type = name.Groups["type"].Value, method = name.Groups["method"].Value;
            SourceFile[] files = [.. tests.Where(file => file.Lines.Any(line => line.Contains($" class {type}", StringComparison.Ordinal)))];
            bool isThere = files.Any(file => method.Length == 0 || file.Lines.Any(line => line.Contains($" {method}(", StringComparison.Ordinal)));
            if (!isThere)
                missing.Add(name.Value);
        }

        Findings.None("named in docs/security.md and not there:", missing);
    }

    [Fact]
    public void Every_key_of_its_limits_is_one()
    {
        HashSet<string> keys = [];
        string section = "";
        foreach (string line in File.ReadLines(SourceTree.PathOf("conf/fullstack.yaml")))
        {
            if (Section().Match(line) is { Success: true } begin)
                section = begin.Groups["name"].Value;
            else if (Key().Match(line) is { Success: true } key)
                keys.Add($"{section}.{key.Groups["name"].Value}");
        }

        string table = s_text[s_text.IndexOf("## Limits", StringComparison.Ordinal)..s_text.IndexOf("## Rights", StringComparison.Ordinal)];
        string[] named = [.. LimitName().Matches(table).Select(static match => match.Groups["key"].Value)];
        Assert.InRange(named.Length, 20, 1000);
        Findings.None("no keys of the configuration:", named.Where(name => !keys.Contains(name)));
    }

    [GeneratedRegex(@"`(?<type>[A-Z]\w*Tests)(?:\.(?<method>\w+))?`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^(?<name>[a-z_0-9]+):")]
    private static partial Regex Section();

    [GeneratedRegex(@"^  #?(?<name>[a-z_]+):")]
    private static partial Regex Key();

    [GeneratedRegex(@"`(?<key>[a-z_0-9]+\.[a-z_]+)`")]
    private static partial Regex LimitName();
}
