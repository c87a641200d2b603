using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using FullStack.Unit.Store.Faults;

namespace FullStack.Unit.Store.SideFiles;

/// <summary>What survives the index, and what never comes again.</summary>
public sealed class UidListTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Few_changes_are_added_to_the_list_and_it_is_made_anew_when_most_of_it_is_stale()
    {
        await using TempStore temp = new();
        Account account = await ViewTests.FilledAsync(temp, 3);
        await temp.ReopenAsync();
        byte[] before = await File.ReadAllBytesAsync(ListOf(temp), Ct);
        account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX");
        await temp.ReopenAsync();
        byte[] after = await File.ReadAllBytesAsync(ListOf(temp), Ct);
        Assert.True(after.AsSpan().StartsWith(before));
        Assert.Equal(4, UidListContent.Parse(after).Count);

        using (MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync()))
        {
            for (int i = 0; i < 300; i++)
            {
                await view.StoreFlagsAsync(UidSet.All, new(i % 2 == 0 ? FlagOperation.Add : FlagOperation.Remove, new(SystemFlags.None, ["red"])), null, false, Ct);
                await TidyAsync(temp);
            }
        }

        await temp.ReopenAsync();
        UidListContent content = UidListContent.Parse(await File.ReadAllBytesAsync(ListOf(temp), Ct));
        Assert.Equal(4, content.Count);
        Assert.True(content.State is { IsClosed: true, Lines: < 1020 });
    }

    [Fact]
    public async Task List_says_how_far_uids_may_have_been_given_out_before_any_is()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX");
        UidListState state = UidListContent.Parse(await File.ReadAllBytesAsync(ListOf(temp), Ct)).State!;
        Assert.False(state.IsClosed);
        Assert.True(state.UidNext > 1000);
    }

    [Fact]
    public async Task Crash_and_lost_index_give_no_uid_twice()
    {
        await using TempStore temp = new();
        Account account = await ViewTests.FilledAsync(temp, 2);
        uint validity = (await account.StatusAsync(MailboxName.Inbox, Ct)).Value.UidValidity.Value;
        await temp.ReopenAsync(crash: true, between: () => DeleteIndex(temp));
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(validity, view.UidValidity.Value);
        Assert.Equal(2, view.Count);
        Assert.True(view.UidOf(1).Value > 1000);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Index_restored_from_a_backup_gives_no_uid_twice_and_loses_no_keyword()
    {
        await using TempStore temp = new();
        await ViewTests.FilledAsync(temp, 2);
        byte[] backup = [];
        await temp.ReopenAsync(between: () => backup = File.ReadAllBytes(IndexOf(temp)));
        Account account = await temp.AccountAsync();
        ModSeq highest;
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await temp.AppendAsync(account, "INBOX", "third");
            await temp.AppendAsync(account, "INBOX", "fourth");
            view.Synchronize(true);
            await view.StoreFlagsAsync(UidSet.Of(new Uid(1), new Uid(3)), new(FlagOperation.Add, new(SystemFlags.None, ["red"])), null, false, Ct);
            await view.StoreFlagsAsync(UidSet.Of(new Uid(4)), new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, false, Ct);
            await view.ExpungeAsync(UidSet.All, Ct);
            highest = view.HighestModSeq;
        }

        await temp.ReopenAsync(between: () =>
        {
            DeleteIndex(temp);
            File.WriteAllBytes(IndexOf(temp), backup);
        });
        account = await temp.AccountAsync();
        using MailboxView after = await TempStore.OpenAsync(account);
        Assert.Equal([1u, 2u, 3u], Enumerable.Range(1, after.Count).Select(number => after.UidOf(number).Value));
        Assert.Equal(["red"], after.Entry(1)!.Keywords);
        Assert.Equal(["red"], after.Entry(3)!.Keywords);
        Assert.True(after.Entry(1)!.ModSeq > highest);
        Assert.Equal(5u, (await temp.AppendAsync(account, "INBOX")).Uid.Value);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Account_restored_from_a_backup_as_a_whole_goes_on_beyond_what_was_given_out_since()
    {
        await using TempStore temp = new();
        await ViewTests.FilledAsync(temp, 2);
        string copy = temp.Root + "-backup";
        await temp.ReopenAsync(between: () => Copy(temp.Root, copy));
        Account account = await temp.AccountAsync();
        uint validity = (await account.StatusAsync(MailboxName.Inbox, Ct)).Value.UidValidity.Value;
        uint given = 0;
        for (int i = 0; i < 20; i++)
            given = (await temp.AppendAsync(account, "INBOX")).Uid.Value;
        ModSeq highest = (await account.StatusAsync(MailboxName.Inbox, Ct)).Value.HighestModSeq;
        await temp.ReopenAsync(between: () =>
        {
            Directory.Delete(temp.Root, recursive: true);
            Copy(copy, temp.Root);
            Directory.Delete(copy, recursive: true);
        });
        account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.Equal(validity, view.UidValidity.Value);
        Assert.Equal([1u, 2u], [view.UidOf(1).Value, view.UidOf(2).Value]);
        Assert.True((await temp.AppendAsync(account, "INBOX")).Uid.Value > given);
        Assert.True(view.Entry(1)!.ModSeq > highest);
        await temp.CheckAsync();
    }

    /// <summary>The number of an inode is used again at once when its file is gone, so a restored list may well get the one it says.</summary>
    [Fact]
    public async Task Restored_list_is_known_though_it_got_the_inode_of_the_old_one()
    {
        await using TempStore temp = new();
        await ViewTests.FilledAsync(temp, 2);
        FileIdentity self = default;
        await temp.ReopenAsync(between: () => OwnInodes.Claim(ListOf(temp), found => (self = found) with { Born = found.Born - 1 }));
        Assert.SkipWhen(self.Born == 0, "this file system does not tell when a file was made");
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.True((await temp.AppendAsync(await temp.AccountAsync(), "INBOX")).Uid.Value > 3);
        await temp.CheckAsync();
    }

    [Fact]
    public void A_file_without_a_known_birth_is_known_by_its_inode()
    {
        Assert.True(new FileIdentity(1, 0).IsSameAs(new(1, 5)));
        Assert.True(new FileIdentity(1, 5).IsSameAs(new(1, 0)));
        Assert.False(new FileIdentity(1, 5).IsSameAs(new(1, 6)));
        Assert.False(new FileIdentity(1, 0).IsSameAs(new(2, 0)));
    }

    [Fact]
    public async Task Maildir_restored_alone_gets_new_uids_for_what_was_expunged_since()
    {
        await using TempStore temp = new();
        await ViewTests.FilledAsync(temp, 2);
        string copy = temp.Root + "-backup";
        await temp.ReopenAsync(between: () => Copy(temp.Maildir(), copy));
        Account account = await temp.AccountAsync();
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await view.StoreFlagsAsync(UidSet.Of(new Uid(2)), new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, false, Ct);
            await view.ExpungeAsync(UidSet.All, Ct);
            await temp.AppendAsync(account, "INBOX");
        }

        await temp.ReopenAsync(between: () =>
        {
            Directory.Delete(temp.Maildir(), recursive: true);
            Copy(copy, temp.Maildir());
            Directory.Delete(copy, recursive: true);
        });
        account = await temp.AccountAsync();
        using MailboxView after = await TempStore.OpenAsync(account);
        Assert.Equal([1u, 4u], Enumerable.Range(1, after.Count).Select(number => after.UidOf(number).Value));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Copied_folder_is_another_mailbox_also_when_the_index_is_lost()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("a"), SpecialUse.None, Ct);
        await temp.AppendAsync(account, "a", flags: new(SystemFlags.Seen, ["red"]));
        await temp.ReopenAsync(between: () =>
        {
            Copy(Path.Combine(temp.Maildir(), ".a"), Path.Combine(temp.Maildir(), ".b"));
            DeleteIndex(temp);
        });
        account = await temp.AccountAsync();
        using MailboxView a = await TempStore.OpenAsync(account, "a"), b = await TempStore.OpenAsync(account, "b");
        Assert.NotEqual(a.UidValidity, b.UidValidity);
        Assert.Equal(["red"], b.Entry(1)!.Keywords);
        await temp.CheckAsync();
    }

    [Theory]
    [InlineData("no list at all\n")]
    [InlineData("fullstack-uidlist 1\n")]
    [InlineData("fullstack-uidlist 1\n00000000 @ V1 N1 M1 Ix\n")]
    [InlineData("")]
    public async Task List_that_cannot_be_understood_is_set_aside_and_made_anew(string text)
    {
        await using TempStore temp = new();
        await ViewTests.FilledAsync(temp, 2);
        await temp.ReopenAsync(between: () => File.WriteAllText(ListOf(temp), text));
        using (MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync()))
            Assert.Equal(new Uid(2), view.UidOf(2));
        await temp.ReopenAsync(between: () => DeleteIndex(temp));
        Assert.Single(Directory.GetFiles(temp.Maildir(), "fullstack-uidlist.broken-*"));
        using MailboxView after = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(new Uid(2), after.UidOf(2));
        Assert.Equal(new Uid(3), after.UidNext);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Damaged_line_costs_one_message_its_uid_and_no_other()
    {
        await using TempStore temp = new();
        await ViewTests.FilledAsync(temp, 3);
        await temp.ReopenAsync(between: () =>
        {
            DeleteIndex(temp);
            string[] lines = File.ReadAllLines(ListOf(temp));
            int second = Array.FindIndex(lines, static line => line.AsSpan(9).StartsWith("2 "));
            lines[second] = lines[second].Replace(" 2 ", " 7 ", StringComparison.Ordinal);
            File.WriteAllText(ListOf(temp), string.Join('\n', lines) + "\n");
        });
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        uint[] uids = [.. Enumerable.Range(1, view.Count).Select(number => view.UidOf(number).Value)];
        Assert.Equal([1u, 3u], uids[..2]);
        Assert.True(uids[2] > 1000);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task List_that_leaves_the_range_of_uids_begins_a_new_life()
    {
        await using TempStore temp = new();
        await ViewTests.FilledAsync(temp, 1);
        uint validity = 0;
        await temp.ReopenAsync(between: () =>
        {
            DeleteIndex(temp);
            UidListState state = UidListContent.Parse(File.ReadAllBytes(ListOf(temp))).State!;
            validity = state.UidValidity;
            System.Buffers.ArrayBufferWriter<byte> line = new();
            (state with { IsClosed = false, UidNext = MailboxCounters.LastUsableUid }).Write(line);
            File.AppendAllText(ListOf(temp), System.Text.Encoding.ASCII.GetString(line.WrittenSpan));
        });
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.True(view.UidValidity.Value > validity);
        Assert.Equal(new Uid(1), view.UidOf(1));
        await temp.CheckAsync();
    }

    private static async Task TidyAsync(TempStore temp) => await (await temp.AccountAsync()).Mailboxes.Opened(MailboxName.Inbox)!.TidyAsync();

    private static string ListOf(TempStore temp) => Path.Combine(temp.Maildir(), UidListFile.Name);

    private static string IndexOf(TempStore temp) => Path.Combine(temp.Root, "example.test", "alice", "index.db");

    private static void DeleteIndex(TempStore temp)
    {
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(IndexOf(temp))!, "index.db*"))
            File.Delete(file);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(to + directory[from.Length..]);
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(static f => Path.GetFileName(f) != ".lock"))
            File.Copy(file, to + file[from.Length..]);
    }
}
