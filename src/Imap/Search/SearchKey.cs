using FullStack.Imap.Annotations;
using FullStack.Imap.Grammar;
using FullStack.Store;
using FullStack.Store.Identity;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>search-key: what a message has to be to be found, with sets of numbers as they were written. The UN… keys are <see cref="Not"/> of the others.</summary>
/// <remarks>RFC 3501 §6.4.4 and §9; MODSEQ RFC 7162 §3.1.5; OLDER and YOUNGER RFC 5032 §2; <c>$</c> RFC 5182 §2.1; SAVED… RFC 8514 §4.3; EMAILID and THREADID RFC 8474 §6; ANNOTATION RFC 5257 §4.8.</remarks>
internal abstract record SearchKey
{
    private SearchKey()
    {
    }

    /// <summary>The query for a mailbox that has messages, its sets resolved.</summary>
    /// <remarks>
    /// A number above the mailbox's last matches nothing. RFC 3501 §9 has the server "respond with a tagged BAD" where a command
    /// uses such a number; as a search criterion it asks a question that has an answer, and clients ask it of empty mailboxes.
    /// </remarks>
    public MessageQuery Resolve(SearchScope scope) => this switch
    {
        Test test => test.Query,
        And and => new MessageQuery.And([.. and.Keys.Select(key => key.Resolve(scope))]),
        Or or => new MessageQuery.Or(or.Left.Resolve(scope), or.Right.Resolve(scope)),
        Not not => new MessageQuery.Not(not.Key.Resolve(scope)),
        Numbers { Set: var set } => OrSaved(new MessageQuery.NumberIn(set.Resolve(scope.LastNumber)), set, scope),
        Uids { Set: var set } => OrSaved(new MessageQuery.UidIn(set.Resolve(scope.LastUid.Value)), set, scope),
        Saved saved => UidsWhere(scope, identity => IsInOrder(DateOnly.FromDateTime(identity.SaveDate.UtcDateTime), saved)),
        EmailId email => UidsWhere(scope, identity => identity.EmailId == email.Id),
        ThreadId thread => UidsWhere(scope, identity => identity.ThreadId == thread.Id),
        Fuzzy fuzzy => fuzzy.Text.Resolve(scope.Nearness),
        Annotated annotated => new MessageQuery.UidIn(scope.Annotated is { } met && met.TryGetValue(annotated.Condition, out UidSet uids) ? uids.Ranges : NumberRanges.Empty),
        Younger younger => new MessageQuery.ArrivedSince(TimeAgo(scope.Now, younger.Seconds)),
        // "less recent than or equal to the target time", and dates have whole seconds: not one second later or after that.
        Older older => new MessageQuery.Not(new MessageQuery.ArrivedSince(TimeAgo(scope.Now, older.Seconds).AddSeconds(1))),
        _ => throw new InvalidOperationException($"{this} is no key"),
    };

    /// <summary>The conditions on annotations that it has, which are asked before the search.</summary>
    public IEnumerable<AnnotationCondition> Conditions() => this switch
    {
        Annotated annotated => [annotated.Condition],
        And and => and.Keys.SelectMany(static key => key.Conditions()),
        Or or => or.Left.Conditions().Concat(or.Right.Conditions()),
        Not not => not.Key.Conditions(),
        _ => [],
    };

    private static MessageQuery.UidIn UidsWhere(SearchScope scope, Func<MessageIdentity, bool> matches)
        => new(NumberRanges.From((scope.Identities ?? []).Where(matches).Select(static identity => identity.Uid.Value)));

