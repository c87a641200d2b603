using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store.Mbox;

/// <summary>What is known of an mbox from before it was closed is believed only where nothing can have changed since.</summary>
public sealed class MboxReopeningTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Flags_changed_in_place_are_known_though_the_file_grew_too()
    {
        await using TempStore temp = new(format: StoreFormat.Mbox);
        await temp.AppendAsync(await temp.AccountAsync(), "INBOX", "first");
        await temp.AppendAsync(await temp.AccountAsync(), "INBOX", "last known");
        await temp.ReopenAsync();
        using (MailboxView whole = await TempStore.OpenAsync(await temp.AccountAsync()))
            await whole.RescanAsync(Ct);
        await temp.ReopenAsync(); // All that is in the file is known, and written down.
        Account account = await temp.AccountAsync();
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            temp.Outsider.Add("INBOX", "later");
            await view.CatchUpAsync(); // Only the end of the file is read, so what is known now is not written down.
            Assert.True((await view.StoreFlagsAsync(UidSet.Of(new Uid(1)), new(FlagOperation.Add, new(SystemFlags.Flagged, [])), null, false, Ct)).Ok);
        }

        await temp.ReopenAsync();
        using MailboxView again = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(3, again.Count);
        Assert.Equal(SystemFlags.Flagged, again.Entry(1)!.Flags);
        await temp.CheckAsync();
    }
}
