using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Store;

public sealed class AccountFeedTests
{
    /// <summary>What is found out under a lock is told behind it, and must neither come after what happened later nor to who began to watch later.</summary>
    [Fact]
    public async Task What_is_told_behind_a_lock_keeps_its_place()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        AccountEvent made = new AccountEvent.Created(TempStore.Box("Work")), gone = new AccountEvent.Deleted(TempStore.Box("Work"));
        BackgroundWork behind = new(NullLogger.Instance);
        for (int i = 0; i < 100; i++)
        {
            using AccountWatch before = new(account);
            account.Feed.PostBehind(made, behind);
            using AccountWatch after = new(account);
            account.Feed.PostBehind(gone, behind);
            account.Feed.Post(made);
            Assert.Equal([made, gone, made], before.TakeEvents());
            Assert.Equal([gone, made], after.TakeEvents());
        }

        await behind.EndAsync();
    }
}
