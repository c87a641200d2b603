using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Documents;
using FullStack.Server.Cli;
using FullStack.Server.Configuration;

namespace FullStack.Unit.Server;

/// <summary>What the pages for administrators say of commands, of the configuration and of units is known to the program.</summary>
public sealed class DocumentedCommandsTests
{
    private static readonly string[] s_documents =
    [
        "README.md", "docs/admin.md", "docs/reference.md", "docs/clients.md", "docs/doctor.md", "docs/limits.md", "docs/migrate.md", "docs/queue.md", "docs/troubleshooting.md",
    ];

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Documents => [.. s_documents];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_command_line_is_one_that_the_program_knows(string document)
    {
        string text = File.ReadAllText(SourceTree.PathOf(document));
        List<string> wrong = [];
        foreach (DocumentBlock block in MarkdownBlocks.Of(text).Where(static block => block.Kind is BlockKind.Commands or BlockKind.Staging or BlockKind.Other))
        {
            foreach (string command in block.Text.Split('\n').SelectMany(CommandsIn))
                wrong.AddRange(Parse(command).Errors.Select(error => $"{command}: {error.Message}"));
        }

        // In a sentence a command may be half of one.
        foreach (Match named in Matches(text, "`(?:[^`\n]* )?fullstack ([a-z][^`\n]*)`"))
            wrong.AddRange(Unknown(Parse(Simple(named.Groups[1].Value))).Select(token => $"{named.Value}: {token}"));
        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_configuration_is_one_that_the_program_takes(string document)
    {
        using ScratchFolder folder = new();
        foreach (DocumentBlock block in MarkdownBlocks.Of(File.ReadAllText(SourceTree.PathOf(document))).Where(IsConfiguration))
        {
            string configuration = block.Text;
            foreach (Match secret in Matches(configuration, @"_file: ([-a-z.]+)"))
                File.WriteAllText(folder.File(secret.Groups[1].Value), "secret\n");
            foreach ((string key, string value) in (ReadOnlySpan<(string, string)>)[("hostname", "mail.example.test"), ("data", "/var/lib/fullstack"), ("web", "{ listeners: [{ address: \"*:80\" }] }")])
                configuration += Matches(configuration, $"(?m)^{key}:").Count == 0 ? $"{key}: {value}\n" : "";
            ConfigurationFile parsed = ConfigurationFile.Parse(configuration, folder.File("fullstack.yaml"), withRules: false);
            Assert.True(parsed.Problems.Count == 0, $"{document}:{block.Line}: {string.Join('\n', parsed.Problems.Select(static problem => problem.In("")))}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_key_and_unit_that_is_named_is_there(string document)
    {
        string text = File.ReadAllText(SourceTree.PathOf(document));
        string[] known = [.. Settings.All.Select(static setting => setting.Name)];
        HashSet<string> sections = [.. known.Where(static name => name.Contains('.', StringComparison.Ordinal)).Select(static name => name.Split('.')[0])];
        foreach (Match named in Matches(text, @"`([a-z_]+\.[a-z_0-9.]*[a-z_0-9])(?::[^`\n]*)?`"))
        {
            string key = named.Groups[1].Value;
            if (sections.Contains(key.Split('.')[0]) && !IsFinding(text, key) && Matches(key, @"\.(db|md|yaml|json|keys|secret|rules)$").Count == 0)
                Assert.True(known.Any(name => name == key || name.StartsWith(key + ".", StringComparison.Ordinal)), $"{document}: there is no key {key}");
        }

        foreach (Match unit in Matches(text, @"\bfullstack[-a-z]*\.(service|socket|timer)\b"))
            Assert.True(File.Exists(SourceTree.PathOf("conf", unit.Value)), $"{document}: there is no unit {unit.Value}");
    }

    /// <summary>A name of what the doctor finds looks like a key: those of <c>docs/doctor.md</c>.</summary>
    private static bool IsFinding(string text, string name)
        => name.EndsWith(".ok", StringComparison.Ordinal) || name.EndsWith(".unknown", StringComparison.Ordinal) || (text + File.ReadAllText(SourceTree.PathOf("docs", "doctor.md"))).Contains($"| `{name}` |", StringComparison.Ordinal);

    private static bool IsConfiguration(DocumentBlock block)
        => block.Kind == BlockKind.Configuration
            || (block.Kind == BlockKind.Other && Matches(block.Text, @"\A([a-z_]+):") is [Match first] && Settings.All.Any(setting => setting.Name.Split('.')[0] == first.Groups[1].Value));

    /// <summary>The program's command lines in a line of a shell, or of a list of commands, each without its first word.</summary>
    private static IEnumerable<string> CommandsIn(string line)
        => Matches(Regex.Replace(line, @"\$\([^()]*\)", "X", RegexOptions.None, s_limit), @"(?:^|[|;&(] ?|-- |do |! )(?:/usr/lib/fullstack-mail/)?fullstack(?= |$)([^|;&><#)]*)")
            .Select(static found => Simple(found.Groups[1].Value));

    /// <summary>Without what explains a command behind it, what may be left out written as if it were said, and a number where a number is meant.</summary>
    private static string Simple(string command)
    {
        string text = command.Trim();
        int end = Matches(text, @"  |…|, ") is [Match first, ..] ? first.Index : text.Length;
        return Regex.Replace(text[..end].Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('\'', '"'), @"\bN\b", "1", RegexOptions.None, s_limit);
    }

    private static ParseResult Parse(string command)
    {
        Terminal terminal = new() { Input = TextReader.Null, Output = TextWriter.Null, Error = TextWriter.Null, Log = Stream.Null };
        return CommandLine.Parse([.. CommandLineParser.SplitCommandLine(command)], terminal);
    }

    /// <summary>What the program does not know; the names of sendmail have options that are read elsewhere.</summary>
    private static IReadOnlyList<string> Unknown(ParseResult line) => line.CommandResult.Command.TreatUnmatchedTokensAsErrors ? line.UnmatchedTokens : [];

    private static MatchCollection Matches(string text, string pattern) => Regex.Matches(text, pattern, RegexOptions.CultureInvariant, s_limit);
}
