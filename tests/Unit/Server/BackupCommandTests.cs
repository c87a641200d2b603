using System.Text;
using System.Text.Json;
using FullStack.Server.Cli;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Server;

/// <summary>fullstack backup and fullstack restore, as an administrator types them.</summary>
public sealed class BackupCommandTests : IDisposable
{
    private readonly ConfiguredFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Backup => _folder.File("backups/today");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_without_a_name_is_refused()
    {
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("backup", "")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("restore", "", "alice@example.test")).ExitCode);
    }

    [Fact]
    public async Task An_account_a_mailbox_and_a_message_come_back()
    {
        await _folder.AddUserAsync("alice@example.test");
        await AppendAsync("one", "two");
        CommandRun run = await _folder.RunAsync("backup", Backup, "--json");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        using (JsonDocument report = JsonDocument.Parse(run.Output))
        {
            JsonElement row = Assert.Single(report.RootElement.EnumerateArray());
            Assert.Equal(Backup, row.GetProperty("target").GetString());
            Assert.Equal(2, row.GetProperty("linked").GetInt32());
            Assert.Empty(row.GetProperty("left").EnumerateArray());
        }

        run = await _folder.RunAsync("backup", Backup);
        Assert.Equal(ExitCode.CannotCreate, run.ExitCode);
        Assert.Contains("is there already", run.Error, StringComparison.Ordinal);

        await AppendAsync("three");
        run = await _folder.RunAsync("restore", Backup, "alice@example.test");
        Assert.Equal(ExitCode.CannotCreate, run.ExitCode);
        Assert.Contains("alice@example.test has mail now", run.Error, StringComparison.Ordinal);
        Assert.Equal(["one", "two", "three"], (await ReadAsync("INBOX")).Select(static message => message.Subject));

        run = await _folder.RunAsync("restore", Backup, "alice@example.test", "--replace");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("restored; the mail of before is in " + _folder.File("data/replaced/"), run.Output, StringComparison.Ordinal);
        Assert.Equal([(1u, "one"), (2u, "two")], await ReadAsync("INBOX"));

        run = await _folder.RunAsync("restore", Backup, "alice@example.test", "INBOX", "--as", "Old");
        Assert.Equal((ExitCode.Ok, "alice@example.test: INBOX restored as Old\n"), (run.ExitCode, run.Output));
        Assert.Equal([(1u, "one"), (2u, "two")], await ReadAsync("Old"));

        run = await _folder.RunAsync("restore", Backup, "alice@example.test", "INBOX", "--uid", "2", "--as", "Rescued");
        Assert.Equal((ExitCode.Ok, "alice@example.test: message 2 of INBOX is message 1 of Rescued now\n"), (run.ExitCode, run.Output));
        Assert.Equal([(1u, "two")], await ReadAsync("Rescued"));
        Assert.Equal(ExitCode.Ok, (await _folder.RunAsync("mailbox", "check")).ExitCode);

        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("restore", Backup, "alice@example.test", "--uid", "2")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("restore", Backup, "alice@example.test", "a..b")).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await _folder.RunAsync("restore", Backup, "nobody@example.test")).ExitCode);
        Assert.Equal(ExitCode.CannotCreate, (await _folder.RunAsync("restore", Backup, "alice@example.test", "INBOX", "--uid", "9")).ExitCode);
        run = await _folder.RunAsync("restore", _folder.File("data"), "alice@example.test", "INBOX", "--as", "More");
        Assert.Equal(ExitCode.CannotCreate, run.ExitCode);
        Assert.Contains("is no whole backup", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_data_folder_nothing_is_made()
    {
        CommandRun run = await _folder.RunAsync("backup", Backup);
        Assert.Equal(ExitCode.NoInput, run.ExitCode);
        Assert.False(Path.Exists(_folder.File("backups")));
    }

    [Fact]
    public void Progress_is_told_now_and_then_and_not_for_each_file()
    {
        using StringWriter error = new();
        Terminal terminal = new() { Input = TextReader.Null, Output = TextWriter.Null, Error = error, Log = Stream.Null };
        Assert.Equal("done", FileProgress.Run(terminal, static progress =>
        {
            for (long files = 1; files <= 25_000; files++)
                progress.Report(files);
            return "done";
        }));
        Assert.Equal(["10000 files", "20000 files"], error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task AppendAsync(params string[] subjects)
    {
        await using MailStore store = _folder.OpenStore();
        using AccountLease lease = (await store.OpenAccountAsync(Alice(), Ct)).Value;
        foreach (string subject in subjects)
        {
            await using StagedMessage message = store.Stage();
            await message.WriteAsync(Encoding.ASCII.GetBytes($"Subject: {subject}\r\n\r\nx\r\n"), Ct);
            await message.CompleteAsync(Ct);
            Assert.True((await lease.Account.AppendAsync(MailboxName.Inbox, message, MessageFlags.None, null, Ct)).Ok);
        }
    }

    private async Task<List<(uint Uid, string Subject)>> ReadAsync(string mailbox)
    {
        await using MailStore store = _folder.OpenStore();
        using AccountLease lease = (await store.OpenAccountAsync(Alice(), Ct)).Value;
        Assert.True(MailboxName.TryParse(mailbox, out MailboxName? name));
        using MailboxView view = (await lease.Account.OpenAsync(name, readOnly: true, Ct)).Value;
        List<(uint, string)> messages = [];
        for (int number = 1; number <= view.Count; number++)
        {
            await using MessageContent content = (await view.OpenMessageAsync(view.UidOf(number), Ct)).Value;
            using StreamReader text = new(content.OpenStored(0));
            messages.Add((view.UidOf(number).Value, (await text.ReadLineAsync(Ct))!["Subject: ".Length..]));
        }

        return messages;
    }

    private static AccountName Alice() => AccountName.TryCreate("alice", "example.test", out AccountName? name) ? name : throw new InvalidOperationException("alice");
}
