using FullStack.Imap.Search;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Sorting;

/// <summary>Puts messages into the order that a SORT asks for.</summary>
/// <remarks>RFC 5256 §3; those alike by all criteria stay in the order of the mailbox.</remarks>
internal sealed class MessageSorter(MailboxView view, IReadOnlyList<SortCriterion> criteria)
{
    /// <summary>The scores to sort by; null where no criterion asks for them.</summary>
    public Relevancy? Relevancy { get; init; }

    /// <param name="numbers">Message numbers, rising.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <returns>The same in order, without messages that are gone.</returns>
    public async ValueTask<IReadOnlyList<int>> SortAsync(IReadOnlyList<int> numbers, CancellationToken ct)
    {
        List<SortRow> rows = await ReadAsync(numbers, ct);
        rows.Sort(Compare);
        return [.. rows.Select(static row => row.Number)];
    }

    /// <summary>What there is to compare of messages, without those that are gone.</summary>
    /// <param name="numbers">Message numbers, rising.</param>
    /// <param name="ct">Ends the reading.</param>
    public async ValueTask<List<SortRow>> ReadAsync(IReadOnlyList<int> numbers, CancellationToken ct)
    {
        List<SortRow> rows = [];
        if (!criteria.Any(static criterion => criterion.NeedsEnvelope))
        {
            foreach (int number in numbers)
                Add(rows, number, MessageEnvelope.Empty);
            return rows;
        }

        bool addresses = criteria.Any(static criterion => criterion.NeedsAddresses);
        await foreach ((Uid uid, MessageEnvelope envelope) in view.EnvelopesAsync([.. numbers.Select(view.UidOf)], addresses, ct))
            Add(rows, view.NumberOf(uid), envelope);
        return rows;
    }

    /// <summary>Which of two messages comes first; no two are alike.</summary>
    public int Compare(SortRow one, SortRow other)
    {
        for (int i = 0; i < criteria.Count; i++)
        {
            int order = one.Values[i].CompareTo(other.Values[i]);
            if (order != 0)
                return criteria[i].IsReversed ? -order : order;
        }

        return one.Uid.CompareTo(other.Uid);
    }

    private void Add(List<SortRow> rows, int number, MessageEnvelope envelope)
    {
        if (view.Entry(number) is not { } entry)
            return;
        SortValue[] values = new SortValue[criteria.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = criteria[i].Key == SortKey.Relevancy ? new(-(Relevancy?.ScoreOf(number) ?? 0), null) : SortValue.Of(criteria[i].Key, entry, envelope);
        rows.Add(new(number, entry.Uid.Value, values));
    }
}
