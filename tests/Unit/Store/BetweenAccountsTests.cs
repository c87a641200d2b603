using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>Messages that go from one account to another, and what accounts know of each other.</summary>
public sealed class BetweenAccountsTests
{
    private static readonly MessageFlags s_flags = new(SystemFlags.Seen | SystemFlags.Flagged | SystemFlags.Deleted, ["red"]);

    [Theory]
    [EachFormat(FlagKinds.All, SystemFlags.Seen | SystemFlags.Flagged | SystemFlags.Deleted, "red")]
    [EachFormat(FlagKinds.Seen, SystemFlags.Seen, "")]
    [EachFormat(FlagKinds.Others, SystemFlags.Flagged, "red")]
    [EachFormat(FlagKinds.Deleted, SystemFlags.Deleted, "")]
    [EachFormat(FlagKinds.None, SystemFlags.None, "")]
    public async Task A_copy_keeps_the_flags_that_it_may(FlagKinds kinds, SystemFlags system, string keywords, StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account alice = await temp.AccountAsync(), bob = await temp.AccountAsync("bob");
        await temp.AppendAsync(alice, "INBOX", "m", s_flags);
        using MailboxView source = await TempStore.OpenAsync(alice);
        Result<CopyOutcome> copied = await source.CopyAsync(UidSet.All, new TransferTarget(bob, MailboxName.Inbox, kinds), TempStore.Ct);
        Assert.True(copied.Ok);
        using MailboxView target = await TempStore.OpenAsync(bob);
        Assert.Equal(1, target.Count);
        Assert.Equal((system, keywords), (target.Entry(1)!.Flags, string.Join(' ', target.Entry(1)!.Keywords)));
        Assert.Equal(await TempStore.ReadAsync(source, source.UidOf(1)), await TempStore.ReadAsync(target, target.UidOf(1)));
        await temp.ReopenAsync();
        using MailboxView again = await TempStore.OpenAsync(await temp.AccountAsync("bob"));
        Assert.Equal((system, keywords), (again.Entry(1)!.Flags, string.Join(' ', again.Entry(1)!.Keywords)));
        await temp.CheckAsync();
        await temp.CheckAsync("bob");
    }

    [Theory]
    [EachFormat]
    public async Task A_move_leaves_nothing_behind(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account alice = await temp.AccountAsync(), bob = await temp.AccountAsync("bob");
        foreach (string subject in (string[])["one", "two", "three"])
            await temp.AppendAsync(alice, "INBOX", subject, s_flags);
        using MailboxView source = await TempStore.OpenAsync(alice);
        Result<CopyOutcome> moved = await source.MoveAsync(UidSet.Of(source.UidOf(1), source.UidOf(3)), new TransferTarget(bob, MailboxName.Inbox), TempStore.Ct);
        Assert.Equal(2, moved.Value.Target.Count);
        source.Synchronize(allowExpunges: true);
        Assert.Equal(1, source.Count);
        using MailboxView target = await TempStore.OpenAsync(bob);
        Assert.Equal(2, target.Count);
        Assert.Equal((1L, 2L), (alice.Usage.Used.Messages, bob.Usage.Used.Messages));
        await temp.CheckAsync();
        await temp.CheckAsync("bob");
    }

    [Fact]
    public async Task A_change_within_some_kinds_of_flags_leaves_the_others_alone()
    {
        await using TempStore temp = new();
        Account alice = await temp.AccountAsync();
        await temp.AppendAsync(alice, "INBOX", "m", s_flags);
        using MailboxView view = await TempStore.OpenAsync(alice);
        FlagChange change = new FlagChange(FlagOperation.Replace, new(SystemFlags.Answered | SystemFlags.Deleted, ["blue"])).Only(FlagKinds.Seen | FlagKinds.Others);
        Assert.True((await view.StoreFlagsAsync(UidSet.All, change, null, silent: false, TempStore.Ct)).Ok);
        Assert.Equal((SystemFlags.Answered | SystemFlags.Deleted, "blue"), (view.Entry(1)!.Flags, string.Join(' ', view.Entry(1)!.Keywords)));
        change = new FlagChange(FlagOperation.Replace, MessageFlags.None).Only(FlagKinds.Deleted);
        Assert.True((await view.StoreFlagsAsync(UidSet.All, change, null, silent: false, TempStore.Ct)).Ok);
        Assert.Equal((SystemFlags.Answered, "blue"), (view.Entry(1)!.Flags, string.Join(' ', view.Entry(1)!.Keywords)));
    }

    [Fact]
    public async Task Accounts_that_share_are_known_and_forgotten_with_their_lists()
    {
        await using TempStore temp = new();
        Account alice = await temp.AccountAsync();
        Assert.True(AclIdentifier.TryParse("user=bob", out AclIdentifier? bob));
        Assert.Empty(temp.Store.Shares.OfferedTo(TempStore.Name("bob"), []));
        await ChangeAsync(alice, bob, AclRights.Read);
        Assert.Empty(temp.Store.Shares.OfferedTo(TempStore.Name("bob"), [])); // There is nothing to see without l.
        await ChangeAsync(alice, bob, AclRights.Lookup);
        Assert.Equal([TempStore.Name()], temp.Store.Shares.OfferedTo(TempStore.Name("bob"), []));
        Assert.Empty(temp.Store.Shares.OfferedTo(TempStore.Name("carol"), []));
        Assert.Empty(temp.Store.Shares.OfferedTo(TempStore.Name(), [])); // One's own is no offer.
        await temp.ReopenAsync();
        Assert.Equal([TempStore.Name()], temp.Store.Shares.OfferedTo(TempStore.Name("bob"), []));

        // A lost file comes back with the account's next use.
        await temp.ReopenAsync(between: () => File.Delete(Path.Combine(temp.Root, ".shares")));
        Assert.Empty(temp.Store.Shares.OfferedTo(TempStore.Name("bob"), []));
        alice = await temp.AccountAsync();
        Assert.True((await alice.Access.RightsAsync(MailboxName.Inbox, TempStore.Name(), [], TempStore.Ct)).Ok);
        Assert.Equal([TempStore.Name()], temp.Store.Shares.OfferedTo(TempStore.Name("bob"), []));
        Assert.True((await alice.Access.DeleteAsync(MailboxName.Inbox, bob, TempStore.Ct)).Ok);
        Assert.Empty(temp.Store.Shares.OfferedTo(TempStore.Name("bob"), []));

        // Damage costs no more than a line.
        await ChangeAsync(alice, bob, AclRights.Lookup);
        await temp.ReopenAsync(between: () => File.AppendAllText(Path.Combine(temp.Root, ".shares"), "00000000 x@y z\n\0\0\0garbage"));
        Assert.Equal([TempStore.Name()], temp.Store.Shares.OfferedTo(TempStore.Name("bob"), []));
    }

    private static async Task ChangeAsync(Account account, AclIdentifier identifier, AclRights rights)
        => Assert.True((await account.Access.ChangeAsync(MailboxName.Inbox, identifier, new(AclOperation.Replace, rights), TempStore.Ct)).Ok);
}
