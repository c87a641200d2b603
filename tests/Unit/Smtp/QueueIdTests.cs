using FsCheck;
using FsCheck.Fluent;
using FullStack.Harness;
using FullStack.Smtp;

namespace FullStack.Unit.Smtp;

public sealed class QueueIdTests
{
    [Fact]
    public void Ids_are_unique_and_ascend_though_the_clock_stands()
    {
        QueueIdSource source = new(new ManualTimeProvider());
        List<string> ids = [.. Enumerable.Range(0, 10_000).Select(_ => source.Next().ToString())];
        Assert.Equal(ids, ids.Order(StringComparer.Ordinal).Distinct());
    }

    [Fact]
    public async Task Ids_are_unique_among_threads()
    {
        QueueIdSource source = new(new ManualTimeProvider());
        QueueId[][] ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 5000).Select(_ => source.Next()).ToArray())));
        Assert.Equal(40_000, ids.SelectMany(static some => some).Distinct().Count());
    }

    [Fact]
    public void A_later_process_goes_on_above()
    {
        ManualTimeProvider clock = new();
        QueueId before = new QueueIdSource(clock).Next();
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(string.CompareOrdinal(new QueueIdSource(clock).Next().ToString(), before.ToString()) > 0);
    }

    [Fact]
    public void Text_reads_back()
        => Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), static random =>
        {
            long number = (long)(random >> 9); // 55 bits
            return QueueId.TryParse(new QueueId(number).ToString(), out QueueId id) && id.Number == number;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("0123456789")]
    [InlineData("0123456789AB")]
    [InlineData("0123456789I")]
    [InlineData("0123456789a")]
    public void Other_text_is_no_id(string text) => Assert.False(QueueId.TryParse(text, out _));
}
