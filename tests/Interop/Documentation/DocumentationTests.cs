using System.Globalization;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Documents;

namespace FullStack.Interop.Documentation;

/// <summary>
/// The pages that are followed step by step do what they say: each command in them is run, in the order of the page, on a machine made for it, and prints what the page shows.
/// What needs another machine is marked as such behind the language of its block, and only held to its form.
/// </summary>
public sealed class DocumentationTests
{
    private const string ExitMark = "exit=";
    private static readonly string[] s_documents = ["admin.md", "migrate.md", "troubleshooting.md"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

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
        ExternalProgram.Require(["unshare", "ip", "nsd", "drill", "setpriv", "swaks", "curl", "openssl", .. marks.Skip(2).Where(static mark => mark != "courier")]);
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

    [Fact]
    public async Task Every_command_that_is_not_run_is_at_least_one_that_a_shell_understands()
    {
        using ScratchFolder folder = new();
        ExternalProgram shell = new(folder.FullPath);
        foreach (string document in s_documents)
        {
            IReadOnlyList<DocumentBlock> blocks = BlocksOf(document);
            foreach (DocumentBlock block in blocks.Where(static block => block.Kind == BlockKind.Commands && !IsRun(block)))
            {
                await File.WriteAllTextAsync(folder.File("block"), block.Text, Ct);
                ProgramResult read = await shell.RunAsync("bash", "-n", folder.File("block"));
                Assert.True(read.ExitCode == 0, $"{document}:{block.Line}: {read.Output}");
            }

            int firstMachine = blocks.First(static block => block.Kind == BlockKind.Machine).Line;
            Assert.DoesNotContain(blocks, block => IsRun(block) && block.Line < firstMachine);
        }
    }

    private static IReadOnlyList<DocumentBlock> BlocksOf(string document) => MarkdownBlocks.Of(File.ReadAllText(SourceTree.PathOf("docs", document)));

    private static bool IsMachine(DocumentBlock block, string name) => block.Kind == BlockKind.Machine && block.Marks[0] == name;

    private static bool IsRun(DocumentBlock block) => block.Kind switch
    {
        BlockKind.Staging => true,
        BlockKind.Commands => block.Marks.All(static mark => mark.StartsWith(ExitMark, StringComparison.Ordinal)),
        BlockKind.Configuration => block.Text.StartsWith("# /", StringComparison.Ordinal) || block.Text.StartsWith("# added to /", StringComparison.Ordinal),
        _ => false,
    };

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
