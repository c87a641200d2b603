using System.Text.Json;
using FullStack.Harness;
using FullStack.Server.Cli;

namespace FullStack.Unit.Server;

public sealed class QuotaCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string _config;

    public QuotaCommandTests()
    {
        _config = _folder.File("fullstack.yaml");
        File.WriteAllText(_config, "hostname: mail.example.test\ndata: ./data\ndomains: [example.test]\nquota: { account: 10GiB }\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_quota_of_a_user_is_set_shown_and_listed()
    {
        await AddAsync("alice");
        await AddAsync("bob");
        Assert.Equal("alice@example.test may keep: 10GiB\n", await OutputAsync("user", "quota", "alice@example.test"));
        Assert.Equal("alice@example.test may keep: 5GiB\n", await OutputAsync("user", "quota", "Alice@example.test", "--storage", "5GiB"));
        Assert.Equal("alice@example.test may keep: 5GiB and 1000 messages\n", await OutputAsync("user", "quota", "alice@example.test", "--messages", "1000"));
        Assert.Equal("alice@example.test  5GiB  1000\nbob@example.test\n", await OutputAsync("user", "list"));
        Assert.Equal("alice@example.test may keep: 10GiB and 1000 messages\n", await OutputAsync("user", "quota", "alice@example.test", "--storage", "default"));
        Assert.Equal("alice@example.test may keep: unlimited\n", await OutputAsync("user", "quota", "alice@example.test", "--none"));
        using (JsonDocument listed = JsonDocument.Parse(await OutputAsync("user", "list", "--json")))
        {
            Assert.Equal("unlimited", listed.RootElement[0].GetProperty("storage").GetString());
            Assert.Equal(JsonValueKind.Null, listed.RootElement[1].GetProperty("storage").ValueKind);
        }

        Assert.Equal(
            "alice@example.test may keep: unlimited\nalice@example.test may have: 5 mailboxes\n",
            await OutputAsync("user", "quota", "alice@example.test", "--mailboxes", "5"));
        Assert.Equal("alice@example.test may keep: 10GiB\n", await OutputAsync("user", "quota", "alice@example.test", "--default"));
        Assert.Equal("alice@example.test\nbob@example.test\n", await OutputAsync("user", "list"));
    }

    [Fact]
    public async Task The_quota_of_a_domain_is_set_shown_and_listed()
    {
        Assert.Equal("all accounts of example.test together may keep: unlimited\n", await OutputAsync("domain", "quota", "example.test"));
        Assert.Equal(
            "all accounts of example.test together may keep: 1500MiB and 7 messages\n",
            await OutputAsync("domain", "quota", "example.test", "--storage", "1500MiB", "--messages", "7"));
        Assert.Equal("example.test  1500MiB  7\n", await OutputAsync("domain", "list"));
        using JsonDocument listed = JsonDocument.Parse(await OutputAsync("domain", "list", "--json"));
        Assert.Equal(1500L << 20, listed.RootElement[0].GetProperty("storage").GetInt64());
    }

    [Fact]
    public async Task An_account_is_said_to_have_moved_and_to_be_back()
    {
        await AddAsync("alice");
        Assert.Equal("alice@example.test is at mail.example.net:993\n", await OutputAsync("user", "move", "alice@example.test", "mail.example.net:993"));
        Assert.Equal("alice@example.test is here\n", await OutputAsync("user", "move", "alice@example.test", "--here"));
        foreach (string[] wrong in (string[][])[[], ["host", "--here"], ["a b"], ["host:0"], ["host:x"], ["-"], ["a]\r\n"]])
            Assert.Equal(ExitCode.Usage, (await RunAsync(["user", "move", "alice@example.test", .. wrong])).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await RunAsync("user", "move", "bob@example.test", "host")).ExitCode);
    }

    [Fact]
    public async Task What_holds_for_the_submissions_of_an_account_is_set_and_shown()
    {
        await AddAsync("alice");
        Assert.Equal("alice@example.test may send messages of the configured size\nalice@example.test gets copies of them: as configured\n", await OutputAsync("user", "submission", "alice@example.test"));
        Assert.Equal("alice@example.test may send messages of 10MiB\nalice@example.test gets copies of them: yes\n",
            await OutputAsync("user", "submission", "alice@example.test", "--message-size", "10MiB", "--sent-copy", "on"));
        Assert.Equal("alice@example.test may send messages of the configured size\nalice@example.test gets copies of them: yes\n",
            await OutputAsync("user", "submission", "alice@example.test", "--message-size", "default"));
        foreach (string[] wrong in (string[][])[["--message-size", "much"], ["--message-size", "0"], ["--sent-copy", "yes"]])
            Assert.Equal(ExitCode.Usage, (await RunAsync(["user", "submission", "alice@example.test", .. wrong])).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await RunAsync("user", "submission", "bob@example.test")).ExitCode);
    }

    [Fact]
    public async Task What_is_no_quota_is_refused_and_changes_nothing()
    {
        await AddAsync("alice");
        foreach (string[] wrong in (string[][])[["--storage", "much"], ["--storage", "-1"], ["--messages", "5GiB"], ["--none", "--storage", "1B"], ["--none", "--default"]])
            Assert.Equal(ExitCode.Usage, (await RunAsync(["user", "quota", "alice@example.test", .. wrong])).ExitCode);
        Assert.Equal("alice@example.test may keep: 10GiB\n", await OutputAsync("user", "quota", "alice@example.test"));
        Assert.Equal(ExitCode.NotFound, (await RunAsync("user", "quota", "bob@example.test", "--none")).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await RunAsync("domain", "quota", "example.org", "--none")).ExitCode);
    }

    [Fact]
    public async Task What_is_kept_is_shown_beside_the_limits_also_while_the_server_runs()
    {
        await AddAsync("alice");
        await AddAsync("bob");
        await OutputAsync("user", "quota", "alice@example.test", "--storage", "5GiB", "--messages", "100");
        await OutputAsync("domain", "quota", "example.test", "--messages", "1000");
        string inbox = _folder.File("data/mail/example.test/alice/Maildir/cur");
        Directory.CreateDirectory(inbox);
        Directory.CreateDirectory(_folder.File("data/mail/example.test/alice/Maildir/.Trash/new"));
        Directory.CreateDirectory(_folder.File("data/mail/example.test/alice/Maildir/.Trash/cur"));
        File.WriteAllText(Path.Combine(inbox, "1.a.host:2,T"), new string('x', 1500));
        File.WriteAllText(_folder.File("data/mail/example.test/alice/Maildir/.Trash/new/2.a.host"), new string('x', 36));
        const string text = "alice@example.test  1.5KiB       5GiB  2        100\nbob@example.test        0B      10GiB  0  unlimited\nexample.test        1.5KiB  unlimited  2       1000\n";
        Assert.Equal(text, await OutputAsync("mailbox", "quota"));
        await using (Store.TempStore held = new(root: _folder.File("data/mail")))
        {
            Assert.Equal(text, await OutputAsync("mailbox", "quota"));
            Assert.Equal(ExitCode.TryLater, (await RunAsync("mailbox", "quota", "--recount")).ExitCode);
            await held.Store.DisposeAsync();
            Assert.Equal(text, await OutputAsync("mailbox", "quota", "--recount"));
            using JsonDocument listed = JsonDocument.Parse(await OutputAsync("mailbox", "quota", "alice@example.test", "--json"));
            JsonElement alice = listed.RootElement[0];
            Assert.Equal((1536, 2, 5L << 30), (alice.GetProperty("octets").GetInt32(), alice.GetProperty("messages").GetInt32(), alice.GetProperty("octets_limit").GetInt64()));
            Assert.Equal("example.test", listed.RootElement[1].GetProperty("name").GetString());
        }
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync("", [.. arguments, "--config", _config]);

    private async Task AddAsync(string user)
        => Assert.Equal(ExitCode.Ok, (await CommandRun.OfAsync("secret\n", "user", "add", $"{user}@example.test", "--config", _config)).ExitCode);

    private async Task<string> OutputAsync(params string[] arguments)
    {
        CommandRun run = await RunAsync(arguments);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        return run.Output;
    }
}
