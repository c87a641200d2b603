using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>Sizes of messages as POP3 sends them.</summary>
public sealed class SentSizesTests
{
    /// <summary>A login to a maildrop of many messages ends in time, and the next one goes on.</summary>
    [Fact]
    public async Task Logins_look_at_messages_for_a_bounded_time_and_go_on_where_the_last_one_ended()
    {
        const int Messages = 150;
        await using TempStore temp = new(time: new HastyClock());
        Account account = await temp.AccountAsync();
        for (int n = 0; n < Messages; n++)
        {
            await using StagedMessage message = await temp.StageAsync(Encoding.ASCII.GetBytes($"Subject: {n}\r\n\r\nwithout an end"));
            Assert.True((await account.AppendAsync(MailboxName.Inbox, message, MessageFlags.None, null, TempStore.Ct)).Ok);
        }

        using MailboxView view = await TempStore.OpenAsync(account);
        List<int> known = [];
        while (known.Count == 0 || known[^1] < Messages)
        {
            IReadOnlyDictionary<uint, SentSize> sizes = (await view.SentSizesAsync(TempStore.Ct)).Value;
            Assert.All(sizes, size => Assert.Equal(view.Entry(view.NumberOf(new Uid(size.Key)))!.WireOctets + 2, size.Value.Wire));
            Assert.True(known.Count == 0 || sizes.Count > known[^1], "a login that looks at messages gets on");
            known.Add(sizes.Count);
        }

        Assert.True(known.Count > 1, "the first login looked at all, so its time has no bound");
    }

    /// <summary>More time passes between any two looks at it than one login has.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Add(ref _now, SentSizes.Patience.Ticks);
    }
}
