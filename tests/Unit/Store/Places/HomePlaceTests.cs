using FullStack.Harness;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;
using FullStack.Store.Quota;

namespace FullStack.Unit.Store.Places;

/// <summary>Mail in the homes that a directory names: where it is made, when it is used, and when it is not.</summary>
public sealed class HomePlaceTests : IDisposable
{
    private readonly HomeStore _homes = new();

    private static CancellationToken Ct => TempStore.Ct;

    public void Dispose() => _homes.Dispose();

    [Fact]
    public async Task Mail_is_made_in_the_home_and_the_index_below_the_root()
    {
        await using TempStore temp = _homes.Open();
        Assert.True((await temp.DeliverAsync("first")).Ok);
        Assert.Single(MaildirFiles.In(_homes.MaildirOf("alice")));
        string own = Path.Combine(_homes.Root, "example.test", "alice");
        Account account = await temp.AccountAsync();
        await account.EnsureDefaultMailboxesAsync(Ct);
        Assert.True((await account.CreateAsync(TempStore.Box("Work"), SpecialUse.None, Ct)).Ok);
        Assert.True((await account.RenameAsync(TempStore.Box("Work"), TempStore.Box("Play"), Ct)).Ok);
        Assert.True((await account.DeleteAsync(TempStore.Box("Archive"), Ct)).Ok);
        Assert.Equal([".Drafts", ".Junk", ".Play", ".Sent", ".Trash"], Directory.GetDirectories(_homes.MaildirOf("alice"), ".*").Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(own, "index.db")));
        Assert.False(Directory.Exists(Path.Combine(own, "Maildir")));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task A_former_servers_maildir_in_the_home_is_served_where_it_is()
    {
        foreach (string part in (string[])["new", "cur", "tmp"])
            Directory.CreateDirectory(Path.Combine(_homes.MaildirOf("alice"), part));
        File.WriteAllBytes(Path.Combine(_homes.MaildirOf("alice"), "cur", "1700000000.M1P1.host:2,S"), "Subject: old\n\nHello\n"u8);
        File.WriteAllText(Path.Combine(_homes.MaildirOf("alice"), "dovecot-uidlist"), "3 V1234 N43 G0123456789abcdef0123456789abcdef\n42 :1700000000.M1P1.host\n");
        await using TempStore temp = _homes.Open();
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal((1234u, 42u), (view.UidValidity.Value, view.Entry(1)!.Uid.Value));
        Assert.Equal("alice@example.test\n", File.ReadAllText(Path.Combine(_homes.MaildirOf("alice"), "fullstack-owner")));
    }

    [Fact]
    public async Task A_directory_that_is_down_is_a_temporary_failure_and_nothing_is_made()
    {
        await using TempStore temp = _homes.Open();
        _homes.IsDown = true;
        Assert.Equal(StoreError.Unavailable, (await temp.DeliverAsync("x")).Error);
        Assert.False(Directory.Exists(Path.Combine(_homes.Root, "example.test")));
        _homes.IsDown = false;
        Assert.True((await temp.DeliverAsync("x")).Ok);
    }

    [Fact]
    public async Task An_account_that_is_open_needs_no_directory()
    {
        await using TempStore temp = _homes.Open();
        await temp.AccountAsync();
        int asked = _homes.Questions;
        _homes.IsDown = true;
        Assert.True((await temp.DeliverAsync("x")).Ok);
        Assert.Equal(asked, _homes.Questions);
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("/")]
    [InlineData("/etc/../{homes}/alice")]
    [InlineData("{homes}")]
    [InlineData("{homes}/nobody")]
    [InlineData("{homes}/../data/mail/example.test/alice")]
    [InlineData("{homes}/link")]
    public async Task A_home_outside_the_allowed_ones_is_refused(string home)
    {
        Directory.CreateDirectory(Path.Combine(_homes.Folder, "elsewhere"));
        File.CreateSymbolicLink(Path.Combine(_homes.Homes, "link"), Path.Combine(_homes.Folder, "elsewhere"));
        _homes.Wanted["alice"] = HomeStore.In(home.Replace("{homes}", _homes.Homes, StringComparison.Ordinal));
        await using TempStore temp = _homes.Open();
        Assert.Equal(home.StartsWith("/etc/..", StringComparison.Ordinal), (await temp.DeliverAsync("x")).Ok); // that one is alice's home, once it is resolved
        Assert.False(Directory.Exists(Path.Combine(_homes.Folder, "elsewhere", "Maildir")));
    }

