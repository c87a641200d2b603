using System.Globalization;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Documents;

namespace FullStack.Interop.Documentation;

/// <summary>
/// The pages that are followed step by step do what they say: each command in them is run, in the order of the page, on a machine made for it, and prints what the page shows.
/// What is done on another machine is marked <c>elsewhere</c> behind the language of its block, and run under another host's name; what installs the package is marked <c>package</c>, and tests/Package runs it.
/// </summary>
public sealed class DocumentationTests
{
    private const string ExitMark = "exit=";
    private static readonly string[] s_documents = ["admin.md", "migrate.md", "troubleshooting.md"];

    /// <summary>Each machine of each page: its name is that of the scenario.</summary>
    public static TheoryData<string, string> Machines
    {
        get
        {
            TheoryData<string, string> machines = [];
            foreach (string document in s_documents)
            {
                foreach (DocumentBlock machine in BlocksOf(document).Where(static block => block.Kind == BlockKind.Machine))
                    machines.Add(document, machine.Marks[0]);
            }

            return machines;
        }
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task Commands_of_a_page_do_what_it_says(string document, string machine)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("only root can make a machine for the commands");
        DocumentBlock[] part = [.. BlocksOf(document).SkipWhile(block => !IsMachine(block, machine)).Skip(1).TakeWhile(static block => block.Kind != BlockKind.Machine)];
        IReadOnlyList<string> marks = BlocksOf(document).First(block => IsMachine(block, machine)).Marks;
        ExternalProgram.Require(["unshare", "ip", "nsd", "drill", "setpriv", "swaks", "curl", "openssl", "rsync", .. marks.Skip(2).Where(static mark => mark != "courier")]);
        await using FileStream? courier = marks.Contains("courier") ? await PrivateCourier.InstalledAsync() : null;
        using DocumentMachine documents = new();
        IReadOnlyList<BlockOutcome> outcomes = await documents.RunAsync([.. part.Where(IsRun)]);
        StringBuilder wrong = new();
        foreach (BlockOutcome outcome in outcomes)
        {
            if (ProblemOf(outcome, OutputOf(part, outcome.Block)) is { } problem)
                wrong.Append(CultureInfo.InvariantCulture, $"{document}:{outcome.Block.Line}: {problem}\n{outcome.Block.Text}--- printed:\n{outcome.Output}\n");
        }

        Assert.True(wrong.Length == 0, wrong.ToString());
    }

    /// <summary>No command can be added to the pages that no test runs: whatever looks like one belongs to a machine here, or to the tests of the package.</summary>
    [Fact]
    public void Every_block_of_a_page_is_one_that_a_test_runs_or_holds_to_what_is_printed()
    {
        foreach (string document in s_documents)
        {
            IReadOnlyList<DocumentBlock> blocks = BlocksOf(document);
            int firstMachine = blocks.First(static block => block.Kind == BlockKind.Machine).Line;
            foreach (DocumentBlock block in blocks)
            {
                string where = $"{document}:{block.Line}";
                Assert.True(block.Kind != BlockKind.Other, $"{where}: commands stand behind ```sh, where a test runs them; what they print behind ```text, configurations behind ```yaml");
                Assert.True(block.Kind != BlockKind.Commands || IsRun(block) || IsOfPackage(block), $"{where}: nothing runs a block that is marked {string.Join(' ', block.Marks)}");
                Assert.True(!IsRun(block) || block.Line > firstMachine, $"{where}: it has no machine to run on");
            }
        }
    }

    /// <summary>The tests of the package run all blocks that are marked so, by their number: these are all.</summary>
    [Fact]
    public void Every_command_about_the_package_is_run_by_the_tests_of_the_package()
    {
        string[] tests = [.. Directory.GetFiles(SourceTree.PathOf("tests", "Package"), "*.sh").Select(File.ReadAllText)];
        foreach (string document in s_documents)
        {
            int blocks = BlocksOf(document).Count(IsOfPackage);
            for (int number = 1; number <= blocks; number++)
                Assert.True(tests.Any(test => test.Contains($"documented {document} {number}", StringComparison.Ordinal)), $"nothing in tests/Package runs block {number} of {document} that is marked package");
        }
    }

