using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store.Takeover;

/// <summary>Mailboxes that Courier or Dovecot had before keep their numbers.</summary>
public sealed class TakeoverTests
{
    private const string First = "1795288942.M825112P6108V000000000000FE00I0000000000B30A63_1.vm,S=410";
    private const string Second = "1795288942.M837199P6115V000000000000FE00I0000000000B30A64_1.vm,S=410";
    private const string Third = "1795288950.M1P1.vm,S=410";
    private const string Fourth = "999999999.M1P1.vm,S=410";

    private static readonly FlagChange Delete = new(FlagOperation.Add, new(SystemFlags.Deleted, []));

    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Courier_uids_are_kept_and_unlisted_files_get_the_next_ones_in_order()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,FS", "first");
        former.WriteMessage($"cur/{Second}", "second");
        former.WriteMessage($"new/{Third}", "third, not listed");
        former.WriteMessage($"cur/{Fourth}:2,S", "fourth, not listed, earlier by the number");
        former.Write("courierimapuiddb", $"1 795288866 9\n3 {Second}\n5 {First}\n7 1795288944.gone.vm\n");
        using (MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync()))
        {
            Assert.Equal(795288866u, view.UidValidity.Value);
            Assert.Equal([("second", 3u), ("first", 5u), ("fourth, not listed, earlier by the number", 9u), ("third, not listed", 10u)], await MessagesAsync(view));
            Assert.Equal(11u, view.UidNext.Value);
            Assert.Equal(SystemFlags.Flagged | SystemFlags.Seen, view.Entry(2)!.Flags);
        }

        await temp.CheckAsync();
        await temp.ReopenAsync(crash: true);
        Account account = await temp.AccountAsync();
        using MailboxView after = await TempStore.OpenAsync(account);
        Assert.Equal(795288866u, after.UidValidity.Value);
        Assert.Equal(["second", "first", "fourth, not listed, earlier by the number", "third, not listed"], (await MessagesAsync(after)).Select(static m => m.Subject));
        Assert.Equal(10u, after.UidOf(4).Value);
        Assert.True((await temp.AppendAsync(account, "INBOX")).Uid.Value >= 11);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Dovecot_list_version_3_gives_uids_also_where_lines_were_appended()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.MakeFolder(".Work.Done");
        former.WriteMessage($".Work.Done/cur/{First}:2,", "first");
        former.WriteMessage($".Work.Done/cur/{Second}:2,S", "second");
        former.WriteMessage($".Work.Done/cur/{Third}:2,S", "third");
        former.Write(
            ".Work.Done/dovecot-uidlist",
            $"3 V1795289224 N5 G07fcaf0588f0016b6228000083ecc375\n3 W999 :{First}\n4 :{Third}\n6 S17 W20 Gabc :{Second}\n8 :{Third}\n12 :1795288999.gone.vm\n");
        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account, "Work.Done");
        Assert.Equal(1795289224u, view.UidValidity.Value);
        Assert.Equal([("first", 3u), ("second", 6u), ("third", 8u)], await MessagesAsync(view));
        Assert.Equal(13u, view.UidNext.Value);
        Assert.Equal(999, view.Entry(1)!.WireOctets); // from the list: it is believed as W= in a name is, and saves reading the file
        Assert.True(view.HighestModSeq.Value >= 1UL << 40);
        Assert.Equal(13u, (await temp.AppendAsync(account, "Work.Done")).Uid.Value);
    }

    [Fact]
    public async Task Dovecot_list_version_1_is_read_too()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,S", "first");
        former.Write("dovecot-uidlist", $"1 1700000000 40\n39 {First}\n");
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal((1700000000u, 39u, 40u), (view.UidValidity.Value, view.UidOf(1).Value, view.UidNext.Value));
    }

    [Theory]
    [InlineData(1700000100, 1700000000, 5)]
    [InlineData(1700000000, 1700000100, 77)]
    public async Task Of_two_lists_the_one_changed_last_counts(long dovecot, long courier, uint uid)
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,a", "first");
        former.Write("dovecot-uidlist", $"3 V11 N6\n5 :{First}\n", dovecot);
        former.Write("dovecot-keywords", "0 Dove\n", dovecot);
        former.Write("courierimapuiddb", $"1 22 78\n77 {First}\n", courier);
        former.Write("courierimapkeywords/:list", $"Cour\n\n{First}:0\n");
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal((uid, uid == 5 ? 11u : 22u), (view.UidOf(1).Value, view.UidValidity.Value));
        Assert.Equal([uid == 5 ? "Dove" : "Cour"], view.Entry(1)!.Keywords);
    }

    [Theory]
    [InlineData("")]
    [InlineData("3 V17 N9\n5 :%\n6")] // cut off
    [InlineData("3 V17 N9\n5 :%\nx :%\n")]
    [InlineData("3 V17 N9\n0 :%\n")]
    [InlineData("3 V17 N9\n5 %\n")]
    [InlineData("3 V17 N9\n5 W1\n")]
    [InlineData("3 V17 N9\n5 :\n")]
    [InlineData("3 V17 N9\n4294967295 :%\n")]
    [InlineData("3 V17 N4294967295\n5 :%\n")]
    [InlineData("3 V4294967295 N9\n5 :%\n")]
    [InlineData("3 V0 N9\n5 :%\n")]
    [InlineData("3 N9\n5 :%\n")]
    [InlineData("2 17 9\n5 %\n")]
    [InlineData("1 17 9\n9 %\n")] // not below the next one
    [InlineData("1 17 9\n5 a\n5 %\n")]
    [InlineData("1 17 9\n5 a\n4 %\n")]
    [InlineData("1 17 9\n5 %\n6 %\n")]
    [InlineData("1 17\n5 %\n")]
    [InlineData("1 17 9\n5 %\n6 a\0b\n")]
    public async Task Damaged_list_gives_fresh_numbers_and_keeps_flags(string list)
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,FS", "first");
        former.WriteMessage($"cur/{Second}:2,", "second");
        former.Write("dovecot-uidlist", list.Replace("%", First, StringComparison.Ordinal));
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal([("first", 1u), ("second", 2u)], await MessagesAsync(view));
        Assert.True(view.UidValidity.Value > 17);
        Assert.NotEqual(4294967295u, view.UidValidity.Value);
        Assert.Equal(SystemFlags.Flagged | SystemFlags.Seen, view.Entry(1)!.Flags);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Mailbox_that_is_renamed_does_not_keep_the_uidvalidity_of_another_one()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        foreach (string name in (string[])["a", "b", "c"])
        {
            former.MakeFolder($".{name}");
            former.WriteMessage($".{name}/cur/{First}:2,", name);
            former.Write($".{name}/courierimapuiddb", $"1 {(name == "c" ? 800_000_001 : 800_000_000)} 6\n5 {First}\n");
        }

        Account account = await temp.AccountAsync();
        foreach (string name in (string[])["b", "c"])
            Assert.InRange((await account.StatusAsync(TempStore.Box(name), Ct)).Value.UidValidity.Value, 800_000_000u, 800_000_001u);
        using MailboxView open = await TempStore.OpenAsync(account, "a");
        Assert.True((await account.RenameAsync(TempStore.Box("a"), TempStore.Box("x"), Ct)).Ok);
        Assert.True((await account.RenameAsync(TempStore.Box("c"), TempStore.Box("z"), Ct)).Ok);
        Assert.True(open.IsDead);
        Assert.Equal(800_000_000u, (await account.StatusAsync(TempStore.Box("b"), Ct)).Value.UidValidity.Value);
        Assert.Equal(800_000_001u, (await account.StatusAsync(TempStore.Box("z"), Ct)).Value.UidValidity.Value);
        uint renewed = (await account.StatusAsync(TempStore.Box("x"), Ct)).Value.UidValidity.Value;
        Assert.True(renewed > 1_000_000_000);
        using (MailboxView view = await TempStore.OpenAsync(account, "x"))
            Assert.Equal([("a", 5u)], await MessagesAsync(view));
        await temp.CheckAsync();
        await temp.ReopenAsync(between: () => File.Delete(Path.Combine(temp.Root, "example.test", "alice", "index.db")));
        Assert.Equal(renewed, (await (await temp.AccountAsync()).StatusAsync(TempStore.Box("x"), Ct)).Value.UidValidity.Value);
    }

    [Fact]
    public async Task Lost_index_never_brings_the_former_list_back()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,", "first");
        former.Write("dovecot-uidlist", $"3 V1700000000 N6\n5 :{First}\n");
        Account account = await temp.AccountAsync();
        Assert.Equal(6u, (await temp.AppendAsync(account, "INBOX", "ours")).Uid.Value);
        await temp.ReopenAsync(between: () => File.Delete(Path.Combine(temp.Root, "example.test", "alice", "index.db")));
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(1700000000u, view.UidValidity.Value);
        Assert.Equal([("first", 5u), ("ours", 6u)], await MessagesAsync(view));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Lost_index_and_list_never_bring_the_former_list_back_where_an_earlier_version_marked_the_folder()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,", "first");
        former.Write("dovecot-uidlist", $"3 V1700000000 N6\n5 :{First}\n");
        former.Write("fullstack-taken-over", "");
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.True(view.UidValidity.Value > 1700000000);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Later_uidvalidity_of_a_name_is_higher_than_the_one_taken_over()
    {
        const uint future = 4_200_000_000;
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.MakeFolder(".Old");
        former.Write(".Old/courierimapuiddb", $"1 {future} 1\n");
        Account account = await temp.AccountAsync();
        Assert.Equal(future, (await account.StatusAsync(TempStore.Box("Old"), Ct)).Value.UidValidity.Value);
        Assert.True((await account.DeleteAsync(TempStore.Box("Old"), Ct)).Ok);
        await temp.ReopenAsync();
        account = await temp.AccountAsync();
        Assert.True((await account.CreateAsync(TempStore.Box("Old"), SpecialUse.None, Ct)).Ok);
        Assert.True((await account.StatusAsync(TempStore.Box("Old"), Ct)).Value.UidValidity.Value > future);
    }

    [Fact]
    public async Task Two_courier_folders_of_one_second_keep_their_common_uidvalidity()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        foreach (string folder in (string[])[".Drafts", ".Trash"])
        {
            former.MakeFolder(folder);
            former.Write($"{folder}/courierimapuiddb", "1 795288866 1\n");
        }

        Account account = await temp.AccountAsync();
        foreach (string name in (string[])["Drafts", "Trash"])
            Assert.Equal(795288866u, (await account.StatusAsync(TempStore.Box(name), Ct)).Value.UidValidity.Value);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Delivery_before_the_first_opening_is_a_message_not_listed()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,", "first");
        former.Write("dovecot-uidlist", $"3 V1700000000 N6\n5 :{First}\n");
        Assert.True((await temp.DeliverAsync("delivered")).Ok);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal([("first", 5u), ("delivered", 6u)], await MessagesAsync(view));
        Assert.Equal(1700000000u, view.UidValidity.Value);
        await temp.CheckAsync();
    }

    [Theory]
    [InlineData(".Entw\u00FCrfe", "Entw\u00FCrfe")]
    [InlineData(".Entw&APw-rfe", "Entw\u00FCrfe")]
    [InlineData(".R&D", "R&D")]
    [InlineData(".R&-D", "R&D")]
    public async Task Folder_is_found_under_either_spelling_and_keeps_it(string folder, string name)
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.MakeFolder(folder);
        former.WriteMessage($"{folder}/cur/{First}:2,S", "first");
        former.Write($"{folder}/dovecot-uidlist", $"3 V1700000000 N6\n5 :{First}\n");
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync(), name);
        Assert.Equal((1700000000u, 5u), (view.UidValidity.Value, view.UidOf(1).Value));
        Assert.True(Directory.Exists(Path.Combine(temp.Maildir(), folder, "cur")));
    }

    [Theory]
    [InlineData("dovecot-uidlist")]
    [InlineData("dovecot-keywords")]
    [InlineData("courierpop3dsizelist")]
    [InlineData("subscriptions")]
    public async Task File_that_cannot_be_read_now_costs_nothing_once_it_can(string file)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = FileError.Failed, FailsAt = (call, path) => call == "open" && path.EndsWith(file, StringComparison.Ordinal) };
        await using TempStore temp = new(files);
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,a", "first");
        if (file == "courierpop3dsizelist")
            former.Write("courierimapuiddb", $"1 1700000000 6\n5 {First}\n");
        else
            former.Write("dovecot-uidlist", $"3 V1700000000 N6\n5 PUID1-5 :{First}\n");
        former.Write("dovecot-keywords", "0 work\n");
        former.Write("courierimapkeywords/:list", $"work\n\n{First}:0\n");
        former.Write("courierpop3dsizelist", $"/3 3 5\n{First}:2,FS 104 1:5:0\n");
        former.Write("subscriptions", "Work\n");
        Account account = await temp.AccountAsync();
        for (int attempt = 0; attempt < 2; attempt++)
            Assert.Equal(StoreError.Unavailable, (await account.OpenAsync(MailboxName.Inbox, readOnly: false, Ct)).Error);

        files.FailsAt = static (_, _) => false;
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.Equal((1700000000u, 5u), (view.UidValidity.Value, view.UidOf(1).Value));
        Assert.Equal(["work"], view.Entry(1)!.Keywords);
        Assert.Equal("UID1-5", (await view.UidlsAsync(Ct)).Value.Of(new(5)));
        Assert.Contains(await account.ListAsync(Ct), static i => i is { Subscribed: true, Name.Text: "Work" });
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Take_over_in_which_any_call_on_files_fails_ends_as_one_in_which_none_did()
    {
        int fail = 1;
        for (int made = int.MaxValue; fail <= made; fail++)
        {
            int calls = 0, armed = fail;
            FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = FileError.Failed };
            await using TempStore temp = new(files);
            FormerMaildir former = new(temp.Maildir());
            former.WriteMessage($"cur/{First}:2,a", "first");
            former.WriteMessage($"new/{Third}", "third, not listed");
            former.Write("dovecot-uidlist", $"3 V1700000000 N6\n5 W413 :{First}\n");
            former.Write("dovecot-keywords", "0 work\n");
            former.Write("subscriptions", "Work\n");
            Account account = await temp.AccountAsync();

            // Calls on message files are left alone: one of those is gone or not, and gets its UID when it is there.
            files.FailsAt = (_, path) => !path.Contains(".vm,", StringComparison.Ordinal) && Interlocked.Increment(ref calls) == armed;
            for (int attempt = 0; attempt < 3 && !(await account.OpenAsync(MailboxName.Inbox, readOnly: true, Ct)).Ok; attempt++)
            {
            }

            made = Math.Min(made, Math.Max(calls, 1));
            files.FailsAt = static (_, _) => false;
            await temp.ReopenAsync(crash: true);
            account = await temp.AccountAsync();
            using MailboxView view = await TempStore.OpenAsync(account);
            Assert.Equal(1700000000u, view.UidValidity.Value);
            Assert.Equal(("first", 5u), (await MessagesAsync(view))[0]);
            Assert.Equal("third, not listed", (await MessagesAsync(view))[1].Subject);
            Assert.Equal(["work"], view.Entry(1)!.Keywords);
            Assert.Contains(await account.ListAsync(Ct), static i => i is { Subscribed: true, Name.Text: "Work" });
            await temp.CheckAsync();
        }

        Assert.True(fail > 15, $"only {fail - 1} calls were made");
    }

    [Fact]
    public async Task Expunged_uid_of_a_former_server_stays_used()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,", "first");
        former.Write("dovecot-uidlist", $"3 V1700000000 N2\n5 :{First}\n");
        Account account = await temp.AccountAsync();
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await view.StoreFlagsAsync(UidSet.All, Delete, null, false, Ct);
            await view.ExpungeAsync(UidSet.All, Ct);
        }

        await temp.ReopenAsync(crash: true);
        account = await temp.AccountAsync();
        Assert.True((await temp.AppendAsync(account, "INBOX")).Uid.Value >= 6);
        await temp.CheckAsync();
    }

    internal static async Task<List<(string Subject, uint Uid)>> MessagesAsync(MailboxView view)
    {
        List<(string, uint)> found = [];
        for (int number = 1; number <= view.Count; number++)
        {
            string text = Encoding.Latin1.GetString(await TempStore.ReadAsync(view, view.UidOf(number)));
            found.Add((text.Split("Subject: ")[1].Split('\r')[0], view.UidOf(number).Value));
        }

        return found;
    }
}
