using FullStack.Store.Accounts;

namespace FullStack.Unit.Store.Takeover;

public sealed class SubscriptionTakeoverTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [InlineData("subscriptions", "V\t2\n\nINBOX\nSent\tEntw&APw-rfe\nA.b\nGone\n\n", "INBOX", "Gone", "Sent.Entw\u00FCrfe")]
    [InlineData("subscriptions", "INBOX\nSent.Entw&APw-rfe\nINBOX.Other\n", "INBOX", "Other", "Sent.Entw\u00FCrfe")]
    [InlineData("courierimapsubscribed", "INBOX\nINBOX.Sent.Entw\u00C3\u00BCrfe\n#shared.bob.x\nshared.y\nINBOX.R&D\n", "INBOX", "R&D", "Sent.Entw\u00FCrfe")]
    [InlineData("courierimapsubscribed", "INBOX.Sent.Entw&APw-rfe\nINBOX..\n\n", "Sent.Entw\u00FCrfe")]
    public async Task Subscriptions_are_taken_over_once(string file, string text, params string[] names)
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.Write(file, text);
        Account account = await temp.AccountAsync();
        Assert.Equal(names, await SubscribedAsync(account));
        Assert.True((await account.SetSubscribedAsync(TempStore.Box(names[^1]), false, Ct)).Ok);
        await temp.ReopenAsync();
        Assert.Equal(names[..^1], await SubscribedAsync(await temp.AccountAsync()));
    }

    [Fact]
    public async Task Default_mailbox_that_was_there_unsubscribed_stays_so()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.MakeFolder(".Trash");
        former.MakeFolder(".Sent");
        former.Write("subscriptions", "V\t2\n\nSent\n");
        Account account = await temp.AccountAsync();
        Assert.True((await account.EnsureDefaultMailboxesAsync(Ct)).Ok);
        Assert.Equal(["Archive", "Drafts", "Junk", "Sent"], await SubscribedAsync(account));
        Assert.Equal(SpecialUse.Trash, (await account.ListAsync(Ct)).Single(static i => i.Name.Text == "Trash").SpecialUse);
    }

    [Theory]
    [InlineData(1700000100, 1700000000, "Dove")]
    [InlineData(1700000000, 1700000100, "Cour")]
    public async Task Of_two_files_the_one_changed_last_counts(long dovecot, long courier, string name)
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.Write("subscriptions", "V\t2\n\nDove\n", dovecot);
        former.Write("courierimapsubscribed", "INBOX.Cour\n", courier);
        Assert.Equal([name], await SubscribedAsync(await temp.AccountAsync()));
    }

    private static async Task<string[]> SubscribedAsync(Account account)
        => [.. (await account.ListAsync(Ct)).Where(static i => i.Subscribed).Select(static i => i.Name.Text)];
}
