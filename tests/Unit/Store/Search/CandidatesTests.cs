using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Search;

namespace FullStack.Unit.Store.Search;

/// <summary>Searches look at the messages that their sets of numbers and their flags leave, and find the same as if they looked at all.</summary>
public sealed class CandidatesTests
{
    private const int Messages = 500;
    private const int Queries = 400;

    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public void As_many_are_looked_at_as_the_sets_name()
    {
        MessageList list = ListOf(100_000, static _ => SystemFlags.None);
        MessageQuery hundred = new MessageQuery.UidIn(Range(1, 100)), unseen = new MessageQuery.Not(new MessageQuery.Flagged(SystemFlags.Seen));
        Assert.Equal(100, CountOf(hundred, list));
        Assert.Equal(100, CountOf(new MessageQuery.And([unseen, hundred]), list));
        Assert.Equal(51, CountOf(new MessageQuery.And([new MessageQuery.NumberIn(Range(50, 200)), new MessageQuery.And([hundred])]), list));
        Assert.Equal(101, CountOf(new MessageQuery.Or(hundred, new MessageQuery.NumberIn(Range(100_000, uint.MaxValue))), list));
        Assert.Equal(99_900, CountOf(new MessageQuery.Not(hundred), list));
        Assert.Equal(100_000, CountOf(new MessageQuery.Or(hundred, unseen), list));
        Assert.Equal(0, CountOf(new MessageQuery.UidIn(Range(100_001, uint.MaxValue)), list));
        Assert.Equal(0, CountOf(hundred, MessageList.Empty));
    }

