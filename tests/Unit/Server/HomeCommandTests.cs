using System.Text.Json;
using FullStack.Harness;
using FullStack.Server.Cli;

namespace FullStack.Unit.Server;

/// <summary>Commands about accounts of other directories, whose mail is in homes.</summary>
public sealed class HomeCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string _config;

    public HomeCommandTests()
    {
        _config = _folder.File("fullstack.yaml");
        foreach (string user in (string[])["dora", "emil", "moved"])
            Directory.CreateDirectory(_folder.File($"homes/{user}"));
        WriteUsers("dora");
        WriteConfiguration("home");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Accounts_in_homes_are_listed_checked_and_moved()
    {
        Assert.Equal("[]\n", (await RunAsync("mailbox", "place", "--json")).Output);
        Assert.Equal(ExitCode.Ok, (await RunAsync("mailbox", "list", "dora@example.test")).ExitCode);
        Assert.True(Directory.Exists(_folder.File("homes/dora/Maildir/cur")));
        Assert.Equal("1 accounts checked, 0 problems\n", (await RunAsync("mailbox", "check")).Output);
        Assert.Equal((_folder.File("homes/dora/Maildir"), ""), await PlaceAsync());

        WriteUsers("moved");
        Assert.Equal((_folder.File("homes/dora/Maildir"), "it has to be moved"), await PlaceAsync());
        Assert.Equal(ExitCode.Failed, (await RunAsync("mailbox", "list", "dora@example.test")).ExitCode);
        CommandRun moved = await RunAsync("mailbox", "place", "dora@example.test", "--move");
        Assert.Equal((ExitCode.Ok, $"dora@example.test: {_folder.File("homes/moved/Maildir")}\n"), (moved.ExitCode, moved.Output));
        Assert.Equal((_folder.File("homes/moved/Maildir"), ""), await PlaceAsync());

        WriteConfiguration("root");
        Assert.Equal(ExitCode.Failed, (await RunAsync("mailbox", "list", "dora@example.test")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await RunAsync("mailbox", "place", "dora@example.test", "--move")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await RunAsync("mailbox", "list", "dora@example.test")).ExitCode);
        Assert.True(Directory.Exists(_folder.File("data/mail/example.test/dora/Maildir/cur")));
        Assert.Equal(ExitCode.Usage, (await RunAsync("mailbox", "place", "--move")).ExitCode);
    }

    private async Task<(string? Maildir, string? Problem)> PlaceAsync()
    {
        using JsonDocument listed = JsonDocument.Parse((await RunAsync("mailbox", "place", "--json")).Output);
        JsonElement only = Assert.Single(listed.RootElement.EnumerateArray());
        return (only.GetProperty("maildir").GetString(), only.GetProperty("problem").GetString());
    }

    private void WriteUsers(string home) => File.WriteAllText(_folder.File("users"), $"dora:{{PLAIN}}x:1000:1000::{_folder.File($"homes/{home}")}::\nemil:{{PLAIN}}x:1000:1000::{_folder.File("homes/emil")}::\n");

    private void WriteConfiguration(string place) => File.WriteAllText(_config, $$"""
        hostname: mail.example.test
        data: ./data
        domains: [example.test]
        store: { sync: none, place: {{place}}, home_roots: [{{_folder.File("homes")}}] }
        directories: [{ name: staff, type: passwd, file: {{_folder.File("users")}}, domains: [example.test] }]
        listeners: [{ protocol: imap, address: "127.0.0.1:0" }]
        """);

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync("", [.. arguments, "--config", _config]);
}
