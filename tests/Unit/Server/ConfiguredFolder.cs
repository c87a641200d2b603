using FullStack.Harness;
using FullStack.Server.Cli;
using FullStack.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Server;

/// <summary>A folder with a configuration in it, for commands that are run while no server is.</summary>
internal sealed class ConfiguredFolder : IDisposable
{
    private readonly ScratchFolder _folder = new();

    /// <param name="domains">Local domains, with commas between.</param>
    public ConfiguredFolder(string domains = "example.test")
    {
        Configuration = File("fullstack.yaml");
        System.IO.File.WriteAllText(Configuration, $$"""
            hostname: mail.example.test
            data: ./data
            domains: [{{domains}}]
            store: { sync: none }
            listeners: [{ protocol: imap, address: "127.0.0.1:0" }]
            """);
    }

    /// <summary>The configuration's path.</summary>
    public string Configuration { get; }

    public string File(string name) => _folder.File(name);

    public Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync("", [.. arguments, "--config", Configuration]);

    public async Task AddUserAsync(string address)
        => Assert.Equal(ExitCode.Ok, (await CommandRun.OfAsync("secret\n", "user", "add", address, "--config", Configuration)).ExitCode);

    /// <summary>The store, as a server has it.</summary>
    public MailStore OpenStore()
        => new(new StoreOptions { Root = File("data/mail"), HostName = "mail.example.test", Sync = SyncMode.None }, TimeProvider.System, NullLoggerFactory.Instance);

    public void Dispose() => _folder.Dispose();
}
