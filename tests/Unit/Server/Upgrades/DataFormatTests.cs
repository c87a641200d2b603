using System.Text.Json;
using FullStack.Auth.Backends;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue;
using FullStack.Server.Cli;
using FullStack.Server.Upgrades;
using FullStack.Store;
using FullStack.Store.Upgrades;
using FullStack.Unit.Store.Takeover;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Server.Upgrades;

/// <summary>What was written by a later program is refused and left alone; what was written by an earlier one is brought up to date, after a rehearsal.</summary>
public sealed class DataFormatTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string _config, _data;

    public DataFormatTests()
    {
        (_config, _data) = (_folder.File("fullstack.yaml"), _folder.File("data"));
        File.WriteAllText(_config, "hostname: mail.example.test\ndata: ./data\ndomains: [example.test]\n");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_version_of_a_part_has_a_new_number_for_the_whole()
        => Assert.Equal((2, (8, 4, 7)), (DataFormat.Version, DataFormat.Parts));

    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    [InlineData("user list")]
    [InlineData("queue list")]
    [InlineData("mailbox check alice@example.test")]
    [InlineData("upgrade")]
    public async Task Data_of_a_later_program_is_refused_and_left_as_it_is(string command)
    {
        Directory.CreateDirectory(_data);
        File.WriteAllText(Path.Combine(_data, DataFormat.FileName), "99\nFullStack Mail 7.1.0\n");
        CommandRun run = await CommandRun.OfAsync("", [.. command.Split(' '), "--config", _config]);
        Assert.Equal(ExitCode.BadData, run.ExitCode);
        Assert.Contains($"{_data} has format 99, written by FullStack Mail 7.1.0; this is FullStack Mail ", run.Error, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(_data, DataFormat.FileName)], Directory.GetFileSystemEntries(_data));
    }

    [Fact]
    public async Task A_server_leaves_its_number_in_the_data_folder()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        Assert.StartsWith($"{DataFormat.Version}\nFullStack Mail ", await File.ReadAllTextAsync(Path.Combine(server.Data, DataFormat.FileName), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_of_a_later_program_is_not_taken_for_a_damaged_one()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await server.DeliverAsync("alice", "Subject: one\r\n\r\n"u8.ToArray(), Ct);
        await server.StopAsync();
        string folder = StoreRoot.FolderOf(Path.Combine(server.Data, "mail"), TestMailServer.AccountOf("alice")), index = Path.Combine(folder, "index.db");
        UpgradeTests.Execute(index, "PRAGMA user_version = 99");
        byte[] before = await File.ReadAllBytesAsync(index, Ct);
        await server.RestartAsync(Ct);
        Result<AccountLease> opened = await server.Store.OpenAccountAsync(TestMailServer.AccountOf("alice"), Ct);
        StoreError error = opened.Ok ? await SelectAsync(opened.Value) : opened.Error;
        Assert.Equal(StoreError.Unavailable, error);
        Assert.Contains(server.Log.Latest, static entry => entry.Message.Contains("was written by a later version of this program: its tables are of version 99", StringComparison.Ordinal));
        await server.StopAsync();
        Assert.Equal(before, await File.ReadAllBytesAsync(index, Ct));
        Assert.DoesNotContain(Directory.GetFiles(folder), static file => file.Contains(".broken-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rehearsal_changes_nothing_and_an_upgrade_does_what_it_said()
    {
        string directory = Path.Combine(_data, "directory.db"), index = Path.Combine(_data, "mail/example.test/alice/index.db");
        Directory.CreateDirectory(Path.GetDirectoryName(index)!);
        new AccountDirectory(directory).Dispose();
        UpgradeTests.Execute(index, UpgradeTests.OldIndex);

        CommandRun rehearsal = await CommandRun.OfAsync("", "upgrade", "--rehearse", "--json", "--config", _config);
        Assert.Equal((ExitCode.Ok, ""), (rehearsal.ExitCode, rehearsal.Error));
        Assert.Equal(1, Ask(index, "PRAGMA user_version"));
        Assert.Equal(2, Directory.GetFileSystemEntries(_data).Length);
        JsonElement row = JsonDocument.Parse(rehearsal.Output).RootElement.EnumerateArray().Single(one => one.GetProperty("database").GetString() == index);
        Assert.Equal((1, AccountIndexes.Version), (row.GetProperty("before").GetInt32(), row.GetProperty("after").GetInt32()));

        CommandRun upgrade = await CommandRun.OfAsync("", "upgrade", "--config", _config);
        Assert.Equal(ExitCode.Ok, upgrade.ExitCode);
        Assert.Contains("1 upgraded", upgrade.Output, StringComparison.Ordinal);
        Assert.Equal(AccountIndexes.Version, Ask(index, "PRAGMA user_version"));
        Assert.Equal(50, Ask(index, "SELECT uidnext FROM mailboxes WHERE name = 'INBOX'"));
    }

    [Theory]
    [InlineData("user list")]
    [InlineData("domain list")]
    [InlineData("alias list")]
    [InlineData("alias resolve alice@example.net")]
    [InlineData("user totp show alice@example.test")]
    [InlineData("user app-password list alice@example.test")]
    [InlineData("mailbox place")]
    [InlineData("mailbox quota")]
    [InlineData("check")]
    public async Task A_command_that_only_reads_changes_nothing_of_a_former_directory(string command)
    {
        string directory = Path.Combine(_data, "directory.db");
        Directory.CreateDirectory(_data);
        using (AccountDirectory made = new(directory))
        {
            made.AddDomain("example.net");
            made.AddUser("alice@example.net", "{PLAIN}x");
        }

        UpgradeTests.Execute(directory, $"DROP TRIGGER user_gone; DROP TABLE app_password; DROP TABLE time_code; PRAGMA user_version = {AccountDirectory.FormatVersion - 1}");
        byte[] before = await File.ReadAllBytesAsync(directory, Ct);
        CommandRun run = await CommandRun.OfAsync("", [.. command.Split(' '), "--config", _config]);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Equal(before, await File.ReadAllBytesAsync(directory, Ct));
        Assert.Equal([directory], Directory.GetFileSystemEntries(_data));
    }

    [Fact]
    public async Task A_database_that_cannot_be_upgraded_is_named()
    {
        string index = Path.Combine(_data, "mail/example.test/alice/index.db");
        Directory.CreateDirectory(Path.GetDirectoryName(index)!);
        await File.WriteAllTextAsync(index, "This is no database, but it is long enough to be taken for one at first sight. " + new string('x', 1000), Ct);
        CommandRun run = await CommandRun.OfAsync("", "upgrade", "--rehearse", "--config", _config);
        Assert.Equal(ExitCode.BadData, run.ExitCode);
        Assert.Contains(index, run.Output, StringComparison.Ordinal);
        Assert.Contains("1 would fail", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetDirectories(_data), static folder => folder.Contains("rehearsal", StringComparison.Ordinal));
    }

    private static async Task<StoreError> SelectAsync(AccountLease lease)
    {
        using (lease)
            return (await lease.Account.OpenAsync(FullStack.Store.Mailboxes.MailboxName.Inbox, readOnly: true, Ct)).Error;
    }

    private static long Ask(string database, string query)
    {
        using SqliteConnection connection = new($"Data Source={database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }
}
