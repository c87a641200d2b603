using FullStack.Harness;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>What was written behind a moment before its command asks for it to be durable is synced all the same.</summary>
public sealed class DurableFlushTests
{
    [Fact]
    public async Task Flush_that_finds_nothing_to_write_syncs_what_was_written_behind()
    {
        await using TempStore temp = new(time: new ManualTimeProvider()); // so that nothing is written behind meanwhile
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", flags: new(SystemFlags.Seen, []));
        using MailboxView view = await TempStore.OpenAsync(account);
        await account.Index.FlushAsync(durable: true, TempStore.Ct);
        List<bool> written = [];
        account.Index.Written = written.Add;

        account.Index.Post(account.Mailboxes.Opened(MailboxName.Inbox)!.Counters.Id, [view.Entry(1)!]);
        await account.Index.FlushAsync(durable: false, TempStore.Ct);
        await account.Index.FlushAsync(durable: true, TempStore.Ct);
        Assert.Equal([false, true], written);
        await account.Index.FlushAsync(durable: true, TempStore.Ct);
        await account.Index.FlushAsync(durable: false, TempStore.Ct);
        Assert.Equal([false, true], written);
    }
}
