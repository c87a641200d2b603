using FullStack.Harness;

namespace FullStack.Unit.Server.Acme;

/// <summary>fullstack certificate without a server that could ask for one.</summary>
public sealed class CertificateCommandTests : IDisposable
{
    private const string Settings = "acme: { certificates: [{ names: [mail.example.test, imap.example.test] }] }\nweb: { listeners: [{ address: \"*:80\" }] }\n";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_ordered_is_listed_before_it_is_there()
    {
        CommandRun run = await RunAsync(Settings, "list", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("\"source\": \"self\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"next\": \"when the server runs\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"problem\": \"not there yet\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renewing_needs_a_server() => Assert.Equal(69, (await RunAsync(Settings, "renew")).ExitCode);

    private Task<CommandRun> RunAsync(string settings, params string[] arguments)
    {
        string file = _folder.File("fullstack.yaml");
        File.WriteAllText(file, $"hostname: mail.example.test\ndata: {_folder.File("data")}\n{settings}");
        return CommandRun.OfAsync("", ["certificate", .. arguments, "--config", file]);
    }
}
