using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>The messages that a query's sets of numbers leave: a search for some of a million looks at those, not at all.</summary>
internal static class CandidateNumbers
{
    /// <summary>The numbers of messages that may match, as far as sets tell; none is above the number of messages.</summary>
    /// <param name="query">The query. Who makes it bounds how deep it nests.</param>
    /// <param name="told">The messages in the order of their numbers.</param>
    public static NumberRanges Of(MessageQuery query, MessageList told)
        => told.Count == 0 ? NumberRanges.Empty : SetOf(query, told).Intersect(NumberRanges.From([new NumberRange(1, (uint)told.Count)]));

    private static NumberRanges SetOf(MessageQuery query, MessageList told) => query switch
    {
        MessageQuery.NumberIn numbers => numbers.Numbers,
        MessageQuery.UidIn uids => NumbersOf(uids.Uids, told),
        MessageQuery.And and => and.Queries.Aggregate(NumberRanges.All, (all, one) => Both(all, SetOf(one, told))),
        MessageQuery.Or or => Either(SetOf(or.Left, told), SetOf(or.Right, told)),
        MessageQuery.Not { Query: MessageQuery.NumberIn or MessageQuery.UidIn } not => SetOf(not.Query, told).Complement(),
        _ => NumberRanges.All,
    };

    private static NumberRanges NumbersOf(NumberRanges uids, MessageList told)
    {
        List<NumberRange> numbers = [];
        foreach (NumberRange range in uids)
        {
            int first = told.LowerBound(range.First), end = range.Last == uint.MaxValue ? told.Count : told.LowerBound(range.Last + 1);
            if (first < end)
                numbers.Add(new((uint)first + 1, (uint)end));
        }

        return NumberRanges.From(numbers);
    }

    private static NumberRanges Both(NumberRanges one, NumberRanges other) => ReferenceEquals(other, NumberRanges.All) ? one : one.Intersect(other);

    private static NumberRanges Either(NumberRanges one, NumberRanges other)
        => ReferenceEquals(one, NumberRanges.All) || ReferenceEquals(other, NumberRanges.All) ? NumberRanges.All : NumberRanges.From(one.Concat(other));
}
