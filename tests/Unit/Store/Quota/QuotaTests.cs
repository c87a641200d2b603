using FullStack.Harness;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;

namespace FullStack.Unit.Store.Quota;

public sealed class QuotaTests : IAsyncDisposable
{
    private readonly ChosenLimits _limits = new();
    private readonly TempStore _temp;

    public QuotaTests() => _temp = new TempStore(limits: _limits);

    private static CancellationToken Ct => TempStore.Ct;

    /// <summary>The octets of the message that is delivered by default, as stored.</summary>
    private static long MailOctets => TempStore.Mail("x").Length - 4;

    public ValueTask DisposeAsync() => _temp.DisposeAsync();

    [Fact]
    public async Task The_last_message_that_fits_is_taken_and_the_next_is_not()
    {
        _limits.Account = new(3 * MailOctets, QuotaLimits.Unlimited);
        for (int i = 0; i < 3; i++)
            Assert.True((await _temp.DeliverAsync()).Ok);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
        Assert.Equal(3, CountFiles());
        _limits.Account = new(4 * MailOctets, QuotaLimits.Unlimited);
        Assert.True((await _temp.DeliverAsync()).Ok);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
    }

    [Fact]
    public async Task Messages_are_limited_by_number()
    {
        _limits.Account = new(QuotaLimits.Unlimited, 2);
        Assert.True((await _temp.DeliverAsync()).Ok);
        Assert.True((await _temp.DeliverAsync()).Ok);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
        _limits.Account = new(QuotaLimits.Unlimited, 0);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync(user: "bob")).Error);
    }

    [Fact]
    public async Task A_message_above_the_whole_quota_is_too_big()
    {
        _limits.Account = new(MailOctets - 1, QuotaLimits.Unlimited);
        Assert.Equal(StoreError.TooBig, (await _temp.DeliverAsync()).Error);
        Assert.Equal(StoreError.TooBig, await _temp.Store.CheckRoomAsync(TempStore.Name(), MailOctets, Ct));
        Assert.Equal(StoreError.None, await _temp.Store.CheckRoomAsync(TempStore.Name(), MailOctets - 1, Ct));
    }

    [Fact]
    public async Task The_accounts_of_a_domain_share_its_quota()
    {
        _limits.Domain = new(QuotaLimits.Unlimited, 3);
        Assert.True((await _temp.DeliverAsync(user: "alice")).Ok);
        Assert.True((await _temp.DeliverAsync(user: "bob")).Ok);
        await _temp.ReopenAsync(crash: true);
        Assert.True((await _temp.DeliverAsync(user: "carol")).Ok);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync(user: "dave")).Error);
        await _temp.ReopenAsync();
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync(user: "carol")).Error);
        File.Delete(Path.Combine(_temp.Root, ".usage.db"));
        Directory.Delete(Path.Combine(_temp.Root, "example.test", "alice"), recursive: true);
        await _temp.ReopenAsync();
        Assert.True((await _temp.DeliverAsync(user: "dave")).Ok);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync(user: "carol")).Error);
    }

    [Fact]
    public async Task Append_and_copy_need_room_and_a_move_does_not()
    {
        Account account = await _temp.AccountAsync();
        Assert.True((await account.CreateAsync(TempStore.Box("Work"), SpecialUse.None, Ct)).Ok);
        await _temp.AppendAsync(account, "INBOX");
        await _temp.AppendAsync(account, "INBOX");
        _limits.Account = new(3 * MailOctets, QuotaLimits.Unlimited);
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.Equal(StoreError.OverQuota, (await view.CopyAsync(UidSet.All, TempStore.Box("Work"), Ct)).Error);
        Assert.Equal(2, CountFiles());
        Assert.True((await view.CopyAsync(UidSet.Of(new Uid(1)), TempStore.Box("Work"), Ct)).Ok);
        Assert.Equal(StoreError.OverQuota, (await view.CopyAsync(UidSet.Of(new Uid(1)), TempStore.Box("Work"), Ct)).Error);
        await using (StagedMessage message = await _temp.StageAsync(TempStore.Mail("x")))
            Assert.Equal(StoreError.OverQuota, (await account.AppendAsync(TempStore.Box("Work"), message, MessageFlags.None, null, Ct)).Error);
        Assert.True((await view.MoveAsync(UidSet.All, TempStore.Box("Work"), Ct)).Ok);
        Assert.Equal(new QuotaAmount(3 * MailOctets, 3), account.Usage.Used);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
        Assert.True((await account.DeleteAsync(TempStore.Box("Work"), Ct)).Ok);
        Assert.Equal(default, account.Usage.Used);
        Assert.True((await _temp.DeliverAsync()).Ok);
    }

    [Fact]
    public async Task Expunging_makes_room_and_renaming_changes_nothing()
    {
        _limits.Account = new(QuotaLimits.Unlimited, 2);
        Account account = await _temp.AccountAsync();
        Assert.True((await account.CreateAsync(TempStore.Box("Work"), SpecialUse.None, Ct)).Ok);
        await _temp.AppendAsync(account, "Work", flags: new(SystemFlags.Deleted, []));
        await _temp.AppendAsync(account, "Work");
        Assert.True((await account.RenameAsync(TempStore.Box("Work"), TempStore.Box("Play"), Ct)).Ok);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
        using (MailboxView view = await TempStore.OpenAsync(account, "Play"))
            Assert.True((await view.ExpungeAsync(UidSet.All, Ct)).Ok);
        Assert.Equal(1, account.Usage.Used.Messages);
        Assert.True((await _temp.DeliverAsync()).Ok);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
    }

    [Fact]
    public async Task What_other_programs_add_and_remove_is_counted_when_the_account_is_opened_and_before_mail_is_refused()
    {
        _limits.Account = new(QuotaLimits.Unlimited, 3);
        Assert.True((await _temp.DeliverAsync()).Ok);
        await _temp.ReopenAsync(between: () =>
        {
            Drop("new/1.a.host", 10);
            Drop("cur/1.b.host:2,S", 10);
        });
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
        File.Delete(Path.Combine(_temp.Maildir(), "cur/1.b.host:2,S"));
        Assert.True((await _temp.DeliverAsync()).Ok);
        Account account = await _temp.AccountAsync();
        await account.Usage.CountAsync(all: false, Ct);
        Assert.Equal(new QuotaAmount(2 * MailOctets + 10, 3), account.Usage.Used);
    }

    [Fact]
    public async Task A_loaded_mailbox_counts_what_other_programs_do_to_it_once()
    {
        Account account = await _temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        Drop("new/1.a.host", 1000);
        await TempStore.UntilAsync(view, () => view.Count == 1);
        Assert.Equal(new QuotaAmount(1000, 1), account.Usage.Used);
        await account.Usage.CountAsync(all: true, Ct);
        Assert.Equal(new QuotaAmount(1000, 1), account.Usage.Used);
        foreach (string file in Directory.GetFiles(_temp.Maildir(), "1.a.host*", SearchOption.AllDirectories))
            File.Delete(file);
        await TempStore.UntilAsync(view, () => view.Count == 0);
        Assert.Equal(default, account.Usage.Used);
    }

    [Fact]
    public async Task Limits_that_cannot_be_known_put_mail_off()
    {
        _limits.AreUnknown = true;
        Assert.Equal(StoreError.Unavailable, (await _temp.DeliverAsync()).Error);
        Assert.Equal(StoreError.Unavailable, await _temp.Store.CheckRoomAsync(TempStore.Name(), 1, Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_at_once_never_get_past_the_limit_and_leave_no_room_unused(bool loaded)
    {
        const int senders = 40, room = 17;
        _limits.Account = new(room * MailOctets, QuotaLimits.Unlimited);
        Account account = await _temp.AccountAsync();
        using MailboxView? view = loaded ? await TempStore.OpenAsync(account) : null;
        Result<Nothing>[] results = await Task.WhenAll(Enumerable.Range(0, senders).Select(_ => Task.Run(() => _temp.DeliverAsync(), Ct)));
        Assert.Equal(room, results.Count(static r => r.Ok));
        Assert.All(results.Where(static r => !r.Ok), static r => Assert.Equal(StoreError.OverQuota, r.Error));
        Assert.Equal(room, CountFiles());
        Assert.Equal(new QuotaAmount(room * MailOctets, room), account.Usage.Used);
    }

    [Fact]
    public async Task A_damaged_usage_file_costs_a_count_and_nothing_else()
    {
        _limits.Account = new(QuotaLimits.Unlimited, 1);
        Assert.True((await _temp.DeliverAsync()).Ok);
        await _temp.ReopenAsync(between: () => File.WriteAllText(Path.Combine(_temp.Root, ".usage.db"), new string('x', 5000)));
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
    }

    [Fact]
    public async Task What_cannot_be_read_counts_as_it_was_and_stops_no_mail()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = FileError.Failed };
        await using TempStore temp = new(files, limits: _limits);
        _limits.Account = new(QuotaLimits.Unlimited, 2);
        _limits.Domain = new(QuotaLimits.Unlimited, 4);
        Directory.CreateDirectory(Path.Combine(temp.Root, "example.test", "lost+found"));
        File.WriteAllText(Path.Combine(temp.Root, "example.test", "notes"), "");
        foreach (string user in (string[])["bob", "alice"])
            Directory.CreateDirectory(Path.Combine(temp.Maildir(user), ".Archive", "cur"));
        files.FailsAt = static (call, path) => call == "list" && path.Contains("/.Archive/", StringComparison.Ordinal);
        Assert.True((await temp.DeliverAsync()).Ok);
        Assert.True((await temp.DeliverAsync()).Ok);
        Assert.Equal(StoreError.OverQuota, (await temp.DeliverAsync()).Error);
        Assert.False(Directory.Exists(Path.Combine(temp.Root, "example.test", "lost+found", "Maildir")));
    }

    private int CountFiles() => Directory.GetDirectories(_temp.Maildir(), ".*").Prepend(_temp.Maildir()).Sum(static folder => MaildirFiles.In(folder).Length);

    /// <summary>Delivers as another program does: nobody sees half a file.</summary>
    private void Drop(string name, int octets)
    {
        string temporary = Path.Combine(_temp.Maildir(), "tmp", "dropped");
        File.WriteAllText(temporary, new string('x', octets - 1) + "\n");
        File.Move(temporary, Path.Combine(_temp.Maildir(), name));
    }
}