    /// <summary>
    /// The same key in terms that keep their meaning while the mailbox changes: message numbers, intervals and <c>$</c> are what they
    /// are now (RFC 5267 §4.3), while <c>*</c> of UIDs stays the last message, whichever that is.
    /// </summary>
    /// <param name="scope">The mailbox now.</param>
    /// <param name="uidsOf">The UIDs of message numbers.</param>
    public SearchKey Pin(SearchScope scope, Func<NumberRanges, UidSet> uidsOf) => this switch
    {
        And and => new And([.. and.Keys.Select(key => key.Pin(scope, uidsOf))]),
        Or or => new Or(or.Left.Pin(scope, uidsOf), or.Right.Pin(scope, uidsOf)),
        Not not => new Not(not.Key.Pin(scope, uidsOf)),
        Numbers { Set: var set } => new Test(OrSaved(new MessageQuery.UidIn(PinNumbers(set, scope, uidsOf)), set, scope)),
        Uids { Set: { HasSaved: true } set } => new Or(new Uids(set.WithoutSaved), new Test(new MessageQuery.UidIn(scope.Saved.Ranges))),
        Younger or Older => new Test(Resolve(scope)),
        _ => this,
    };

    /// <summary>The same key with others in the place of filters.</summary>
    public SearchKey WithFilters(Func<Filter, SearchKey> keyOf) => this switch
    {
        And and => new And([.. and.Keys.Select(key => key.WithFilters(keyOf))]),
        Or or => new Or(or.Left.WithFilters(keyOf), or.Right.WithFilters(keyOf)),
        Not not => new Not(not.Key.WithFilters(keyOf)),
        Filter filter => keyOf(filter),
        _ => this,
    };

    private static NumberRanges PinNumbers(SequenceSet set, SearchScope scope, Func<NumberRanges, UidSet> uidsOf)
        => scope.LastNumber == 0 ? NumberRanges.Empty
            : uidsOf(set.Resolve(scope.LastNumber).Intersect(NumberRanges.From([new NumberRange(1, scope.LastNumber)]))).Ranges;

    private static bool IsInOrder(DateOnly date, Saved saved) => saved.Order switch
    {
        DateOrder.Before => date < saved.Date,
        DateOrder.On => date == saved.Date,
        _ => date >= saved.Date,
    };

    private static MessageQuery OrSaved(MessageQuery named, SequenceSet set, SearchScope scope)
    {
        if (!set.HasSaved)
            return named;
        MessageQuery saved = new MessageQuery.UidIn(scope.Saved.Ranges);
        return set.HasRanges ? new MessageQuery.Or(named, saved) : saved;
    }

    /// <summary>The time of an interval ago, in whole seconds: "exact matching, to the resolution of a second" (RFC 5032 §2).</summary>
    private static DateTimeOffset TimeAgo(DateTimeOffset now, uint seconds)
        => DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() - seconds);

    /// <summary>A key that means the same in every mailbox.</summary>
    public sealed record Test(MessageQuery Query) : SearchKey;

    /// <summary>Several keys side by side, or in parentheses: each must match.</summary>
    public sealed record And(IReadOnlyList<SearchKey> Keys) : SearchKey;

    public sealed record Or(SearchKey Left, SearchKey Right) : SearchKey;

    public sealed record Not(SearchKey Key) : SearchKey;

    /// <summary>A set of message numbers.</summary>
    public sealed record Numbers(SequenceSet Set) : SearchKey;

    /// <summary>UID: a set of UIDs.</summary>
    public sealed record Uids(SequenceSet Set) : SearchKey;

    /// <summary>SAVEDBEFORE, SAVEDON, SAVEDSINCE: the day, in UTC, on which it came into the mailbox.</summary>
    public sealed record Saved(DateOrder Order, DateOnly Date) : SearchKey;

    public sealed record EmailId(string Id) : SearchKey;

    public sealed record ThreadId(string Id) : SearchKey;

    /// <summary>A text within FUZZY.</summary>
    public sealed record Fuzzy(FuzzyText Text) : SearchKey;

    /// <summary>FILTER: what is kept on the server under a name (RFC 5466 §3.1).</summary>
    public sealed record Filter(string Name) : SearchKey;

    /// <summary>ANNOTATION: a text in an annotation.</summary>
    public sealed record Annotated(AnnotationCondition Condition) : SearchKey;

    /// <summary>YOUNGER: arrived so many seconds ago or later.</summary>
    public sealed record Younger(uint Seconds) : SearchKey;

    /// <summary>OLDER: arrived so many seconds ago or earlier.</summary>
    public sealed record Older(uint Seconds) : SearchKey;
}
