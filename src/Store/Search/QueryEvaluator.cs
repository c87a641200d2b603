using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>Decides whether a message matches, as far as what is known of it allows.</summary>
/// <remarks>
/// The logic has three values, null being "not known yet": asked first with only a message's entry, then with what the text index
/// tells, its envelope, its header, its body, it says at each step whether the next, dearer one can change the outcome.
/// Who makes a query bounds how deep it nests, and so this recursion.
/// </remarks>
internal static class QueryEvaluator
{
    public static bool? Matches(MessageQuery query, MessageFacts message) => query switch
    {
        MessageQuery.Everything => true,
        MessageQuery.And and => All(and.Queries, message),
        MessageQuery.Or or => Either(or, message),
        MessageQuery.Not not => !Matches(not.Query, message),
        MessageQuery.Flagged flagged => (message.Entry.Flags & flagged.Flags) != 0,
        MessageQuery.Recent => message.IsRecent,
        MessageQuery.Keyword keyword => HasKeyword(message.Entry, keyword.Name),
        MessageQuery.Larger larger => (ulong)message.Entry.WireOctets > larger.Octets,
        MessageQuery.Smaller smaller => (ulong)message.Entry.WireOctets < smaller.Octets,
        MessageQuery.Arrived arrived => IsInOrder(DateOnly.FromDateTime(message.Entry.InternalDate.DateTime), arrived.Order, arrived.Date),
        MessageQuery.ArrivedSince since => message.Entry.InternalDate >= since.Time,
        MessageQuery.Sent sent => WasSent(message.Envelope, sent),
        MessageQuery.NumberIn numbers => numbers.Numbers.Contains((uint)message.Number),
        MessageQuery.UidIn uids => uids.Uids.Contains(message.Entry.Uid.Value),
        MessageQuery.ChangedSince since => message.Entry.ModSeq.Value >= since.ModSeq,
        MessageQuery.TextAt text => message.Found(text.Slot),
        _ => throw new ArgumentOutOfRangeException(nameof(query), query, "a text has no slot"),
    };

    private static bool? All(IReadOnlyList<MessageQuery> queries, MessageFacts message)
    {
        bool? all = true;
        for (int i = 0; i < queries.Count; i++)
        {
            switch (Matches(queries[i], message))
            {
                case false:
                    return false;
                case null:
                    all = null;
                    break;
            }
        }

        return all;
    }

    private static bool? Either(MessageQuery.Or or, MessageFacts message)
    {
        bool? left = Matches(or.Left, message);
        return left == true ? true : Matches(or.Right, message) switch
        {
            true => true,
            false => left,
            null => null,
        };
    }

    private static bool HasKeyword(MessageEntry entry, string name)
    {
        for (int i = 0; i < entry.Keywords.Count; i++)
        {
            if (entry.Keywords[i].Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static bool? WasSent(MessageEnvelope? envelope, MessageQuery.Sent sent)
    {
        if (envelope is null)
            return null;
        return envelope.Date is { } value && MessageDate.TryParseWritten(value.Span, out DateTime written)
            && IsInOrder(DateOnly.FromDateTime(written), sent.Order, sent.Date);
    }

    private static bool IsInOrder(DateOnly date, DateOrder order, DateOnly asked) => order switch
    {
        DateOrder.Before => date < asked,
        DateOrder.On => date == asked,
        _ => date >= asked,
    };
}
