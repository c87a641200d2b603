using FullStack.Harness;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Backup;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;

namespace FullStack.Unit.Store.Places;

/// <summary>Backups of accounts whose mail is in homes, and what comes back from them.</summary>
public sealed class HomeBackupTests : IDisposable
{
    private readonly HomeStore _homes = new();

    private static CancellationToken Ct => TempStore.Ct;

    private string Backup => Path.Combine(_homes.Folder, "backup");
    private StoreOptions Options => _homes.Change(new() { Root = _homes.Root, HostName = "host.test" });

    public void Dispose() => _homes.Dispose();

    [Fact]
    public async Task An_account_comes_back_into_its_home_with_its_uids()
    {
        List<uint> before;
        uint later;
        await using (TempStore temp = _homes.Open())
        {
            Account account = await FillAsync(temp);
            before = await UidsAsync(temp);
            BackupReport report = MakeBackup();
            Assert.Empty(report.Left);
            Assert.Equal(0, report.Linked); // their owner may write to them
            later = (await temp.AppendAsync(account, "INBOX")).Uid.Value;
        }

        MailRestore restore = new(Options, Backup, _homes);
        Assert.Throws<IOException>(() => restore.Account(TempStore.Name(), aside: null, Ct));
        string aside = Path.Combine(_homes.Folder, "data", "replaced", "alice");
        restore.Account(TempStore.Name(), aside, Ct);
        Assert.Equal(4, MaildirFiles.In(Path.Combine(aside, "Maildir")).Length);
        await using TempStore after = _homes.Open();
        Assert.Equal(before, await UidsAsync(after));
        Assert.Equal(3, MaildirFiles.In(_homes.MaildirOf("alice")).Length);
        Assert.True((await after.AppendAsync(await after.AccountAsync(), "INBOX")).Uid.Value > later);
        await after.CheckAsync();
    }

    [Fact]
    public async Task A_mailbox_and_a_message_come_back_into_a_home()
    {
        await using (TempStore temp = _homes.Open())
        {
            Account account = await FillAsync(temp);
            await account.CreateAsync(TempStore.Box("Work"), SpecialUse.None, Ct);
            await temp.AppendAsync(account, "Work", "kept");
            MakeBackup();
            await account.DeleteAsync(TempStore.Box("Work"), Ct);
        }

        MailRestore restore = new(Options, Backup, _homes);
        restore.Mailbox(TempStore.Name(), TempStore.Box("Work"), TempStore.Box("Work"), Ct);
        await restore.MessageAsync(TempStore.Name(), MailboxName.Inbox, new(2), TempStore.Box("Rescued"), Ct);
        await using TempStore after = _homes.Open();
        foreach (string mailbox in (string[])["Work", "Rescued"])
        {
            using MailboxView view = await TempStore.OpenAsync(await after.AccountAsync(), mailbox);
            Assert.Equal(1, view.Count);
            Assert.Single(MaildirFiles.In(Path.Combine(_homes.MaildirOf("alice"), "." + mailbox)));
        }

        await after.CheckAsync();
    }

    [Fact]
    public async Task A_whole_backup_on_a_new_machine_waits_until_mail_is_moved_into_homes()
    {
        List<uint> before;
        await using (TempStore temp = _homes.Open())
        {
            await FillAsync(temp);
            before = await UidsAsync(temp);
            MakeBackup();
        }

        Directory.Delete(Path.Combine(_homes.Folder, "data"), recursive: true);
        Directory.Delete(_homes.MaildirOf("alice"), recursive: true);
        Directory.Move(Backup, Path.Combine(_homes.Folder, "data"));
        await using (TempStore temp = _homes.Open())
            Assert.Equal(StoreError.Unavailable, (await temp.DeliverAsync("early")).Error);
        Assert.Equal(_homes.MaildirOf("alice"), new PlaceMove(Options).Run(TempStore.Name(), HomeStore.In(_homes.HomeOf("alice")), Ct));
        await using TempStore after = _homes.Open();
        Assert.Equal(before, await UidsAsync(after));
        await after.CheckAsync();
    }

    [Fact]
    public async Task A_home_that_cannot_be_copied_is_reported_and_the_rest_is_there()
    {
        _homes.MakeHome("bob");
        await using (TempStore temp = _homes.Open())
        {
            await temp.DeliverAsync("x");
            await temp.DeliverAsync("x", "bob");
        }

        Directory.Delete(_homes.MaildirOf("bob"), recursive: true);
        Assert.Contains(_homes.MaildirOf("bob"), Assert.Single(MakeBackup().Left), StringComparison.Ordinal);
        Assert.Single(MaildirFiles.In(Path.Combine(Backup, "mail/example.test/alice/Maildir")));
    }

    private BackupReport MakeBackup()
        => DataBackup.Run(Path.Combine(_homes.Folder, "data"), Backup, DateTimeOffset.UnixEpoch, DataBackup.WriteBehind, new Progress<long>(), Ct);

    private static async Task<Account> FillAsync(TempStore temp)
    {
        Account account = await temp.AccountAsync();
        for (int i = 0; i < 3; i++)
            await temp.AppendAsync(account, "INBOX", $"message {i}");
        return account;
    }

    private static async Task<List<uint>> UidsAsync(TempStore temp)
    {
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        return [.. Enumerable.Range(1, view.Count).Select(number => view.UidOf(number).Value)];
    }
}
