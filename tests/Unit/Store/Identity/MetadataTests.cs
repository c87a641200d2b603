using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store.Identity;

public sealed class MetadataTests
{
    private static readonly byte[] Value = [0, 1, 10, 255, (byte)'%', (byte)' '];

    private static CancellationToken Ct => TempStore.Ct;

    private static AccountName Alice => TempStore.Name();
    private static AccountName Bob => TempStore.Name("bob");

    [Theory, EachFormat]
    public async Task Entries_survive_the_index_and_an_empty_value_is_one(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        foreach (MailboxName? name in (MailboxName?[])[null, MailboxName.Inbox])
        {
            Assert.True(await SetAsync(account, name, "/private/Comment", Value));
            Assert.True(await SetAsync(account, name, "/shared/empty", []));
            Assert.True(await SetAsync(account, name, "/shared/gone", Value));
            Assert.True(await SetAsync(account, name, "/shared/Gone", null));
        }

        await temp.ReopenAsync(between: () => DeleteIndex(temp));
        account = await temp.AccountAsync();
        foreach (MailboxName? name in (MailboxName?[])[null, MailboxName.Inbox])
        {
            IReadOnlyDictionary<string, byte[]> entries = await ReadAsync(account, name, Alice);
            Assert.Equal(["/private/comment", "/shared/empty"], entries.Keys.Order());
            Assert.Equal(Value, entries["/private/comment"]);
            Assert.Empty(entries["/shared/empty"]);
        }

        await temp.CheckAsync();
    }

    [Fact]
    public async Task Names_sizes_and_numbers_have_bounds_and_a_refusal_changes_nothing()
    {
        await using TempStore temp = new(change: static o => o with { MetadataValueLimit = 1024, MetadataEntryLimit = 10 });
        Account account = await temp.AccountAsync();
        foreach (string name in (string[])["/other/x", "/private", "/private/", "/private/a//b", "/private/a/", "/private/*", "/private/%", "/private/ä", "/private/\u001f", "private/x", $"/private/{new string('x', 300)}"])
            Assert.Equal(StoreError.BadName, (await account.Metadata.SetAsync(MailboxName.Inbox, Alice, [new("/private/ok", Value), new(name, Value)], null, Ct)).Error);
        Assert.Equal(StoreError.TooBig, (await account.Metadata.SetAsync(MailboxName.Inbox, Alice, [new("/private/ok", Value), new("/private/x", new byte[1025])], null, Ct)).Error);
        Assert.Equal(StoreError.NotFound, (await account.Metadata.SetAsync(TempStore.Box("none"), Alice, [new("/private/x", Value)], null, Ct)).Error);
        Assert.Equal(StoreError.NotFound, (await account.Metadata.ReadAsync(TempStore.Box("none"), Alice, Ct)).Error);
        for (int i = 1; i < 10; i++)
            Assert.True(await SetAsync(account, MailboxName.Inbox, $"/private/{i}", Value));
        Assert.Equal(StoreError.OverQuota, (await account.Metadata.SetAsync(MailboxName.Inbox, Alice, [new("/shared/ok", Value), new("/private/ok", Value)], null, Ct)).Error);
        Assert.Equal(9, (await ReadAsync(account, MailboxName.Inbox, Alice)).Count);
        Assert.True((await account.Metadata.SetAsync(MailboxName.Inbox, Alice, [new("/private/ok", Value), new("/private/1", Value)], null, Ct)).Ok);
        Assert.True((await account.Metadata.SetAsync(MailboxName.Inbox, Alice, [new("/private/more", Value), new("/private/ok", null)], null, Ct)).Ok);
    }

