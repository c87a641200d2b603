using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Sorting;

/// <summary>Puts messages into the order that a SORT asks for.</summary>
/// <remarks>RFC 5256 §3; those alike by all criteria stay in the order of the mailbox.</remarks>
internal sealed class MessageSorter(MailboxView view, IReadOnlyList<SortCriterion> criteria)
{
    private readonly List<Row> _rows = [];

    /// <summary>One message with a value for each criterion.</summary>
    private readonly record struct Row(int Number, SortValue[] Values);

    /// <param name="numbers">Message numbers, rising.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <returns>The same in order, without messages that are gone.</returns>
    public async ValueTask<IReadOnlyList<int>> SortAsync(IReadOnlyList<int> numbers, CancellationToken ct)
    {
        if (criteria.Any(static criterion => criterion.NeedsEnvelope))
            await ReadAsync(numbers, ct);
        else
            foreach (int number in numbers)
                Add(number, MessageEnvelope.Empty);
        _rows.Sort(Compare);
        return [.. _rows.Select(static row => row.Number)];
    }

    private async ValueTask ReadAsync(IReadOnlyList<int> numbers, CancellationToken ct)
    {
        bool addresses = criteria.Any(static criterion => criterion.NeedsAddresses);
        await foreach ((Uid uid, MessageEnvelope envelope) in view.EnvelopesAsync([.. numbers.Select(view.UidOf)], addresses, ct))
            Add(view.NumberOf(uid), envelope);
    }

    private void Add(int number, MessageEnvelope envelope)
    {
        if (view.Entry(number) is not { } entry)
            return;
        SortValue[] values = new SortValue[criteria.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = SortValue.Of(criteria[i].Key, entry, envelope);
        _rows.Add(new(number, values));
    }

    private int Compare(Row one, Row other)
    {
        for (int i = 0; i < criteria.Count; i++)
        {
            int order = one.Values[i].CompareTo(other.Values[i]);
            if (order != 0)
                return criteria[i].IsReversed ? -order : order;
        }

        return one.Number.CompareTo(other.Number);
    }
}