    [Theory]
    [InlineData("../bob/Maildir")]
    [InlineData("/etc")]
    [InlineData("a//b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public async Task A_maildir_outside_the_home_is_refused(string maildir)
    {
        _homes.MakeHome("bob");
        _homes.Wanted["alice"] = HomeStore.In(_homes.HomeOf("alice"), maildir);
        await using TempStore temp = _homes.Open();
        Assert.Equal(StoreError.Unavailable, (await temp.DeliverAsync("x")).Error);
    }

    [Theory]
    [InlineData("Maildir")]
    [InlineData("Maildir/cur")]
    [InlineData("Maildir/new")]
    [InlineData("Maildir/.Sent")]
    public async Task A_symbolic_link_in_a_home_leads_to_nobodys_mail(string link)
    {
        _homes.MakeHome("mallory");
        await using (TempStore temp = _homes.Open())
        {
            Account alice = await temp.AccountAsync();
            await alice.EnsureDefaultMailboxesAsync(Ct);
            await temp.AppendAsync(alice, "INBOX", "secret", new(SystemFlags.Seen, []));
            await temp.AppendAsync(alice, "Sent", "secret", new(SystemFlags.Seen, []));
            await temp.DeliverAsync("secret");
            Account mallory = await temp.AccountAsync("mallory");
            await mallory.EnsureDefaultMailboxesAsync(Ct);
        }

        string place = Path.Combine(_homes.HomeOf("mallory"), link);
        Directory.Delete(place, recursive: true);
        Directory.CreateSymbolicLink(place, Path.Combine(_homes.HomeOf("alice"), link));
        await using TempStore again = _homes.Open();
        Result<AccountLease> lease = await again.Store.OpenAccountAsync(TempStore.Name("mallory"), Ct);
        if (!lease.Ok)
            return;
        using (lease.Value)
        {
            foreach (string mailbox in (string[])["INBOX", "Sent"])
            {
                Result<MailboxView> opened = await lease.Value.Account.OpenAsync(TempStore.Box(mailbox), readOnly: false, Ct);
                if (opened.Ok)
                    Assert.Equal(0, opened.Value.Count);
            }
        }

        int before = MaildirFiles.In(_homes.MaildirOf("alice")).Length;
        await again.DeliverAsync("x", "mallory");
        Assert.Equal(before, MaildirFiles.In(_homes.MaildirOf("alice")).Length);
    }

    [Fact]
    public async Task Two_accounts_never_have_one_maildir()
    {
        _homes.Wanted["bob"] = HomeStore.In(_homes.HomeOf("alice"));
        await using TempStore temp = _homes.Open();
        Assert.True((await temp.DeliverAsync("x")).Ok);
        Assert.Equal(StoreError.Unavailable, (await temp.DeliverAsync("y", "bob")).Error);
        Assert.Single(MaildirFiles.In(_homes.MaildirOf("alice")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_maildir_that_went_away_is_not_made_anew(bool leavesEmptyOne)
    {
        await using (TempStore temp = _homes.Open())
            await temp.DeliverAsync("x");
        string aside = Path.Combine(_homes.Folder, "unmounted");
        Directory.Move(_homes.MaildirOf("alice"), aside);
        if (leavesEmptyOne)
        {
            foreach (string part in (string[])["new", "cur", "tmp"])
                Directory.CreateDirectory(Path.Combine(_homes.MaildirOf("alice"), part));
        }

        await using TempStore again = _homes.Open();
        Assert.Equal(StoreError.Unavailable, (await again.DeliverAsync("y")).Error);
        Assert.Empty(MaildirFiles.In(_homes.MaildirOf("alice")));
        if (leavesEmptyOne)
            Directory.Delete(_homes.MaildirOf("alice"), recursive: true);
        Directory.Move(aside, _homes.MaildirOf("alice"));
        Assert.True((await again.DeliverAsync("y")).Ok);
        Assert.Equal(2, MaildirFiles.In(_homes.MaildirOf("alice")).Length);
    }

    [Fact]
    public async Task A_home_that_changes_is_refused_until_the_mail_is_there_and_uids_stay()
    {
        uint uid;
        await using (TempStore temp = _homes.Open())
        {
            Account account = await temp.AccountAsync();
            await temp.AppendAsync(account, "INBOX", "one");
            uid = (await temp.AppendAsync(account, "INBOX", "two")).Uid.Value;
        }

        string moved = Path.Combine(_homes.Homes, "moved");
        Directory.CreateDirectory(moved);
        _homes.Wanted["alice"] = HomeStore.In(moved);
        await using (TempStore temp = _homes.Open())
            Assert.Equal(StoreError.Unavailable, (await temp.DeliverAsync("three")).Error);
        Assert.False(Directory.Exists(Path.Combine(moved, "Maildir")));
        Directory.Move(_homes.MaildirOf("alice"), Path.Combine(moved, "Maildir"));
        await using TempStore after = _homes.Open();
        using MailboxView view = await TempStore.OpenAsync(await after.AccountAsync());
        Assert.Equal((2, uid), (view.Count, view.Entry(2)!.Uid.Value));
        await after.CheckAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mail_below_the_root_is_moved_only_by_command(bool isUsed)
    {
        await using (TempStore temp = new(root: _homes.Root) { KeepsRoot = true })
        {
            await (await temp.AccountAsync()).EnsureDefaultMailboxesAsync(Ct);
            if (isUsed)
                await temp.DeliverAsync("one");
        }

        await using (TempStore temp = _homes.Open())
            Assert.Equal(!isUsed, (await temp.DeliverAsync("two")).Ok);
        if (isUsed)
        {
            string maildir = new PlaceMove(_homes.Change(new() { Root = _homes.Root })).Run(TempStore.Name(), HomeStore.In(_homes.HomeOf("alice")), Ct);
            Assert.Equal(_homes.MaildirOf("alice"), maildir);
        }

        Assert.Single(MaildirFiles.In(_homes.MaildirOf("alice")));
        await using TempStore after = _homes.Open();
        await after.CheckAsync();
    }

    [Fact]
    public async Task Homes_may_be_on_another_file_system()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "there is no other file system");
        string data = Directory.CreateDirectory($"/dev/shm/fullstack-home-{Guid.NewGuid():N}").FullName;
        try
        {
            using HomeStore homes = new(data);
            await using (TempStore temp = new(root: homes.Root) { KeepsRoot = true })
            {
                await temp.DeliverAsync("one");
                await temp.DeliverAsync("two");
                Account before = await temp.AccountAsync();
                await before.CreateAsync(TempStore.Box("Work"), SpecialUse.None, Ct);
                await temp.AppendAsync(before, "Work", "three", new(SystemFlags.Seen, ["red"]));
            }

            File.WriteAllText(Path.Combine(homes.Root, "example.test/alice/Maildir", "mine.db"), "no database");
            new PlaceMove(homes.Change(new() { Root = homes.Root })).Run(TempStore.Name(), HomeStore.In(homes.HomeOf("alice")), Ct);
            Assert.False(Directory.Exists(Path.Combine(homes.Root, "example.test/alice/Maildir")));
            Assert.Equal("no database", File.ReadAllText(Path.Combine(homes.MaildirOf("alice"), "mine.db")));
            await using TempStore after = homes.Open();
            Account account = await after.AccountAsync();
            using (MailboxView view = await TempStore.OpenAsync(account))
                Assert.Equal([1u, 2u], Enumerable.Range(1, view.Count).Select(number => view.UidOf(number).Value));
            using (MailboxView view = await TempStore.OpenAsync(account, "Work"))
                Assert.Equal(["red"], view.Entry(1)!.Keywords);
            Assert.True((await account.CreateAsync(TempStore.Box("More"), SpecialUse.None, Ct)).Ok);
            Assert.True((await account.DeleteAsync(TempStore.Box("Work"), Ct)).Ok);
            await after.CheckAsync();
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Mail_in_a_home_is_not_forgotten_when_homes_are_given_up()
    {
        await using (TempStore temp = _homes.Open())
            await temp.DeliverAsync("one");
        await using (TempStore temp = new(root: _homes.Root) { KeepsRoot = true })
            Assert.Equal(StoreError.Unavailable, (await temp.DeliverAsync("two")).Error);
        string own = new PlaceMove(new() { Root = _homes.Root }).Run(TempStore.Name(), WantedPlace.BelowRoot, Ct);
        Assert.Equal(Path.Combine(_homes.Root, "example.test", "alice", "Maildir"), own);
        await using TempStore after = new(root: _homes.Root) { KeepsRoot = true };
        using MailboxView view = await TempStore.OpenAsync(await after.AccountAsync());
        Assert.Equal(1, view.Count);
        await after.CheckAsync();
    }

    [Fact]
    public async Task Accounts_without_a_home_have_their_mail_below_the_root()
    {
        _homes.Wanted["bob"] = WantedPlace.BelowRoot;
        await using TempStore temp = _homes.Open();
        Assert.True((await temp.DeliverAsync("x", "bob")).Ok);
        Assert.Single(MaildirFiles.In(temp.Maildir("bob")));
    }

    [Fact]
    public async Task A_message_to_several_is_a_file_for_each()
    {
        _homes.MakeHome("bob");
        await using TempStore temp = _homes.Open();
        await using StagedMessage message = await temp.StageAsync(TempStore.Mail("both"));
        IReadOnlyList<Result<Nothing>> results = await temp.Store.DeliverAsync(message, [TempStore.Name(), TempStore.Name("bob")], Ct);
        Assert.All(results, static result => Assert.True(result.Ok));
        File.AppendAllText(MaildirFiles.In(_homes.MaildirOf("bob")).Single(), "changed");
        Assert.DoesNotContain("changed", File.ReadAllText(MaildirFiles.In(_homes.MaildirOf("alice")).Single()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_its_group_may_write_to_gives_files_for_the_group()
    {
        File.SetUnixFileMode(_homes.HomeOf("alice"), (UnixFileMode)0x1F8); // 0770
        await using TempStore temp = _homes.Open();
        await temp.DeliverAsync("x");
        Assert.Equal((UnixFileMode)0x1B0, File.GetUnixFileMode(MaildirFiles.In(_homes.MaildirOf("alice")).Single())); // 0660
        Assert.Equal((UnixFileMode)0x1F8, File.GetUnixFileMode(Path.Combine(_homes.MaildirOf("alice"), "cur")));
        _homes.MakeHome("bob");
        File.SetUnixFileMode(_homes.HomeOf("bob"), (UnixFileMode)0x1ED); // 0755
        await temp.DeliverAsync("x", "bob");
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(MaildirFiles.In(_homes.MaildirOf("bob")).Single())); // 0600
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(_homes.MaildirOf("bob")));
    }

    [Fact]
    public async Task Quotas_and_lists_know_accounts_in_homes()
    {
        await using (TempStore temp = _homes.Open())
            await temp.DeliverAsync("x");
        Assert.Equal([TempStore.Name()], StoreRoot.ListAccounts(_homes.Root));
        using QuotaReader reader = new(_homes.Change(new() { Root = _homes.Root }));
        Assert.Equal(1, (await reader.ReadAsync(TempStore.Name(), Ct)).Messages);
        Assert.Equal(1, (await reader.ReadDomainAsync("example.test", Ct)).Messages);
    }

    [Fact]
    public async Task A_home_is_made_only_where_that_is_wished()
    {
        await using (TempStore temp = _homes.Open())
            Assert.Equal(StoreError.Unavailable, (await temp.DeliverAsync("x", "carol")).Error);
        await using TempStore wishing = _homes.Open(change: static options => options with { MakeHomes = true });
        Assert.True((await wishing.DeliverAsync("x", "carol")).Ok);
        Assert.Single(MaildirFiles.In(_homes.MaildirOf("carol")));
    }
}
