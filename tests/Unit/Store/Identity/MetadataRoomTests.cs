using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Annotations;
using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Unit.Store.Acl;

namespace FullStack.Unit.Store.Identity;

/// <summary>What users write beside their mail has a bound for the account as a whole, by whatever command it comes.</summary>
public sealed class MetadataRoomTests
{
    private const int Limit = 1 << 20;
    private const int ValueOctets = 64 * 1024;
    private const int Fitting = Limit / ValueOctets - 1; // names and what each entry costs besides take the rest

    private static readonly AccountName Alice = TempStore.Name("alice");

    private static CancellationToken Ct => TempStore.Ct;

    private static TempStore NewStore() => new(change: static o => o with { MetadataLimit = Limit, AnnotationValueLimit = ValueOctets });

    [Fact]
    public async Task Metadata_of_all_mailboxes_together_has_a_bound_and_what_goes_makes_room()
    {
        await using TempStore temp = NewStore();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("a"), SpecialUse.None, Ct);
        for (int i = 0; i < Fitting; i++)
            Assert.Equal(StoreError.None, await SetAsync(account, i % 2 == 0 ? MailboxName.Inbox : TempStore.Box("a"), $"/private/{i}", new byte[ValueOctets]));
        foreach (MailboxName? name in (MailboxName?[])[null, MailboxName.Inbox, TempStore.Box("a")])
            Assert.Equal(StoreError.OverQuota, await SetAsync(account, name, "/private/more", new byte[ValueOctets]));
        Assert.Equal(StoreError.None, await SetAsync(account, MailboxName.Inbox, "/private/0", new byte[ValueOctets])); // it is in the place of one as large
        Assert.Equal(StoreError.None, await SetAsync(account, MailboxName.Inbox, "/private/0", null));
        Assert.Equal(StoreError.None, await SetAsync(account, TempStore.Box("a"), "/private/more", new byte[ValueOctets]));
        Assert.Equal(StoreError.OverQuota, await SetAsync(account, MailboxName.Inbox, "/private/0", new byte[ValueOctets]));
    }

    [Fact]
    public async Task Inbox_is_not_renamed_where_its_metadata_would_be_there_twice_too_often()
    {
        await using TempStore temp = NewStore();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one");
        for (int i = 0; i < Fitting / 2; i++)
            Assert.Equal(StoreError.None, await SetAsync(account, MailboxName.Inbox, $"/private/{i}", new byte[ValueOctets]));
        Assert.True((await account.RenameAsync(MailboxName.Inbox, TempStore.Box("first"), Ct)).Ok);
        Assert.Equal(StoreError.OverQuota, (await account.RenameAsync(MailboxName.Inbox, TempStore.Box("second"), Ct)).Error);
        Assert.Equal(["INBOX", "first"], (await account.ListAsync(Ct)).Select(static info => info.Name.Text));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Annotations_of_all_messages_together_have_a_bound_in_store_copy_and_append()
    {
        await using TempStore temp = NewStore();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Target"), SpecialUse.None, Ct);
        for (int i = 0; i <= Fitting; i++)
            await temp.AppendAsync(account, "INBOX", $"{i}");
        using MailboxView view = await TempStore.OpenAsync(account);
        AnnotationChange change = new("/comment", false, new byte[ValueOctets]);
        Assert.Equal(StoreError.OverQuota, (await view.AnnotateAsync(UidSet.All, [change], null, Ct)).Error);
        Assert.True((await view.AnnotatedAsync(static _ => true, Ct)).Value.IsEmpty);
        UidSet most = UidSet.Of([.. Enumerable.Range(1, Fitting - 1).Select(static n => new Uid((uint)n))]);
        Assert.True((await view.AnnotateAsync(most, [change], null, Ct)).Ok);
        Assert.Equal(StoreError.OverQuota, (await view.CopyAsync(most, TempStore.Box("Target"), Ct)).Error);
        Assert.Equal(0, (await account.StatusAsync(TempStore.Box("Target"), Ct)).Value.Messages);
        Assert.True((await view.CopyAsync(UidSet.Of(new Uid((uint)Fitting)), TempStore.Box("Target"), Ct)).Ok); // it has none
        Assert.True((await view.CopyAsync(UidSet.Of(new Uid(1)), TempStore.Box("Target"), Ct)).Ok);
        await using (StagedMessage staged = await temp.StageAsync(TempStore.Mail("more")))
            Assert.Equal(StoreError.OverQuota, (await account.AppendAsync(TempStore.Box("Target"), [new(staged, MessageFlags.None, null) { Annotations = [change] }], Ct)).Error);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Keys_for_mailboxes_that_are_gone_fill_no_disk_and_all_can_be_taken_away()
    {
        await using TempStore temp = new(change: static o => o with { MetadataLimit = 10_000 });
        Account account = await temp.AccountAsync();
        int made = 0;
        while (made < 1000 && (await account.UrlKeys.FindOrMakeAsync($"{made}", Ct)).Ok)
            made++;
        Assert.InRange(made, 10, 100);
        Assert.Equal(StoreError.OverQuota, (await account.UrlKeys.FindOrMakeAsync("more", Ct)).Error);
        Assert.True((await account.UrlKeys.FindOrMakeAsync("0", Ct)).Ok);
        Assert.True((await account.UrlKeys.ReplaceAsync("0", Ct)).Ok);
        Assert.True((await account.UrlKeys.RemoveAllAsync(Ct)).Ok);
        Assert.Empty(await account.Index.ReadAsync(static index => PropertyTable.Load(index, PropertyTable.Account), Ct));
        Assert.True((await account.UrlKeys.FindOrMakeAsync("more", Ct)).Ok);
    }

    [Fact]
    public async Task Subscriptions_have_a_bound()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.Index.CommitAsync(static index =>
        {
            for (int i = 0; i < Account.MaxSubscriptions; i++)
                MailboxTable.SetSubscribed(index, TempStore.Box($"box{i}"), true);
        }, Ct);
        Assert.Equal(StoreError.OverQuota, (await account.SetSubscribedAsync(TempStore.Box("more"), true, Ct)).Error);
        Assert.True((await account.SetSubscribedAsync(TempStore.Box("box1"), true, Ct)).Ok); // again
        Assert.True((await account.SetSubscribedAsync(TempStore.Box("box1"), false, Ct)).Ok);
        Assert.True((await account.SetSubscribedAsync(TempStore.Box("more"), true, Ct)).Ok);
    }

    [Fact]
    public async Task Access_lists_have_a_bound()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("a"), SpecialUse.None, Ct);
        await account.Index.CommitAsync(static index => AclTable.Replace(
            index, TempStore.Box("a"), Enumerable.Range(0, AccessList.MaxEntries).Select(static n => AccessListTests.Entry($"user=u{n}@example.test lr"))), Ct);
        account.Access.Forget();
        AclChange change = new(AclOperation.Replace, AclRights.Lookup | AclRights.Read);
        Assert.Equal(StoreError.OverQuota, (await account.Access.ChangeAsync(TempStore.Box("a"), AccessListTests.Entry("user=more@example.test lr").Identifier, change, Ct)).Error);
        Assert.True((await account.Access.ChangeAsync(TempStore.Box("a"), AccessListTests.Entry("user=u1@example.test lr").Identifier, change, Ct)).Ok);
    }

    private static async Task<StoreError> SetAsync(Account account, MailboxName? name, string entry, byte[]? value)
        => (await account.Metadata.SetAsync(name, Alice, [new MetadataChange(entry, value)], null, Ct)).Error;
}
