using FullStack.Imap.Resync;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Unit.Store;

namespace FullStack.Unit.Imap.Resync;

public sealed class SequenceMatchTests
{
    /// <summary>The mailbox has the UIDs 1, 2, 4, 5, 7; a client that knew 1 to 7 gives some numbers and their UIDs.</summary>
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("1:7", "1:7", 2)]
    [InlineData("1", "1", 1)]
    [InlineData("2,4", "2,4", 2)]
    [InlineData("3:5", "3:5", 0)]
    [InlineData("1:3", "1:2,4", 4)]
    [InlineData("5", "7", 7)]
    [InlineData("1,5,6", "1,7,8", 7)]
    [InlineData("6:4294967295", "6:4294967295", 0)]
    [InlineData("1:4294967295", "1:4294967295", 2)]
    public async Task The_highest_pair_that_still_holds_counts(string numbers, string uids, uint expected)
    {
        await using TempStore temp = new();
        Account account = await ViewTests.FilledAsync(temp, 7);
        using MailboxView view = await TempStore.OpenAsync(account);
        UidSet gone = UidSet.Of(new Uid(3), new Uid(6));
        await view.StoreFlagsAsync(gone, new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, silent: true, TempStore.Ct);
        await view.ExpungeAsync(gone, TempStore.Ct);
        view.Synchronize(allowExpunges: true);
        Assert.Equal(expected, SequenceMatch.HighestMatch(view, Ranges(numbers), Ranges(uids)));
    }

    private static NumberRanges Ranges(string text) => NumberRanges.From(text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static range =>
    {
        uint[] ends = [.. range.Split(':').Select(uint.Parse)];
        return new NumberRange(ends[0], ends[^1]);
    }));
}
