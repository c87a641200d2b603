using FullStack.Harness;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

public sealed class UnloadTests
{
    /// <summary>Many looks for what is idle may wait for the same mailbox: none of them takes it from whoever asks for it meanwhile.</summary>
    [Fact]
    public async Task A_mailbox_that_is_asked_for_while_it_is_about_to_be_unloaded_stays()
    {
        TimeSpan idle = TimeSpan.FromSeconds(30);
        ManualTimeProvider time = new();
        await using TempStore temp = new(time: time, idle: TimeSpan.FromDays(1));
        await temp.DeliverAsync();
        Account account = await temp.AccountAsync();
        (await TempStore.OpenAsync(account)).Dispose();
        Mailbox mailbox = account.Mailboxes.Opened(MailboxName.Inbox)!;
        time.Advance(idle);
        Task[] resting;
        using (await mailbox.EnterAsync(TempStore.Ct))
        {
            resting = [.. Enumerable.Range(0, 10).Select(_ => account.Mailboxes.RestAsync(idle))];
            Assert.True((await account.Mailboxes.FindAsync(MailboxName.Inbox, TempStore.Ct)).Ok);
        }

        await Task.WhenAll(resting);
        Assert.True(mailbox.IsLoaded);
        time.Advance(idle);
        await account.Mailboxes.RestAsync(idle);
        Assert.False(mailbox.IsLoaded);
    }
}
