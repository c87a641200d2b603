using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

public sealed class ViewTests
{
    private static readonly FlagChange Delete = new(FlagOperation.Add, new(SystemFlags.Deleted, []));
    private static readonly FlagChange See = new(FlagOperation.Add, new(SystemFlags.Seen, []));

    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [EachFormat]
    public async Task Expunge_in_one_view_reaches_the_other_with_falling_numbers(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 5);
        using MailboxView one = await TempStore.OpenAsync(account), two = await TempStore.OpenAsync(account);
        await one.StoreFlagsAsync(UidSet.Of(one.UidOf(2), one.UidOf(4)), Delete, null, silent: true, Ct);
        Assert.Empty(one.Synchronize(true));
        UidSet expunged = (await one.ExpungeAsync(UidSet.All, Ct)).Value;
        Assert.Equal(UidSet.Of(new(2), new(4)).Ranges, expunged.Ranges);

        Assert.Equal(5, two.Count);
        Assert.Null(two.Entry(2));
        Assert.Empty(two.Synchronize(allowExpunges: false));
        Assert.Equal(5, two.Count);
        Assert.Equal([new ViewUpdate.Expunged(2, new(2)), new ViewUpdate.Expunged(3, new(4))], two.Synchronize(true));
        Assert.Equal(3, two.Count);
        Assert.Equal(new Uid(5), two.UidOf(3));
    }

    /// <summary>A client that resynchronises from a mod-sequence must not miss what it was not told of yet.</summary>
    [Theory]
    [EachFormat]
    public async Task The_mod_sequence_told_waits_for_expunges_that_wait(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 3);
        using MailboxView one = await TempStore.OpenAsync(account), two = await TempStore.OpenAsync(account);
        ModSeq before = two.ToldModSeq;
        Assert.Equal(two.HighestModSeq, before);
        await one.StoreFlagsAsync(UidSet.Of(new Uid(1)), Delete, null, silent: true, Ct);
        Assert.Equal(before, two.ToldModSeq);
        two.Synchronize(allowExpunges: false);
        Assert.Equal(two.HighestModSeq, two.ToldModSeq);
        ModSeq flagged = two.ToldModSeq;
        await one.ExpungeAsync(UidSet.All, Ct);
        two.Synchronize(allowExpunges: false);
        Assert.Equal(flagged, two.ToldModSeq);
        two.Synchronize(allowExpunges: true);
        Assert.Equal(two.HighestModSeq, two.ToldModSeq);
        Assert.True(two.ToldModSeq > flagged);
    }

    [Theory]
    [EachFormat]
    public async Task Growth_comes_through_while_expunges_wait(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 3);
        using MailboxView one = await TempStore.OpenAsync(account), two = await TempStore.OpenAsync(account, readOnly: true);
        await one.StoreFlagsAsync(UidSet.Of(new Uid(1)), Delete, null, silent: false, Ct);
        await one.ExpungeAsync(UidSet.All, Ct);
        await TempStore.OpenAsync(account);
        await temp.AppendAsync(account, "INBOX");
        IReadOnlyList<ViewUpdate> grown = two.Synchronize(allowExpunges: false);
        Assert.Equal(new ViewUpdate.Grown(4, 1), Assert.Single(grown));
        Assert.Equal(4, two.NumberOf(new(4)));
        Assert.Equal([new ViewUpdate.Expunged(1, new(1))], two.Synchronize(true));
        Assert.Equal(3, two.NumberOf(new(4)));
        Assert.Equal(0, two.NumberOf(new(1)));
        Assert.Equal(1, two.LowerBound(new(1)));
        Assert.Equal(4, two.LowerBound(new(5)));
    }

    [Theory]
    [EachFormat]
    public async Task Silent_change_is_told_to_the_others_and_to_the_same_view_only_where_somebody_else_changed_the_message_before(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 2);
        using MailboxView one = await TempStore.OpenAsync(account), two = await TempStore.OpenAsync(account);
        await two.StoreFlagsAsync(UidSet.Of(new Uid(2)), new(FlagOperation.Add, new(SystemFlags.Flagged, ["$Work"])), null, silent: true, Ct);
        await one.StoreFlagsAsync(UidSet.All, See, null, silent: true, Ct);

        ViewUpdate.FlagsChanged told = Assert.IsType<ViewUpdate.FlagsChanged>(Assert.Single(one.Synchronize(true)));
        Assert.Equal((2, SystemFlags.Seen | SystemFlags.Flagged), (told.Number, told.Entry.Flags));
        Assert.Equal(["$Work"], told.Entry.Keywords);
        Assert.Equal(2, two.Synchronize(true).Count);
    }

    [Theory]
    [EachFormat]
    public async Task Unchanged_since_leaves_later_changes_alone(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 2);
        using MailboxView view = await TempStore.OpenAsync(account);
        ModSeq before = view.HighestModSeq;
        StoreOutcome first = (await view.StoreFlagsAsync(UidSet.Of(new Uid(1)), See, null, false, Ct)).Value;
        Assert.True(first.ModSeq > before);
        StoreOutcome second = (await view.StoreFlagsAsync(UidSet.All, Delete, before, false, Ct)).Value;
        Assert.Equal(UidSet.Of(new Uid(2)).Ranges, second.Stored.Ranges);
        Assert.Equal(UidSet.Of(new Uid(1)).Ranges, second.Modified.Ranges);
        Assert.Equal(SystemFlags.Seen, view.Entry(1)!.Flags);
        StoreOutcome nothing = (await view.StoreFlagsAsync(UidSet.Of(new Uid(1)), See, null, false, Ct)).Value;
        Assert.Equal(view.HighestModSeq, nothing.ModSeq);
        Assert.Equal(second.ModSeq, nothing.ModSeq);
    }

    [Theory]
    [EachFormat]
    public async Task Recent_belongs_to_the_first_writable_view(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        await temp.DeliverAsync();
        Account account = await temp.AccountAsync();
        using MailboxView looking = await TempStore.OpenAsync(account, readOnly: true);
        Assert.Equal(1, looking.RecentCount);
        using MailboxView first = await TempStore.OpenAsync(account);
        Assert.True(first.IsRecent(1));
        using MailboxView second = await TempStore.OpenAsync(account);
        Assert.Equal(0, second.RecentCount);
        await temp.DeliverAsync();
        Assert.Equal([new ViewUpdate.Grown(2, 1)], second.Synchronize(true));
        Assert.Equal([new ViewUpdate.Grown(2, 1)], first.Synchronize(true));
        Assert.False(first.IsRecent(2));
    }

    [Theory]
    [EachFormat]
    public async Task Read_only_view_changes_nothing(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        await temp.DeliverAsync();
        using (MailboxView looking = await TempStore.OpenAsync(await temp.AccountAsync(), readOnly: true))
        {
            Assert.Equal(StoreError.ReadOnly, (await looking.StoreFlagsAsync(UidSet.All, See, null, false, Ct)).Error);
            Assert.Equal(StoreError.ReadOnly, (await looking.ExpungeAsync(UidSet.All, Ct)).Error);
            Assert.Equal(StoreError.ReadOnly, (await looking.MoveAsync(UidSet.All, MailboxName.Inbox, Ct)).Error);
        }

        await temp.ReopenAsync();
        using MailboxView again = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal((1, 1, SystemFlags.None), (again.Count, again.RecentCount, again.Entry(1)!.Flags));
        await temp.CheckAsync();
    }

    [Fact] // What is recent in an mbox stands in its Status fields: the transcripts show it.
    public async Task Writable_view_moves_messages_to_cur_and_a_read_only_view_does_not()
    {
        await using TempStore temp = new();
        await temp.DeliverAsync();
        Account account = await temp.AccountAsync();
        using MailboxView looking = await TempStore.OpenAsync(account, readOnly: true);
        Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(), "new")));
        (await TempStore.OpenAsync(account)).Dispose();
        await temp.ReopenAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(temp.Maildir(), "new")));
        Assert.EndsWith(":2,", Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(), "cur"))), StringComparison.Ordinal);
    }

    [Theory]
    [EachFormat]
    public async Task Message_opened_before_its_expunge_stays_readable_and_later_is_not_found(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 1);
        using MailboxView view = await TempStore.OpenAsync(account);
        await using MessageContent content = (await view.OpenMessageAsync(new(1), Ct)).Value;
        await view.StoreFlagsAsync(UidSet.All, Delete, null, false, Ct);
        await view.ExpungeAsync(UidSet.All, Ct);
        using MemoryStream read = new();
        await content.OpenWire().CopyToAsync(read, Ct);
        Assert.Equal(TempStore.Mail("m1"), read.ToArray());
        Assert.Equal(StoreError.NotFound, (await view.OpenMessageAsync(new(1), Ct)).Error);
    }

    [Theory]
    [EachFormat]
    public async Task Wire_range_is_cut_in_stored_octets_also_through_tiny_reads(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 1);
        using MailboxView view = await TempStore.OpenAsync(account);
        await using MessageContent content = (await view.OpenMessageAsync(new(1), Ct)).Value;
        string stored = System.Text.Encoding.ASCII.GetString(TempStore.Mail("m1")).Replace("\r\n", "\n");
        for (int start = 0; start <= stored.Length; start += 3)
        {
            List<byte> wire = [];
            await using Stream stream = content.OpenWire(start, 17);
            byte[] one = new byte[1];
            while (await stream.ReadAsync(one, Ct) == 1)
                wire.Add(one[0]);
            string expected = stored.Substring(start, Math.Min(17, stored.Length - start)).Replace("\n", "\r\n");
            Assert.Equal(expected, System.Text.Encoding.ASCII.GetString([.. wire]));
        }
    }

    [Theory]
    [EachFormat]
    public async Task Copy_and_move_keep_flags_keywords_and_dates_and_give_uids_in_order(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Target"), SpecialUse.None, Ct);
        DateTimeOffset date = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
        for (int i = 1; i <= 4; i++)
            await temp.AppendAsync(account, "INBOX", $"m{i}", new(SystemFlags.Seen, ["blue"]), date.AddDays(i));
        using MailboxView source = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target");

        CopyOutcome copied = (await source.CopyAsync(UidSet.Of(new(1), new(3)), TempStore.Box("Target"), Ct)).Value;
        Assert.Equal([new(1), new(3)], copied.Source);
        Assert.Equal([new(1), new(2)], copied.Target);
        CopyOutcome moved = (await source.MoveAsync(UidSet.Of(new Uid(4)), TempStore.Box("Target"), Ct)).Value;
        Assert.Equal(new Uid(3), Assert.Single(moved.Target));
        Assert.Equal(target.UidValidity, moved.UidValidity);

        Assert.Equal([new ViewUpdate.Expunged(4, new(4))], source.Synchronize(true));
        Assert.Equal([new ViewUpdate.Grown(3, 3)], target.Synchronize(true));
        Assert.Equal([date.AddDays(1), date.AddDays(3), date.AddDays(4)], Enumerable.Range(1, 3).Select(n => target.Entry(n)!.InternalDate));
        Assert.All(Enumerable.Range(1, 3), n => Assert.Equal((SystemFlags.Seen, "blue"), (target.Entry(n)!.Flags, Assert.Single(target.Entry(n)!.Keywords))));
        Assert.Equal(TempStore.Mail("m4"), await TempStore.ReadAsync(target, new(3)));
        Assert.Equal(StoreError.NotFound, (await source.CopyAsync(UidSet.All, TempStore.Box("Nowhere"), Ct)).Error);

        await temp.ReopenAsync();
        using MailboxView again = await TempStore.OpenAsync(await temp.AccountAsync(), "Target");
        Assert.Equal([date.AddDays(1), date.AddDays(3), date.AddDays(4)], Enumerable.Range(1, 3).Select(n => again.Entry(n)!.InternalDate));
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Move_within_one_mailbox_gives_new_uids(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 2);
        using MailboxView view = await TempStore.OpenAsync(account);
        CopyOutcome moved = (await view.MoveAsync(UidSet.All, MailboxName.Inbox, Ct)).Value;
        Assert.Equal([new(3), new(4)], moved.Target);
        view.Synchronize(true);
        Assert.Equal(2, view.Count);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Keywords_keep_their_first_spelling_and_have_a_bound(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp, 2);
        using MailboxView view = await TempStore.OpenAsync(account);
        await view.StoreFlagsAsync(UidSet.Of(new Uid(1)), new(FlagOperation.Add, new(SystemFlags.None, ["Work", "b"])), null, false, Ct);
        await view.StoreFlagsAsync(UidSet.Of(new Uid(2)), new(FlagOperation.Replace, new(SystemFlags.None, ["WORK", "work"])), null, false, Ct);
        Assert.Equal(["Work"], view.Entry(2)!.Keywords);
        await view.StoreFlagsAsync(UidSet.Of(new Uid(1)), new(FlagOperation.Remove, new(SystemFlags.None, ["wOrK"])), null, false, Ct);
        Assert.Equal(["b"], view.Entry(1)!.Keywords);
        Assert.Equal(["Work", "b"], view.Keywords);
        string[] many = [.. Enumerable.Range(0, 999).Select(static i => $"k{i}")];
        Assert.Equal(StoreError.OverQuota, (await view.StoreFlagsAsync(UidSet.All, new(FlagOperation.Add, new(SystemFlags.None, many)), null, false, Ct)).Error);
        await temp.CheckAsync();
    }

    internal static async Task<Account> FilledAsync(TempStore temp, int messages)
    {
        Account account = await temp.AccountAsync();
        for (int i = 1; i <= messages; i++)
            await temp.AppendAsync(account, "INBOX", $"m{i}");
        return account;
    }
}
