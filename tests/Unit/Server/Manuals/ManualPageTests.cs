using FullStack.Harness;
using FullStack.Server.Cli;
using FullStack.Server.Configuration;

namespace FullStack.Unit.Server.Manuals;

/// <summary>docs/man says what the program says. With UPDATE_GOLDEN=1 the pages are written anew.</summary>
public sealed class ManualPageTests
{
    [Fact]
    public void Every_command_is_in_the_manual()
    {
        using MemoryStream log = new();
        Terminal terminal = new() { Input = TextReader.Null, Output = TextWriter.Null, Error = TextWriter.Null, Log = log };
        RequirePage("fullstack.1", ManualPages.OfCommands(CommandLine.Root(terminal)));
    }

    [Fact]
    public void Every_setting_is_in_the_manual()
    {
        string page = ManualPages.OfSettings(Settings.All);
        RequirePage("fullstack.yaml.5", page);
        Assert.All(Settings.All, setting => Assert.Contains($"\n.B {setting.Name}\n", page, StringComparison.Ordinal));
    }

    private static void RequirePage(string name, string text)
    {
        string file = SourceTree.PathOf("docs", "man", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, text);
        Assert.True(File.Exists(file) && File.ReadAllText(file) == text, $"docs/man/{name} is not what the program says: make it anew with UPDATE_GOLDEN=1 dotnet test tests/Unit");
    }
}