    [Fact]
    public async Task Private_entries_are_their_owners_and_shared_ones_everybodys()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        Assert.True(await SetAsync(account, MailboxName.Inbox, "/private/x", [1]));
        Assert.True(await SetAsync(account, MailboxName.Inbox, "/private/x", [2], Bob));
        Assert.True(await SetAsync(account, MailboxName.Inbox, "/shared/x", [3], Bob));
        Assert.Equal([("/private/x", 1), ("/shared/x", 3)], (await ReadAsync(account, MailboxName.Inbox, Alice)).OrderBy(static e => e.Key).Select(static e => (e.Key, (int)e.Value[0])));
        Assert.Equal([("/private/x", 2), ("/shared/x", 3)], (await ReadAsync(account, MailboxName.Inbox, Bob)).OrderBy(static e => e.Key).Select(static e => (e.Key, (int)e.Value[0])));
    }

    [Fact]
    public async Task Many_that_were_taken_away_do_not_come_back_when_the_index_is_lost()
    {
        await using TempStore temp = new(change: static o => o with { MetadataEntryLimit = 10 });
        Account account = await temp.AccountAsync();
        for (int i = 0; i < 40; i++)
        {
            Assert.True(await SetAsync(account, MailboxName.Inbox, $"/private/{i}", Value));
            if (i % 3 == 0)
                await account.RestAsync(TimeSpan.FromDays(1));
            Assert.True(await SetAsync(account, MailboxName.Inbox, $"/private/{i}", null));
        }

        await temp.ReopenAsync(between: () => DeleteIndex(temp));
        Assert.Empty(await ReadAsync(await temp.AccountAsync(), MailboxName.Inbox, Alice));
    }

    [Fact]
    public async Task Entries_follow_a_renamed_mailbox_stay_with_inbox_and_go_with_a_deleted_one()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("a"), SpecialUse.None, Ct);
        Assert.True(await SetAsync(account, TempStore.Box("a"), "/private/x", [1]));
        Assert.True(await SetAsync(account, MailboxName.Inbox, "/private/x", [2]));
        Assert.True((await account.RenameAsync(TempStore.Box("a"), TempStore.Box("b"), Ct)).Ok);
        Assert.True((await account.RenameAsync(MailboxName.Inbox, TempStore.Box("old"), Ct)).Ok);
        Assert.Equal([1], (await ReadAsync(account, TempStore.Box("b"), Alice))["/private/x"]);
        Assert.Equal([2], (await ReadAsync(account, TempStore.Box("old"), Alice))["/private/x"]);
        Assert.Equal([2], (await ReadAsync(account, MailboxName.Inbox, Alice))["/private/x"]);
        Assert.True((await account.DeleteAsync(TempStore.Box("b"), Ct)).Ok);
        await account.CreateAsync(TempStore.Box("b"), SpecialUse.None, Ct);
        Assert.Empty(await ReadAsync(account, TempStore.Box("b"), Alice));
    }

    [Fact]
    public async Task A_watch_tells_what_others_changed_once_and_not_others_private_entries()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        using MetadataWatch mine = account.Metadata.Watch(Alice), bobs = account.Metadata.Watch(Bob);
        int calls = 0;
        bobs.Changed = () => calls++;
        await account.Metadata.SetAsync(MailboxName.Inbox, Alice, [new("/private/x", [1]), new("/Shared/Y", [1])], mine, Ct);
        await account.Metadata.SetAsync(MailboxName.Inbox, Alice, [new("/shared/y", null)], mine, Ct);
        await account.Metadata.SetAsync(null, Alice, [new("/private/z", [1])], by: null, Ct);
        Assert.Equal([new MetadataName(null, "/private/z")], mine.Drain());
        Assert.Equal([new MetadataName(MailboxName.Inbox, "/shared/y")], bobs.Drain());
        Assert.Empty(bobs.Drain());
        Assert.Equal(1, calls);
        bobs.Dispose();
        await account.Metadata.SetAsync(null, Alice, [new("/shared/z", [1])], mine, Ct);
        Assert.Empty(bobs.Drain());
    }

    private static async Task<bool> SetAsync(Account account, MailboxName? name, string entry, byte[]? value, AccountName? user = null)
        => (await account.Metadata.SetAsync(name, user ?? Alice, [new(entry, value)], null, Ct)).Ok;

    private static async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(Account account, MailboxName? name, AccountName user)
        => (await account.Metadata.ReadAsync(name, user, Ct)).Value;

    private static void DeleteIndex(TempStore temp)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(temp.Root, "example.test", "alice"), "index.db*"))
            File.Delete(file);
    }
}
