using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Backup;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>What a backup holds that was made while the store was open, and what comes back from it.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fullstack-backup-").FullName;

    private static CancellationToken Ct => TempStore.Ct;

    private string Data => Path.Combine(_folder, "data");
    private string Mail => Path.Combine(Data, "mail");
    private string Backup => Path.Combine(_folder, "backup");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_backup_of_a_running_store_has_messages_as_links_and_their_uids()
    {
        await using TempStore temp = NewStore();
        await FillAsync(temp, 5);
        BackupReport report = MakeBackup();
        Assert.Equal(5, report.Linked);
        Assert.Empty(report.Left);
        Assert.False(File.Exists(Path.Combine(Backup, "mail", ".lock")));
        await using TempStore copy = new(root: Path.Combine(Backup, "mail")) { KeepsRoot = true };
        Assert.Equal(await UidsAsync(temp), await UidsAsync(copy));
        await copy.CheckAsync();
    }

    [Fact]
    public async Task Messages_that_move_while_it_is_made_are_in_it_once()
    {
        await using TempStore temp = NewStore();
        Account account = await FillAsync(temp, 50);
        using MailboxView view = await TempStore.OpenAsync(account);
        using CancellationTokenSource done = new();
        Task renaming = Task.Run(
            async () =>
            {
                for (bool isOn = true; !done.IsCancellationRequested; isOn = !isOn)
                    await view.StoreFlagsAsync(UidSet.All, new(isOn ? FlagOperation.Add : FlagOperation.Remove, new(SystemFlags.Flagged, [])), null, silent: true, Ct);
            }, Ct);
        MakeBackup();
        await done.CancelAsync();
        await renaming;
        string inbox = Path.Combine(Backup, "mail/example.test/alice/Maildir");
        string[] names = [.. ((string[])["new", "cur"]).SelectMany(part => Directory.GetFiles(Path.Combine(inbox, part))).Select(static file => Path.GetFileName(file).Split(":2,")[0])];
        Assert.Equal(50, names.Length);
        Assert.Equal(50, names.Distinct().Count());
    }

    [Fact]
    public async Task An_account_comes_back_with_its_uids_and_none_is_given_out_twice()
    {
        List<uint> before;
        uint later;
        await using (TempStore temp = NewStore())
        {
            Account account = await FillAsync(temp, 3);
            before = await UidsAsync(temp);
            MakeBackup();
            later = (await temp.AppendAsync(account, "INBOX")).Uid.Value;
        }

        MailRestore restore = new(new() { Root = Mail }, Backup);
        Assert.Throws<IOException>(() => restore.Account(TempStore.Name(), aside: null, Ct));
        string aside = Path.Combine(Data, "replaced", "alice");
        restore.Account(TempStore.Name(), aside, Ct);
        Assert.True(Directory.Exists(Path.Combine(aside, "Maildir")));
        await using TempStore after = NewStore();
        Assert.Equal(before, await UidsAsync(after));
        Assert.True((await after.AppendAsync(await after.AccountAsync(), "INBOX")).Uid.Value > later);
        await after.CheckAsync();
    }

    [Fact]
    public async Task A_mailbox_comes_back_with_its_uids_flags_and_keywords()
    {
        UidValidity validity;
        await using (TempStore temp = NewStore())
        {
            Account account = await temp.AccountAsync();
            await account.CreateAsync(TempStore.Box("Work"), SpecialUse.None, Ct);
            await temp.AppendAsync(account, "Work", "gone");
            await temp.AppendAsync(account, "Work", "kept", new(SystemFlags.Flagged, ["red"]));
            using (MailboxView view = await TempStore.OpenAsync(account, "Work"))
            {
                validity = view.UidValidity;
                await view.RemoveAsync(UidSet.Of(new Uid(1)), Ct);
            }

            await temp.ReopenAsync(); // the list beside the mailbox is whole then
            await temp.AccountAsync();
            MakeBackup();
            await (await temp.AccountAsync()).DeleteAsync(TempStore.Box("Work"), Ct);
        }

        MailRestore restore = new(new() { Root = Mail }, Backup);
        Assert.Throws<IOException>(() => restore.Mailbox(TempStore.Name(), TempStore.Box("None"), TempStore.Box("None"), Ct));
        Assert.Throws<IOException>(() => restore.Mailbox(TempStore.Name(), TempStore.Box("Work"), MailboxName.Inbox, Ct));
        restore.Mailbox(TempStore.Name(), TempStore.Box("Work"), TempStore.Box("Work"), Ct);
        await using TempStore after = NewStore();
        using MailboxView back = await TempStore.OpenAsync(await after.AccountAsync(), "Work");
        Assert.Equal(validity, back.UidValidity);
        Assert.Equal(new Uid(2), back.UidOf(1));
        Assert.Equal(SystemFlags.Flagged, back.Entry(1)!.Flags);
        Assert.Equal(["red"], back.Entry(1)!.Keywords);
        await after.CheckAsync();
    }

    [Fact]
    public async Task A_message_comes_back_as_a_new_one()
    {
        await using (TempStore temp = NewStore())
        {
            Account account = await FillAsync(temp, 2);
            MakeBackup();
            using MailboxView view = await TempStore.OpenAsync(account);
            await view.RemoveAsync(UidSet.All, Ct);
        }

        MailRestore restore = new(new() { Root = Mail }, Backup);
        await Assert.ThrowsAsync<IOException>(() => restore.MessageAsync(TempStore.Name(), MailboxName.Inbox, new(9), MailboxName.Inbox, Ct));
        Uid given = await restore.MessageAsync(TempStore.Name(), MailboxName.Inbox, new(2), MailboxName.Inbox, Ct);
        Assert.True(given > new Uid(2));
        Assert.Equal(new Uid(1), await restore.MessageAsync(TempStore.Name(), MailboxName.Inbox, new(2), TempStore.Box("Rescued"), Ct));
        await using TempStore after = NewStore();
        using MailboxView back = await TempStore.OpenAsync(await after.AccountAsync());
        Assert.Equal(1, back.Count);
        Assert.Contains("Subject: 2", Encoding.ASCII.GetString(await TempStore.ReadAsync(back, given)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Data, ".restore")));
    }

    [Fact]
    public void What_is_no_backup_or_is_in_the_way_is_refused()
    {
        Directory.CreateDirectory(Mail);
        MakeBackup();
        Assert.Throws<IOException>(() => { MakeBackup(); });
        Assert.Throws<IOException>(() => DataBackup.Run(Data, Path.Combine(Data, "backup"), DateTimeOffset.UnixEpoch, TimeSpan.Zero, new Progress<long>(), Ct));
        Assert.Throws<IOException>(() => new MailRestore(new() { Root = Mail }, Data).Account(TempStore.Name(), null, Ct));
        Assert.Throws<IOException>(() => new MailRestore(new() { Root = Mail }, Backup).Account(TempStore.Name(), null, Ct));
    }

    private TempStore NewStore() => new(root: Mail) { KeepsRoot = true };

    private BackupReport MakeBackup() => DataBackup.Run(Data, Backup, DateTimeOffset.UnixEpoch, TimeSpan.Zero, new Progress<long>(), Ct);

    private static async Task<Account> FillAsync(TempStore temp, int messages)
    {
        Account account = await temp.AccountAsync();
        for (int i = 1; i <= messages; i++)
            await temp.AppendAsync(account, "INBOX", $"{i}");
        await account.Index.FlushAsync(durable: false, Ct); // a backup of a running server waits for it
        return account;
    }

    private static async Task<List<uint>> UidsAsync(TempStore temp)
    {
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        return [view.UidValidity.Value, .. Enumerable.Range(1, view.Count).Select(number => view.UidOf(number).Value)];
    }
}
