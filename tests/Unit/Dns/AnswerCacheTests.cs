using FullStack.Dns;
using FullStack.Dns.Cache;
using FullStack.Harness;

namespace FullStack.Unit.Dns;

/// <summary>Answers that are kept take no more room than they may.</summary>
public sealed class AnswerCacheTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void The_one_that_nobody_asked_for_longest_goes_first()
    {
        AnswerCache cache = new(_time);
        for (int i = 0; i < 3; i++)
            cache.Add(Question(i), Answer(1), maxEntries: 3, maxOctets: long.MaxValue);
        Assert.NotNull(cache.Find(Question(0)));
        cache.Add(Question(3), Answer(1), maxEntries: 3, maxOctets: long.MaxValue);
        Assert.Equal([true, false, true, true], Enumerable.Range(0, 4).Select(i => cache.Find(Question(i)) is not null));
        Assert.Equal(3, cache.Count);
    }

    [Fact]
    public void Octets_have_a_bound_and_are_given_back()
    {
        AnswerCache cache = new(_time);
        for (int i = 0; i < 100; i++)
        {
            cache.Add(Question(i), Answer(10), maxEntries: 1000, maxOctets: 20_000);
            Assert.InRange(cache.Octets, 1, 20_000);
        }

        Assert.InRange(cache.Count, 2, 30);
        cache.Add(Question(999), Answer(1000), maxEntries: 1000, maxOctets: 20_000);
        Assert.Null(cache.Find(Question(999)));
        _time.Advance(TimeSpan.FromMinutes(1));
        for (int i = 0; i < 100; i++)
            Assert.Null(cache.Find(Question(i)));
        Assert.Equal((0, 0), (cache.Count, cache.Octets));
    }

    [Fact]
    public void A_new_answer_takes_the_place_of_the_old_one()
    {
        AnswerCache cache = new(_time);
        cache.Add(Question(1), Answer(10), maxEntries: 10, maxOctets: long.MaxValue);
        cache.Add(Question(1), Answer(2), maxEntries: 10, maxOctets: long.MaxValue);
        Assert.Equal((2, 1), (cache.Find(Question(1))!.Records.Count, cache.Count));
        cache.Add(Question(1), Answer(2) with { TimeToLive = TimeSpan.Zero }, maxEntries: 10, maxOctets: long.MaxValue);
        Assert.Equal((0, 0), (cache.Count, cache.Octets));
        cache.Add(Question(1), Answer(1), maxEntries: 0, maxOctets: long.MaxValue);
        Assert.Equal(0, cache.Count);
    }

    private static DnsQuestion Question(int number)
        => DnsName.TryParse($"n{number}.example.org", out DnsName? name) ? new(name, RecordType.Txt) : throw new ArgumentException("no name", nameof(number));

    private static DnsAnswer<RecordData> Answer(int records)
        => new(DnsOutcome.Found, [.. Enumerable.Range(0, records).Select(static i => new TextData($"text {i}"))]) { Name = DnsName.Root, TimeToLive = TimeSpan.FromMinutes(1) };
}