    [Fact]
    public void As_many_are_looked_at_as_have_the_flags()
    {
        MessageList list = ListOf(100_000, static uid => uid % 1000 == 0 ? SystemFlags.Deleted : SystemFlags.Seen);
        MessageQuery deleted = new MessageQuery.Flagged(SystemFlags.Deleted), unseen = new MessageQuery.Not(new MessageQuery.Flagged(SystemFlags.Seen));
        Assert.Equal(100, CountOf(deleted, list));
        Assert.Equal(100, CountOf(unseen, list));
        Assert.Equal(1, CountOf(new MessageQuery.And([deleted, new MessageQuery.UidIn(Range(1, 1999))]), list));
        Assert.Equal(100_000, CountOf(new MessageQuery.Flagged(SystemFlags.Deleted | SystemFlags.Seen), list));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_queries_find_what_a_look_at_all_finds_also_while_the_view_is_behind(int seed)
    {
        Random random = new(seed);
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        for (int i = 1; i <= Messages; i++)
            await File.WriteAllTextAsync(Path.Combine(temp.Maildir(), "cur", $"{1_000_000 + i}.M1P1.other:2,{(i / 150 % 2 == 0 ? "S" : "")}{(i % 140 == 0 ? "T" : "")}"), "Subject: x\n\n", Ct);
        using MailboxView view = await TempStore.OpenAsync(account);
        using MailboxView other = await TempStore.OpenAsync(account);
        await AskAsync(view, random);
        UidSet some = new(NumberRanges.From(Enumerable.Range(1, 30).Select(_ => (uint)random.Next(1, Messages + 1))));
        Assert.True((await other.StoreFlagsAsync(some, new(FlagOperation.Add, new(SystemFlags.Deleted | SystemFlags.Flagged, [])), null, silent: false, Ct)).Ok);
        await AskAsync(view, random);
        Assert.True((await other.ExpungeAsync(new(Range(1, Messages / 2)), Ct)).Ok);
        await AskAsync(view, random);
        view.Synchronize(allowExpunges: true);
        await AskAsync(view, random);
    }

    [Fact]
    public async Task Message_that_cannot_be_read_is_not_passed_over_in_silence()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = FileError.Failed };
        await using TempStore temp = new(files);
        Account account = await temp.AccountAsync();
        await File.WriteAllTextAsync(Path.Combine(temp.Maildir(), "cur", "1000000.M1P1.other,S=12,W=14:2,S"), "Subject: x\n\n", Ct);
        using MailboxView view = await TempStore.OpenAsync(account);
        MessageQuery query = new MessageQuery.Contains(TextField.Subject, "", new("x"));
        files.FailsAt = static (call, path) => call == "open" && path.Contains("/cur/", StringComparison.Ordinal);
        Assert.NotEqual(StoreError.None, (await view.SearchAsync(query, SearchExtent.All, Ct)).Error);
        files.FailsAt = static (_, _) => false;
        SearchOutcome found = await view.SearchAsync(query, SearchExtent.All, Ct);
        Assert.Equal(StoreError.None, found.Error);
        Assert.Equal([1], found.Numbers);
    }

    private static async Task AskAsync(MailboxView view, Random random)
    {
        for (int i = 0; i < Queries; i++)
        {
            MessageQuery query = Draw(random, depth: 3);
            int[] expected = [.. Enumerable.Range(1, view.Count).Where(number => view.Entry(number) is { } entry && Matches(query, number, entry))];
            Assert.Equal(expected, (await view.SearchAsync(query, SearchExtent.All, Ct)).Numbers);
            Assert.Equal(expected.Take(1), (await view.SearchAsync(query, SearchExtent.First, Ct)).Numbers);
            Assert.Equal(expected.TakeLast(1), (await view.SearchAsync(query, SearchExtent.Last, Ct)).Numbers);
            Assert.Equal(expected.Take(1).Concat(expected.TakeLast(1)).Distinct(), (await view.SearchAsync(query, SearchExtent.FirstAndLast, Ct)).Numbers);
        }
    }

    private static MessageQuery Draw(Random random, int depth) => random.Next(depth == 0 ? 4 : 7) switch
    {
        0 => new MessageQuery.NumberIn(DrawSet(random)),
        1 => new MessageQuery.UidIn(DrawSet(random)),
        2 => new MessageQuery.Flagged((SystemFlags)(1 << random.Next(5))),
        3 => new MessageQuery.Flagged((SystemFlags)random.Next(1, 32)),
        4 => new MessageQuery.Not(Draw(random, depth - 1)),
        5 => new MessageQuery.Or(Draw(random, depth - 1), Draw(random, depth - 1)),
        _ => new MessageQuery.And([.. Enumerable.Range(0, random.Next(4)).Select(_ => Draw(random, depth - 1))]),
    };

    private static NumberRanges DrawSet(Random random)
        => NumberRanges.From(Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
        {
            uint first = (uint)random.Next(1, Messages + 50);
            return random.Next(8) == 0 ? new NumberRange(first, uint.MaxValue) : new(first, first + (uint)random.Next(100));
        }));

    private static bool Matches(MessageQuery query, int number, MessageEntry entry) => query switch
    {
        MessageQuery.NumberIn numbers => numbers.Numbers.Contains((uint)number),
        MessageQuery.UidIn uids => uids.Uids.Contains(entry.Uid.Value),
        MessageQuery.Flagged flagged => (entry.Flags & flagged.Flags) != 0,
        MessageQuery.Not not => !Matches(not.Query, number, entry),
        MessageQuery.Or or => Matches(or.Left, number, entry) || Matches(or.Right, number, entry),
        MessageQuery.And and => and.Queries.All(one => Matches(one, number, entry)),
        _ => throw new ArgumentOutOfRangeException(nameof(query)),
    };

    private static NumberRanges Range(uint first, uint last) => NumberRanges.From([new NumberRange(first, last)]);

    private static int CountOf(MessageQuery query, MessageList list)
    {
        Candidates candidates = new(query, list, list);
        int rising = candidates.UpTo(list.Count).Count();
        Assert.Equal(rising, candidates.UpTo(list.Count, falling: true).Count());
        return rising;
    }

    private static MessageList ListOf(int count, Func<uint, SystemFlags> flagsOf)
        => MessageList.From([.. Enumerable.Range(1, count).Select(i => new MessageEntry
        {
            Uid = new((uint)i), ModSeq = new(1), Flags = flagsOf((uint)i), WireOctets = 1, InternalDate = DateTimeOffset.UnixEpoch,
        })]);
}