    /// <summary>What the README has to be typed, and the test that types it, by words that stand in both.</summary>
    [Fact]
    public void Every_command_of_the_readme_is_run_somewhere()
    {
        (string Command, string[] Test, string Words)[] shown =
        [
            ("dotnet run --project src/Server", ["tests", "Interop", "first-run.sh"], "dotnet run --project \"$top/src/Server\""),
            ("dotnet test", [".ci", "run"], "\ndotnet test "),
            ("mutt -F fullstack-demo/muttrc", ["tests", "Interop", "first-run.sh"], "mutt -F fullstack-demo/muttrc"),
            ("set ", ["tests", "Interop", "MuttTests.cs"], "smtp_url"),
            ("build/deb && apt install ./build/out/", ["tests", "Package", "run.sh"], "documented admin.md 1"),
            ("editor /etc/fullstack/fullstack.yaml", ["tests", "Package", "run.sh"], "s/^hostname:.*/hostname: mail.example.test/"),
            ("fullstack check && systemctl start fullstack", ["docs", "admin.md"], "systemctl enable --now fullstack"),
            ("runuser -u fullstack -- fullstack user add", ["tests", "Package", "run.sh"], "fullstack user add you@example.test"),
        ];
        foreach (string line in MarkdownBlocks.Of(File.ReadAllText(SourceTree.PathOf("README.md"))).SelectMany(static block => block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
            Assert.True(shown.Any(one => line.StartsWith(one.Command, StringComparison.Ordinal)), $"README.md: nothing is known to run {line}");
        foreach ((string command, string[] test, string words) in shown)
            Assert.True(File.ReadAllText(SourceTree.PathOf(test)).Contains(words, StringComparison.Ordinal), $"{string.Join('/', test)} does not run {command}");
    }

    private static IReadOnlyList<DocumentBlock> BlocksOf(string document) => MarkdownBlocks.Of(File.ReadAllText(SourceTree.PathOf("docs", document)));

    private static bool IsMachine(DocumentBlock block, string name) => block.Kind == BlockKind.Machine && block.Marks[0] == name;

    private static bool IsRun(DocumentBlock block) => block.Kind switch
    {
        BlockKind.Staging => true,
        BlockKind.Commands => block.Marks.All(static mark => mark == DocumentMachine.Elsewhere || mark.StartsWith(ExitMark, StringComparison.Ordinal)),
        BlockKind.Configuration => block.Text.StartsWith("# /", StringComparison.Ordinal) || block.Text.StartsWith("# added to /", StringComparison.Ordinal),
        _ => false,
    };

    private static bool IsOfPackage(DocumentBlock block) => block.Kind == BlockKind.Commands && block.Marks is ["package"];

    /// <summary>What the page says that a block prints: the block of output that is the next one.</summary>
    private static string? OutputOf(DocumentBlock[] part, DocumentBlock block)
        => part.SkipWhile(other => other != block).Skip(1).FirstOrDefault() is { Kind: BlockKind.Output } output ? output.Text : null;

    private static string? ProblemOf(BlockOutcome outcome, string? expected)
    {
        if (outcome.ExitCode is not { } code)
            return "it was not reached";
        int wanted = outcome.Block.Marks.FirstOrDefault(static mark => mark.StartsWith(ExitMark, StringComparison.Ordinal)) is { } mark
            ? int.Parse(mark[ExitMark.Length..], CultureInfo.InvariantCulture) : 0;
        if (code != wanted)
            return $"exit code {code}, not {wanted}";
        return expected is not null && ExpectedOutput.Difference(expected, outcome.Output) is { } line ? $"this was to be printed: {line}" : null;
    }
}
