using System.Globalization;
using FullStack.Imap.Search;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Search;

namespace FullStack.Imap.Server;

/// <summary>Keeps commands to as many messages as the administrator lets one be about: to the last of them, which the client is told.</summary>
/// <remarks>
/// RFC 9738 §3. FETCH, STORE, SEARCH, SORT, THREAD, MOVE and UID EXPUNGE are done for the messages of the highest UIDs; the client goes on below the UID that
/// it hears. COPY and APPEND are done whole or not at all, and so refused. EXPUNGE and CLOSE, which name no messages, are not limited.
/// </remarks>
internal static class MessageLimit
{
    /// <summary>Most messages that a command may put into a mailbox; null: any number.</summary>
    public static int? OfSaving(ImapSession session)
    {
        (int messages, int saved) = (session.Environment.Options.MessageLimit, session.Environment.Options.SaveLimit);
        return messages == 0 && saved == 0 ? null : Math.Min(messages == 0 ? int.MaxValue : messages, saved == 0 ? int.MaxValue : saved);
    }

    /// <summary>Leaves of a set of UIDs the messages that one command may be about.</summary>
    /// <returns>The response code where some were left out; null where none were.</returns>
    public static string? Cut(ImapSession session, ref UidSet uids)
    {
        int limit = session.Environment.Options.MessageLimit;
        if (limit == 0 || LowestKept(session.View, uids.Ranges, limit) is not { } lowest)
            return null;
        uids = new(uids.Ranges.Intersect(From(lowest)));
        return Code(limit, lowest);
    }

    /// <summary>The same for message numbers, rising.</summary>
    public static string? Cut(ImapSession session, ref IEnumerable<int> numbers)
    {
        int limit = session.Environment.Options.MessageLimit;
        if (limit == 0)
            return null;
        List<int> all = [.. numbers];
        numbers = all;
        if (all.Count <= limit)
            return null;
        numbers = all.GetRange(all.Count - limit, limit);
        return Code(limit, session.View.UidOf(all[^limit]));
    }

    /// <summary>Has a search look at as many messages as one may: of those that its sets of numbers leave, the last.</summary>
    public static SearchProgram Cut(ImapSession session, SearchProgram program)
    {
        int limit = session.Environment.Options.MessageLimit;
        if (limit == 0 || program.Key is not { } key || LowestKept(session.View, Candidates(session, key), limit) is not { } lowest)
            return program;
        SearchKey restricted = new SearchKey.And([new SearchKey.Test(new MessageQuery.UidIn(From(lowest))), key]);
        return program with { Key = restricted, LimitCode = Code(limit, lowest) };
    }

    /// <summary>The refusal of a command that would put too many messages into a mailbox; null where it may.</summary>
    public static ImapCompletion? RefuseSaving(ImapSession session, UidSet uids)
        => OfSaving(session) is { } limit && LowestKept(session.View, uids.Ranges, limit) is not null ? TooManySaved(limit) : null;

    public static ImapCompletion TooManySaved(int limit) => ImapCompletion.No($"One command takes {limit} messages", string.Create(CultureInfo.InvariantCulture, $"MESSAGELIMIT {limit}"));

    /// <summary>An answer with the code that says what was left out. Where it has a code of its own, that one comes before it.</summary>
    public static ImapCompletion Told(ImapSession session, ImapCompletion completion, string? code)
    {
        if (code is null)
            return completion;
        if (completion is { Status: ImapStatus.Ok, Code: null })
            return completion with { Code = code };
        if (completion.Status is ImapStatus.Ok or ImapStatus.No)
            session.UntaggedOk(code, "Only these were looked at");
        return completion;
    }

    /// <summary>The lowest UID of the messages that a limit leaves; null where it leaves all.</summary>
    private static Uid? LowestKept(MailboxView view, NumberRanges uids, int limit)
    {
        Uid lowest = default;
        for (int i = uids.Count - 1; i >= 0; i--)
        {
            int first = view.LowerBound(new(uids[i].First));
            int end = uids[i].Last == uint.MaxValue ? view.Count + 1 : view.LowerBound(new(uids[i].Last + 1));
            if (end - first > limit)
                return limit == 0 ? lowest : view.UidOf(end - limit);
            limit -= end - first;
            lowest = end > first ? view.UidOf(first) : lowest;
        }

        return null;
    }

    /// <summary>The UIDs that sets among the keys leave, as far as all of them have to match.</summary>
    private static NumberRanges Candidates(ImapSession session, SearchKey key) => key switch
    {
        SearchKey.And and => and.Keys.Aggregate(NumberRanges.All, (left, one) => left.Intersect(Candidates(session, one))),
        SearchKey.Numbers or SearchKey.Uids => Uids(session, key.Resolve(SearchAnswer.ScopeOf(session, session.View))),
        SearchKey.Test { Query: MessageQuery.UidIn uids } => uids.Uids,
        _ => NumberRanges.All,
    };

    private static NumberRanges Uids(ImapSession session, MessageQuery sets) => sets switch
    {
        MessageQuery.UidIn uids => uids.Uids,
        MessageQuery.NumberIn numbers when session.View.Count > 0
            => session.Mailbox.UidsOf(numbers.Numbers.Intersect(NumberRanges.From([new NumberRange(1, (uint)session.View.Count)]))).Ranges,
        MessageQuery.Or or => NumberRanges.From(Uids(session, or.Left).Concat(Uids(session, or.Right))),
        _ => NumberRanges.Empty,
    };

    private static NumberRanges From(Uid lowest) => NumberRanges.From([new NumberRange(lowest.Value, uint.MaxValue)]);

    private static string Code(int limit, Uid lowest) => string.Create(CultureInfo.InvariantCulture, $"MESSAGELIMIT {limit} {lowest.Value}");
}
