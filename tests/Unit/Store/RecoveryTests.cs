using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Store;

public sealed class RecoveryTests
{
    private static readonly FlagChange Mark = new(FlagOperation.Add, new(SystemFlags.Flagged, ["$Label1", "red"]));

    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [EachFormat]
    public async Task Clean_close_keeps_every_number_and_flag(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await ViewTests.FilledAsync(temp, 3);
        MailboxStatus before;
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await view.StoreFlagsAsync(UidSet.Of(new Uid(2)), Mark, null, false, Ct);
            before = (await account.StatusAsync(MailboxName.Inbox, Ct)).Value;
        }

        await temp.ReopenAsync();
        account = await temp.AccountAsync();
        Assert.Equal(before, (await account.StatusAsync(MailboxName.Inbox, Ct)).Value);
        using MailboxView again = await TempStore.OpenAsync(account);
        Assert.Equal(["$Label1", "red"], again.Entry(2)!.Keywords);
        Assert.Equal(SystemFlags.Flagged, again.Entry(2)!.Flags);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task After_a_crash_no_uid_and_no_modseq_comes_again_and_durable_keywords_are_there(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await ViewTests.FilledAsync(temp, 2);
        ModSeq highest;
        UidValidity validity;
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await view.StoreFlagsAsync(UidSet.Of(new Uid(1)), Mark, null, false, Ct);
            Assert.Equal(new Uid(3), (await temp.AppendAsync(account, "INBOX", "m3")).Uid);
            (highest, validity) = (view.HighestModSeq, view.UidValidity);
        }

        await temp.ReopenAsync(crash: true);
        account = await temp.AccountAsync();
        using MailboxView after = await TempStore.OpenAsync(account);
        Assert.Equal(validity, after.UidValidity);
        Assert.Equal(3, after.Count);
        Assert.Equal(["$Label1", "red"], after.Entry(after.NumberOf(new(1)))!.Keywords);
        Assert.True(after.HighestModSeq > highest);

        // The third message's row was lost with the crash: it may not come back under a UID that another could get.
        Uid third = after.UidOf(3);
        Assert.True(third.Value >= 1000);
        Assert.Equal(TempStore.Mail("m3"), await TempStore.ReadAsync(after, third));
        Assert.True((await temp.AppendAsync(account, "INBOX", "m4")).Uid > third);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task A_uid_that_a_crash_took_from_a_message_is_known_to_be_gone_by_who_saw_it(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await ViewTests.FilledAsync(temp, 2);
        ModSeq highest;
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            Assert.Equal(new Uid(3), (await temp.AppendAsync(account, "INBOX", "m3")).Uid);
            view.Synchronize(true);
            highest = view.HighestModSeq;
        }

        await temp.ReopenAsync(crash: true, between: () => RemoveRow(temp, uid: 3)); // the row may have been written in time
        account = await temp.AccountAsync();
        using (MailboxView after = await TempStore.OpenAsync(account))
        {
            Assert.Equal(0, after.NumberOf(new(3)));
            Assert.Null((await after.ExpungedSinceAsync(highest, Ct)).Value); // all that is not there may have gone since
            ModSeq next = after.HighestModSeq;
            Uid second = after.UidOf(2);
            await after.StoreFlagsAsync(UidSet.Of(second), new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, false, Ct);
            Assert.True((await after.ExpungeAsync(UidSet.Of(second), Ct)).Ok);
            Assert.Equal([new NumberRange(second.Value, second.Value)], (await after.ExpungedSinceAsync(next, Ct)).Value!.Value.Ranges);
        }

        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Uid_of_an_expunged_message_is_not_given_again_after_a_crash(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await ViewTests.FilledAsync(temp, 3);
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await view.StoreFlagsAsync(UidSet.Of(new Uid(3)), new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, false, Ct);
            await view.ExpungeAsync(UidSet.All, Ct);
        }

