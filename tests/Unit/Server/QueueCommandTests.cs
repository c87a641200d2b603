using System.Text.Json;
using FullStack.Harness;
using FullStack.Queue;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Server.Cli;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Unit.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Server;

/// <summary>fullstack queue on a queue that no server works on.</summary>
public sealed class QueueCommandTests : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly TempStore _temp = new();
    private readonly string _config;

    public QueueCommandTests()
    {
        _config = _folder.File("fullstack.yaml");
        File.WriteAllText(_config, "hostname: mail.example.test\ndata: ./data\ndomains: [example.test]\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _temp.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("--domain", "example.net", "joe@example.net")]
    [InlineData("--recipient", "ann@example.org", "ann@example.org")]
    [InlineData("--sender", "bob@example.test", "ann@example.org")]
    public async Task Messages_are_held_listed_released_and_removed_by_what_fits_them(string option, string value, string recipient)
    {
        await FillAsync();
        string? id = Assert.Single(await JsonAsync("hold", option, value));
        using (JsonDocument listed = JsonDocument.Parse(await OutputAsync("list", option, value, "--json")))
        {
            Assert.Equal("held", listed.RootElement[0].GetProperty("state").GetString());
            Assert.Equal([recipient], listed.RootElement[0].GetProperty("recipients").EnumerateArray().Select(static one => one.GetString()));
        }

        Assert.Equal([id], await JsonAsync("release", "all")); // The other one is not held.
        Assert.Equal("1 message removed\n", await OutputAsync("remove", option, value));
        Assert.DoesNotContain(recipient, await OutputAsync("list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_are_flushed_where_nothing_else_is_said_and_none_removed()
    {
        await FillAsync();
        Assert.Equal(2, (await JsonAsync("flush")).Count);
        Assert.Equal("2 messages tried now\n", await OutputAsync("flush", "--future"));
        Assert.Equal(ExitCode.Usage, (await RunAsync("remove")).ExitCode);
        Assert.Equal(2, (await JsonAsync("hold", "all")).Count);
        Assert.Empty(await JsonAsync("flush", "all"));
    }

    private async Task FillAsync()
    {
        await using MessageQueue queue = new(_temp.Store, _folder.File("data/queue"), SyncMode.None, NullLoggerFactory.Instance);
        await queue.OpenAsync();
        QueueIdSource ids = new(TimeProvider.System);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        foreach ((string sender, string user, string domain) in ((string, string, string)[])[("alice", "joe", "example.net"), ("bob", "ann", "example.org")])
        {
            QueuedMessage message = new()
            {
                Id = ids.Next(), Envelope = new(ReversePath.To(new(sender, "example.test"))), Origin = MessageOrigin.Here, Arrived = now, Octets = 10, Skip = 0,
            };
            QueuedRecipient recipient = new() { Path = new(new(user, domain)), Destination = domain };
            await queue.EnqueueAsync(message, [recipient], [], new Patience(new QueueOptions(), new RouteTable([])), now);
        }
    }

    private async Task<List<string?>> JsonAsync(params string[] arguments)
    {
        using JsonDocument printed = JsonDocument.Parse(await OutputAsync([.. arguments, "--json"]));
        return [.. printed.RootElement.EnumerateArray().Select(static row => row.GetProperty("id").GetString())];
    }

    private async Task<string> OutputAsync(params string[] arguments)
    {
        CommandRun run = await RunAsync(arguments);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        return run.Output;
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync("", ["queue", .. arguments, "--config", _config]);
}
