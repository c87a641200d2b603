using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Search;

/// <summary>Decides whether a message matches, as far as what is known of it allows.</summary>
/// <remarks>
/// The logic has three values, null being "not known yet": asked first with only a message's entry, then with its structure,
/// its header, its body, it says at each step whether the next, dearer one can change the outcome.
/// The parser bounds how deep keys nest, and so this recursion.
/// </remarks>
internal static class SearchEvaluator
{
    public static bool? Matches(SearchKey key, MessageFacts message) => key switch
    {
        SearchKey.All => true,
        SearchKey.And and => All(and.Keys, message),
        SearchKey.Or or => Either(or, message),
        SearchKey.Not not => !Matches(not.Key, message),
        SearchKey.Flag flag => (message.Entry.Flags & flag.Flags) != 0,
        SearchKey.Recent => message.IsRecent,
        SearchKey.Keyword keyword => HasKeyword(message.Entry, keyword.Name),
        SearchKey.Larger larger => (ulong)message.Entry.WireOctets > larger.Octets,
        SearchKey.Smaller smaller => (ulong)message.Entry.WireOctets < smaller.Octets,
        SearchKey.Arrived arrived => IsInOrder(DateOnly.FromDateTime(message.Entry.InternalDate.DateTime), arrived.Order, arrived.Date),
        SearchKey.Sent sent => WasSent(message.Structure, sent),
        SearchKey.NumberIn numbers => numbers.Ranges.Contains((uint)message.Number),
        SearchKey.UidIn uids => uids.Ranges.Contains(message.Entry.Uid.Value),
        SearchKey.ModSeqAtLeast least => message.Entry.ModSeq.Value >= least.ModSeq,
        SearchKey.Contains text => message.Found(text.Slot),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "a set was not resolved"),
    };

    private static bool? All(IReadOnlyList<SearchKey> keys, MessageFacts message)
    {
        bool? all = true;
        for (int i = 0; i < keys.Count; i++)
        {
            switch (Matches(keys[i], message))
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

    private static bool? Either(SearchKey.Or or, MessageFacts message)
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

    /// <summary>A message without a date that can be read was sent neither before nor on nor since any day.</summary>
    private static bool? WasSent(MimeMessage? structure, SearchKey.Sent sent)
    {
        if (structure is null)
            return null;
        return structure.Root.Envelope?.Date is { } value && MessageDate.TryParseWritten(value.Span, out DateTime written)
            && IsInOrder(DateOnly.FromDateTime(written), sent.Order, sent.Date);
    }

    private static bool IsInOrder(DateOnly date, DateOrder order, DateOnly asked) => order switch
    {
        DateOrder.Before => date < asked,
        DateOrder.On => date == asked,
        _ => date >= asked,
    };
}
