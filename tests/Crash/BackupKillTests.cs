using System.Diagnostics;
using System.Text;
using FullStack.Harness.Servers;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Backup;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Crash;

/// <summary>Kills `fullstack backup` at several points beside a running server: the server's data is as it was, what is left is no backup, and the next run makes one.</summary>
public sealed class BackupKillTests
{
    private const string User = "alice";
    private const int Messages = 200;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_backup_leaves_the_data_alone_and_the_next_one_goes_through()
    {
        using CrashSite site = new(StoreFormat.Maildir);
        string target = Path.Combine(Path.GetDirectoryName(site.Configuration)!, "backups", "today"), partial = target + ".partial";
        await FillAsync(site);
        await using (ChildServer server = await ChildServer.StartAsync(site.Configuration, Ct))
        {
            foreach (int files in (int[])[0, 1, Messages])
            {
                await KillBackupAsync(site, target, partial, files);
                Assert.False(Path.Exists(target));
                Assert.True(Directory.Exists(partial));
                Assert.False(DataBackup.IsAt(partial));
            }

            (int exitCode, string output) = await ChildServer.RunAsync(["backup", "--config", site.Configuration, target], Ct);
            Assert.True(exitCode == 0, output);
            Assert.False(Path.Exists(partial));
            Assert.True(DataBackup.IsAt(target));
            Assert.Equal(0, await server.TerminateAsync(Ct));
        }

        List<uint> before = await ReadAsync(site.Mail);
        Assert.Equal(Messages, before.Count);
        Assert.Equal(before, await ReadAsync(Path.Combine(target, "mail")));
        Directory.CreateDirectory(partial);
        (int code, string said) = await ChildServer.RunAsync(["restore", "--config", site.Configuration, partial, TestAccounts.AddressOf(User), "--replace"], Ct);
        Assert.NotEqual(0, code);
        Assert.Contains("is no whole backup", said, StringComparison.Ordinal);
        Assert.Equal(before, await ReadAsync(site.Mail));
    }

    /// <summary>Kills a backup once it has so many messages. It waits some seconds behind the last one, for what a server writes behind.</summary>
    private static async Task KillBackupAsync(CrashSite site, string target, string partial, int messages)
    {
        while (true)
        {
            using Process backup = ChildServer.Launch("backup", "--config", site.Configuration, target);
            try
            {
                while (!backup.HasExited && CountIn(partial) < messages)
                    await Task.Delay(1, Ct);
                if (!backup.HasExited)
                {
                    backup.Kill();
                    await backup.WaitForExitAsync(Ct);
                }
            }
            finally
            {
                if (!backup.HasExited)
                    backup.Kill();
            }

            if (!Directory.Exists(target) && Directory.Exists(partial))
                return;
            if (Directory.Exists(target))
                Directory.Delete(target, recursive: true); // it was whole before the kill came
        }
    }

    private static int CountIn(string partial)
    {
        string inbox = Path.Combine(partial, "mail", TestAccounts.Domain, User, "Maildir", "new");
        try
        {
            return !Directory.Exists(partial) ? -1 : Directory.Exists(inbox) ? Directory.GetFiles(inbox).Length : 0;
        }
        catch (DirectoryNotFoundException)
        {
            return -1; // the backup is whole, and has its name
        }
    }

    private static async Task FillAsync(CrashSite site)
    {
        await using MailStore store = Open(site.Mail);
        for (int i = 1; i <= Messages; i++)
        {
            await using StagedMessage message = store.Stage();
            await message.WriteAsync(Encoding.ASCII.GetBytes($"Subject: {i}\r\n\r\nx\r\n"), Ct);
            await message.CompleteAsync(Ct);
            Assert.True((await store.DeliverAsync(message, [TestMailServer.AccountOf(User)], Ct))[0].Ok);
        }
    }

    /// <summary>The UIDs of the messages that a store has, whose rules are checked too.</summary>
    private static async Task<List<uint>> ReadAsync(string root)
    {
        await using MailStore store = Open(root);
        Assert.Empty(await MailboxVerifier.VerifyAsync(store, TestMailServer.AccountOf(User), Ct));
        using AccountLease lease = (await store.OpenAccountAsync(TestMailServer.AccountOf(User), Ct)).Value;
        using MailboxView view = (await lease.Account.OpenAsync(MailboxName.Inbox, readOnly: true, Ct)).Value;
        return [.. Enumerable.Range(1, view.Count).Select(number => view.UidOf(number).Value)];
    }

    private static MailStore Open(string root)
        => new(new StoreOptions { Root = root, HostName = "mail.example.test", Sync = SyncMode.None }, TimeProvider.System, NullLoggerFactory.Instance);
}
