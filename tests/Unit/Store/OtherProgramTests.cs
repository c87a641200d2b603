using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store;

/// <summary>What other programs do to a Maildir shows up in open views, through the watch.</summary>
public sealed class OtherProgramTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [InlineData(WatchMode.Inotify)]
    [InlineData(WatchMode.Poll)]
    public async Task File_put_into_new_appears_with_its_exact_size(WatchMode watch)
    {
        await using TempStore temp = new(watch: watch);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Put(temp, "new", "1700000000.M1P1.other", "Subject: hi\n\nline\r\nline\n");
        await TempStore.UntilAsync(view, () => view.Count == 1);
        Assert.Equal(27, view.Entry(1)!.WireOctets);
        Assert.Equal("Subject: hi\r\n\r\nline\r\nline\r\n", Encoding.ASCII.GetString(await TempStore.ReadAsync(view, view.UidOf(1))));
        await temp.CheckAsync();
    }

    [Theory]
    [InlineData(WatchMode.Inotify)]
    [InlineData(WatchMode.Poll)]
    public async Task Files_put_there_just_before_are_seen_by_those_who_open_ask_or_catch_up(WatchMode watch)
    {
        await using TempStore temp = new(watch: watch);
        Account account = await temp.AccountAsync();
        using MailboxView open = await TempStore.OpenAsync(account);
        for (int round = 1; round <= 20; round++)
        {
            for (int i = 0; i < 20; i++)
                Put(temp, "new", $"17000{round:D3}{i:D2}.M1P1.other", "Subject: hi\n\n");
            switch (round % 3)
            {
                case 0:
                    using (MailboxView other = await TempStore.OpenAsync(account))
                        Assert.Equal(round * 20, other.Count);
                    break;
                case 1:
                    Assert.Equal(round * 20, (await account.StatusAsync(MailboxName.Inbox, Ct)).Value.Messages);
                    break;
                default:
                    await open.CatchUpAsync();
                    open.Synchronize(allowExpunges: true);
                    Assert.Equal(round * 20, open.Count);
                    break;
            }
        }

        await temp.CheckAsync();
    }

    [Theory]
    [InlineData(WatchMode.Inotify)]
    [InlineData(WatchMode.Poll)]
    public async Task Removed_file_is_expunged_and_renamed_file_changes_flags_and_keeps_unknown_letters(WatchMode watch)
    {
        await using TempStore temp = new(watch: watch);
        await temp.AccountAsync();
        for (int i = 1; i <= 3; i++)
            Put(temp, "cur", $"170000000{i}.M1P1.other:2,", $"Subject: {i}\n\n");
        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        ModSeq before = view.HighestModSeq;
        string cur = Path.Combine(temp.Maildir(), "cur");
        File.Move(Path.Combine(cur, "1700000001.M1P1.other:2,"), Path.Combine(cur, "1700000001.M1P1.other:2,FPSa"));
        File.Delete(Path.Combine(cur, "1700000002.M1P1.other:2,"));
        List<ViewUpdate> updates = await TempStore.UntilAsync(
            view, () => view.Count == 2 && view.Entry(1)!.Flags == (SystemFlags.Seen | SystemFlags.Flagged));
        Assert.Contains(new ViewUpdate.Expunged(2, new(2)), updates);
        Assert.True(view.HighestModSeq > before);

        await view.StoreFlagsAsync(UidSet.Of(new Uid(1)), new(FlagOperation.Replace, new(SystemFlags.Answered, [])), null, false, Ct);
        Assert.True(File.Exists(Path.Combine(cur, "1700000001.M1P1.other:2,PRa")));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Name_with_a_colon_in_its_base_keeps_its_uid()
    {
        await using TempStore temp = new();
        string cur = Path.Combine(temp.Maildir(), "cur");
        await temp.AccountAsync();
        await temp.ReopenAsync(between: () => File.WriteAllText(Path.Combine(cur, "1.a:b:2,S"), "Subject: a\n\nx\n"));
        using (MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync()))
            Assert.Equal(new Uid(1), view.UidOf(1));
        await temp.ReopenAsync();
        using (MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync()))
            Assert.Equal(new Uid(1), view.UidOf(1));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task File_renamed_behind_our_back_is_found_by_its_base_name()
    {
        await using TempStore temp = new();
        Account account = await ViewTests.FilledAsync(temp, 1);
        using MailboxView view = await TempStore.OpenAsync(account, readOnly: true);
        string file = Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(), "new")));
        File.Move(file, Path.Combine(temp.Maildir(), "cur", Path.GetFileName(file) + ":2,S"));
        Assert.Equal(TempStore.Mail("m1"), await TempStore.ReadAsync(view, new(1)));
        await view.RescanAsync(Ct);
        Assert.Equal(SystemFlags.Seen, Assert.IsType<ViewUpdate.FlagsChanged>(Assert.Single(view.Synchronize(true))).Entry.Flags);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Flags_set_by_another_program_a_moment_before_are_not_lost()
    {
        await using TempStore temp = new(watch: WatchMode.Poll); // It may not have told yet.
        Account account = await temp.AccountAsync();
        for (int i = 1; i <= 3; i++)
            Put(temp, "cur", $"170000000{i}.M1P1.other:2,", $"Subject: {i}\n\n");
        using MailboxView view = await TempStore.OpenAsync(account);
        string cur = Path.Combine(temp.Maildir(), "cur");
        for (int i = 1; i <= 3; i++)
            File.Move(Path.Combine(cur, $"170000000{i}.M1P1.other:2,"), Path.Combine(cur, $"170000000{i}.M1P1.other:2,Fx"));
        StoreOutcome stored = (await view.StoreFlagsAsync(UidSet.All, new(FlagOperation.Add, new(SystemFlags.Seen, [])), null, silent: true, Ct)).Value;
        Assert.Equal([new NumberRange(1, 3)], stored.Stored.Ranges);
        Assert.Equal(3, Directory.GetFiles(cur, "*:2,FSx").Length);
        await view.CatchUpAsync();
        Assert.Equal(3, view.Synchronize(true).OfType<ViewUpdate.FlagsChanged>().Count(static u => u.Entry.Flags == (SystemFlags.Seen | SystemFlags.Flagged)));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Changes_while_the_store_was_down_are_taken_over_in_order_of_time()
    {
        await using TempStore temp = new();
        Account account = await ViewTests.FilledAsync(temp, 2);
        (await TempStore.OpenAsync(account)).Dispose();
        await temp.ReopenAsync(between: () =>
        {
            string cur = Path.Combine(temp.Maildir(), "cur");
            string[] files = [.. Directory.GetFiles(cur).Order(StringComparer.Ordinal)];
            File.Delete(files[0]);
            File.Move(files[1], files[1] + "T");
            Put(temp, "new", "99.a", "Subject: early\n\n");
            Put(temp, "cur", "100.b:2,S", "Subject: late\n\n");
        });
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal([new(2), new(3), new(4)], Enumerable.Range(1, 3).Select(view.UidOf));
        Assert.Equal([SystemFlags.Deleted, SystemFlags.None, SystemFlags.Seen], Enumerable.Range(1, 3).Select(n => view.Entry(n)!.Flags));
        Assert.Equal("Subject: early\r\n\r\n", Encoding.ASCII.GetString(await TempStore.ReadAsync(view, new(3))));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Files_that_are_there_and_cannot_be_renamed_end_the_search_for_them()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Gone"), SpecialUse.None, Ct);
        for (int i = 0; i < 8; i++)
            await temp.AppendAsync(account, "INBOX", $"m{i}");
        using MailboxView view = await TempStore.OpenAsync(account);
        files.Error = FileError.NotFound; // as where another program removes the target in this moment
        files.FailsAt = static (call, _) => call == "rename";
        Assert.Empty((await view.MoveAsync(UidSet.All, TempStore.Box("Gone"), Ct)).Value.Target);
        files.FailsAt = static (_, _) => false;
        await view.CatchUpAsync();
        view.Synchronize(true);
        Assert.Equal(8, view.Count);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Folder_made_or_removed_by_another_program_comes_and_goes()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        foreach (string part in (string[])["cur", "new", "tmp"])
            Directory.CreateDirectory(Path.Combine(temp.Maildir(), ".Made", part));
        Assert.Contains(await account.ListAsync(Ct), static i => i is { Name.Text: "Made", Exists: true });
        uint validity = (await account.StatusAsync(TempStore.Box("Made"), Ct)).Value.UidValidity.Value;
        Assert.NotEqual(validity, (await account.StatusAsync(MailboxName.Inbox, Ct)).Value.UidValidity.Value);
        Directory.Delete(Path.Combine(temp.Maildir(), ".Made"), recursive: true);
        Assert.DoesNotContain(await account.ListAsync(Ct), static i => i.Name.Text == "Made");
    }

    private static void Put(TempStore temp, string directory, string name, string content)
    {
        string waiting = Path.Combine(temp.Maildir(), "tmp", "waiting");
        File.WriteAllText(waiting, content);
        File.Move(waiting, Path.Combine(temp.Maildir(), directory, name));
    }
}