        await temp.ReopenAsync(crash: true);
        account = await temp.AccountAsync();
        Assert.True((await temp.AppendAsync(account, "INBOX")).Uid > new Uid(3));
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat(false)]
    [EachFormat(true)]
    public async Task Lost_or_damaged_index_costs_nothing(bool damaged, StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await ViewTests.FilledAsync(temp, 3);
        await account.CreateAsync(TempStore.Box("Other"), SpecialUse.None, Ct);
        List<uint> validities = [];
        string uidl;
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await view.StoreFlagsAsync(UidSet.All, Mark, null, false, Ct);
            uidl = (await view.UidlsAsync(Ct)).Value.Of(new(2));
        }

        foreach (string name in (string[])["INBOX", "Other"])
            validities.Add((await account.StatusAsync(TempStore.Box(name), Ct)).Value.UidValidity.Value);
        string index = Path.Combine(temp.Root, "example.test", "alice", "index.db");
        await temp.ReopenAsync(between: () =>
        {
            if (damaged)
                File.WriteAllText(index, "this is no database, and long enough to be looked at as one");
            else
                File.Delete(index);
        });
        account = await temp.AccountAsync();
        using MailboxView after = await TempStore.OpenAsync(account);
        Assert.Equal(3, after.Count);
        Assert.Equal(SystemFlags.Flagged, after.Entry(2)!.Flags);
        Assert.Equal(uidl, (await after.UidlsAsync(Ct)).Value.Of(after.UidOf(2)));
        Assert.Equal([1u, 2u, 3u], Enumerable.Range(1, 3).Select(number => after.UidOf(number).Value));
        Assert.Equal(new Uid(4), after.UidNext);
        Assert.Equal(["$Label1", "red"], after.Entry(2)!.Keywords);
        List<uint> now = [];
        foreach (string name in (string[])["INBOX", "Other"])
            now.Add((await account.StatusAsync(TempStore.Box(name), Ct)).Value.UidValidity.Value);
        Assert.Equal(validities, now);
        Assert.Equal(damaged, Directory.GetFiles(Path.GetDirectoryName(index)!, "index.db.broken-*").Length == 1);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Rename_that_a_crash_interrupted_is_carried_to_its_end(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("a"), SpecialUse.None, Ct);
        await account.CreateAsync(TempStore.Box("a.b"), SpecialUse.None, Ct);
        uint validity = (await account.StatusAsync(TempStore.Box("a.b"), Ct)).Value.UidValidity.Value;
        await account.Catalog.Renames.BeginAsync(
            [Pending("a", "z"), Pending("a.b", "z.b")], Ct);
        await temp.ReopenAsync(crash: true, between: () => Directory.Move(temp.PathOf("a"), temp.PathOf("z")));
        account = await temp.AccountAsync();
        Assert.Equal(["INBOX", "z", "z.b"], (await account.ListAsync(Ct)).Select(static i => i.Name.Text));
        Assert.Equal(validity, (await account.StatusAsync(TempStore.Box("z.b"), Ct)).Value.UidValidity.Value);
        await temp.CheckAsync();

        PendingRename Pending(string from, string to) => new(
            TempStore.Box(from), TempStore.Box(to), account.Catalog.Home.EntryOf(TempStore.Box(from))!, account.Catalog.Home.EntryOf(TempStore.Box(to))!);
    }

    [Theory]
    [EachFormat]
    public async Task Staged_messages_that_a_crash_left_are_removed(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        string staged = Path.Combine(temp.Root, ".staging", "3.staged");
        await temp.ReopenAsync(crash: true, between: () => File.WriteAllText(staged, "half"));
        Assert.False(File.Exists(staged));
    }

    [Fact] // Maildir's tmp/: other programs deliver by it too.
    public async Task Leftovers_of_a_crash_are_removed_the_young_ones_in_tmp_are_not()
    {
        await using TempStore temp = new();
        await temp.AccountAsync();
        string old = Path.Combine(temp.Maildir(), "tmp", "1.old"), young = Path.Combine(temp.Maildir(), "tmp", "2.young");
        await temp.ReopenAsync(crash: true, between: () =>
        {
            foreach (string path in (string[])[old, young])
                File.WriteAllText(path, "half");
            File.SetLastWriteTimeUtc(old, File.GetLastWriteTimeUtc(young).AddHours(-37));
        });
        await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
    }

    [Theory]
    [EachFormat]
    public async Task Idle_account_is_closed_and_opens_again_as_it_was(StoreFormat format)
    {
        await using TempStore temp = new(idle: TimeSpan.Zero, format: format);
        Uid uid;
        using (AccountLease lease = (await temp.Store.OpenAccountAsync(TempStore.Name(), Ct)).Value)
            uid = (await temp.AppendAsync(lease.Account, "INBOX")).Uid;
        await temp.Store.SweepAsync();
        using AccountLease again = (await temp.Store.OpenAccountAsync(TempStore.Name(), Ct)).Value;
        Assert.Equal(new Uid(uid.Value + 1), (await temp.AppendAsync(again.Account, "INBOX")).Uid);
        await temp.Store.SweepAsync();
        Assert.Equal(new Uid(uid.Value + 2), (await temp.AppendAsync(again.Account, "INBOX")).Uid);
        await temp.CheckAsync();
    }

    private static void RemoveRow(TempStore temp, int uid)
    {
        using SqliteConnection index = new($"Data Source={Path.Combine(temp.Root, "example.test", "alice", "index.db")};Pooling=False");
        index.Open();
        using SqliteCommand command = index.CreateCommand();
        command.CommandText = "DELETE FROM messages WHERE uid = $uid";
        command.Parameters.AddWithValue("$uid", uid);
        command.ExecuteNonQuery();
    }
}
