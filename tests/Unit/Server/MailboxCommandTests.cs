using System.Text;
using System.Text.Json;
using FullStack.Server.Cli;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Server;

public sealed class MailboxCommandTests : IDisposable
{
    private readonly ConfiguredFolder _folder = new();

    private string Root => _folder.File("data/mail");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sound_mailboxes_are_checked_and_counted()
    {
        await AddAsync("alice", "bob");
        await FillAsync("alice");
        CommandRun run = await _folder.RunAsync("mailbox", "check");
        Assert.Equal((ExitCode.Ok, "2 accounts checked, 0 problems\n", ""), (run.ExitCode, run.Output, run.Error));
        run = await _folder.RunAsync("mailbox", "check", "Alice@example.test", "--json");
        Assert.Equal((ExitCode.Ok, "[]\n"), (run.ExitCode, run.Output));
        run = await _folder.RunAsync("mailbox", "list", "alice@example.test");
        Assert.Equal("1  1  17  INBOX\n0  0   0  Work\n", run.Output);
        Assert.Equal(ExitCode.NotFound, (await _folder.RunAsync("mailbox", "check", "nobody@example.test")).ExitCode);
    }

    [Fact]
    public async Task Broken_rules_are_printed_and_end_with_1()
    {
        await AddAsync("alice", "bob");
        await FillAsync("alice");
        using (SqliteConnection index = new($"Data Source={Path.Combine(Root, "example.test/alice/index.db")};Pooling=false"))
        {
            index.Open();
            using SqliteCommand same = index.CreateCommand();
            same.CommandText = "UPDATE mailboxes SET uidvalidity = 4000000000";
            Assert.InRange(same.ExecuteNonQuery(), 2, 10);
        }

        CommandRun run = await _folder.RunAsync("mailbox", "check");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("alice@example.test", run.Output, StringComparison.Ordinal);
        Assert.Contains("rule 2: its UIDVALIDITY 4000000000 is zero or that of another mailbox", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("bob@example.test", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("2 accounts checked, 1 problems\n", run.Output, StringComparison.Ordinal);
        run = await _folder.RunAsync("mailbox", "check", "alice@example.test", "--json");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        using JsonDocument listed = JsonDocument.Parse(run.Output);
        Assert.Equal("alice@example.test", Assert.Single(listed.RootElement.EnumerateArray()).GetProperty("account").GetString());
        Assert.Equal(ExitCode.Ok, (await _folder.RunAsync("mailbox", "check", "bob@example.test")).ExitCode);
    }

    [Fact]
    public async Task Damaged_list_is_found_and_rebuilt_with_all_numbers()
    {
        await AddAsync("alice");
        await FillAsync("alice");
        string list = Path.Combine(Root, "example.test/alice/Maildir/fullstack-uidlist");
        string[] lines = await File.ReadAllLinesAsync(list, TestContext.Current.CancellationToken);
        int message = Array.FindIndex(lines, static line => line.Length > 9 && char.IsAsciiDigit(line[9]));
        lines[message] = lines[message].Replace(" :1", " :2", StringComparison.Ordinal);
        await using (FileStream file = new(list, FileMode.Open, FileAccess.Write)) // In place: it stays the same file.
            file.Write(Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"));
        CommandRun run = await _folder.RunAsync("mailbox", "check");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("INBOX: rule 9: 1 lines of", run.Output, StringComparison.Ordinal);
        Assert.Contains("lacks UID 1 or has another file name for it; rebuild the mailbox", run.Output, StringComparison.Ordinal);

        run = await _folder.RunAsync("mailbox", "rebuild", "alice@example.test", "inbox");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Matches("^1  2  [0-9]+  INBOX\n$", run.Output);
        run = await _folder.RunAsync("mailbox", "check");
        Assert.Equal((ExitCode.Ok, "1 accounts checked, 0 problems\n"), (run.ExitCode, run.Output));
        run = await _folder.RunAsync("mailbox", "rebuild", "alice@example.test", "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(ExitCode.NotFound, (await _folder.RunAsync("mailbox", "rebuild", "alice@example.test", "None")).ExitCode);
        Assert.Equal(ExitCode.BadData, (await _folder.RunAsync("mailbox", "rebuild", "alice@example.test", "a..b")).ExitCode);
        run = await _folder.RunAsync("mailbox", "rebuild", "--after-restore", "alice@example.test", "INBOX");
        Assert.Matches("^1  1[0-9]{3,}  [0-9]+  INBOX\n$", run.Output);
        Assert.Equal(ExitCode.Ok, (await _folder.RunAsync("mailbox", "check")).ExitCode);
    }

    [Fact]
    public async Task A_store_that_a_server_holds_is_busy_for_commands_and_other_servers()
    {
        await AddAsync("alice");
        await using MailStore held = _folder.OpenStore();
        foreach (string[] command in (string[][])[["mailbox", "list", "alice@example.test"], ["mailbox", "check"], ["serve"]])
        {
            CommandRun run = await _folder.RunAsync(command);
            Assert.Equal(ExitCode.TryLater, run.ExitCode);
            string expected = command is ["serve"]
                ? $"fullstack: {_folder.Configuration}:2: data: {Path.GetDirectoryName(Root)} is in use by another server, process {Environment.ProcessId}"
                : $"fullstack: the mail store {Root} is in use by another process";
            Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
        }
    }

    private async Task AddAsync(params string[] users)
    {
        foreach (string user in users)
            await _folder.AddUserAsync($"{user}@example.test");
    }

    /// <summary>A message in the INBOX, and a second mailbox.</summary>
    private async Task FillAsync(string user)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using MailStore store = _folder.OpenStore();
        Assert.True(AccountName.TryCreate(user, "example.test", out AccountName? name));
        await using StagedMessage message = store.Stage();
        await message.WriteAsync(Encoding.ASCII.GetBytes("Subject: x\r\n\r\nx\r\n"), ct);
        await message.CompleteAsync(ct);
        Assert.True((await store.DeliverAsync(message, [name], ct))[0].Ok);
        using AccountLease lease = (await store.OpenAccountAsync(name, ct)).Value;
        Assert.True(MailboxName.TryParse("Work", out MailboxName? work));
        Assert.True((await lease.Account.CreateAsync(work, SpecialUse.None, ct)).Ok);
        Assert.True((await lease.Account.StatusAsync(MailboxName.Inbox, ct)).Ok);
    }
}
