using System.Globalization;
using System.Runtime.InteropServices;
using FullStack.Harness;
using FullStack.Harness.Documents;

namespace FullStack.Interop.Documentation;

/// <summary>What a block came to.</summary>
/// <param name="Block">The commands.</param>
/// <param name="Output">What they printed.</param>
/// <param name="ExitCode">That of the last one; null: the block was not reached.</param>
internal sealed record BlockOutcome(DocumentBlock Block, string Output, int? ExitCode);

/// <summary>Runs the commands of a document on a machine of their own (<c>machine.sh</c>), in their order and in one shell.</summary>
internal sealed class DocumentMachine : IDisposable
{
    /// <summary>The mark of a block that is run on another machine.</summary>
    public const string Elsewhere = "elsewhere";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8);

    private readonly ScratchFolder _folder = new();

    /// <summary>Runs blocks.</summary>
    /// <param name="blocks">Commands, hidden ones among them, and configurations that name the file which they are or belong to.</param>
    public async Task<IReadOnlyList<BlockOutcome>> RunAsync(IReadOnlyList<DocumentBlock> blocks)
    {
        File.SetUnixFileMode(_folder.FullPath, (UnixFileMode)Convert.ToInt32("755", 8));
        string place = Directory.CreateDirectory(_folder.File("blocks")).FullName;
        for (int i = 0; i < blocks.Count; i++)
            await File.WriteAllTextAsync(NameOf(place, i, "sh"), CommandsOf(blocks[i]), TestContext.Current.CancellationToken);
        ExternalProgram shell = new(_folder.FullPath) { Limit = s_patience };
        string runtime = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        ProgramResult run = await shell.RunAsync(
            "env", $"PROGRAM={AppContext.BaseDirectory}", $"SOURCES={SourceTree.Root}", $"COURIER={PrivateCourier.Folder}", $"DOTNET_ROOT={runtime}",
            SourceTree.PathOf("tests", "Interop", "Documentation", "machine.sh"), _folder.FullPath);
        Assert.True(run.ExitCode == 0, $"the machine could not be made: exit code {run.ExitCode}\n{run.Output}");
        return [.. blocks.Select((block, i) => new BlockOutcome(block, ReadIfThere(NameOf(place, i, "out")) ?? "", CodeOf(NameOf(place, i, "code"))))];
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Of a configuration whose first line is <c># /path</c> the file is made; with <c># added to /path</c> it is put behind what is there.</summary>
    private static string CommandsOf(DocumentBlock block)
    {
        if (block.Kind != BlockKind.Configuration)
            return block.Marks.Contains(Elsewhere) ? $"elsewhere << 'END OF BLOCK'\n{block.Text}END OF BLOCK\n" : block.Text;
        string first = block.Text.Split('\n')[0];
        (string sign, string path) = first.StartsWith("# added to ", StringComparison.Ordinal) ? (">>", first["# added to ".Length..]) : (">", first["# ".Length..]);
        return $"cat {sign} {path} << 'END OF FILE'\n{block.Text}END OF FILE\n";
    }

    private static string NameOf(string folder, int number, string ending) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number + 1}.{ending}"));

    private static int? CodeOf(string file) => ReadIfThere(file) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string? ReadIfThere(string file) => File.Exists(file) ? File.ReadAllText(file) : null;
}
