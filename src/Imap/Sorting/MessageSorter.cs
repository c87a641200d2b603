using FullStack.Imap.Search;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Annotations;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Sorting;

/// <summary>Puts messages into the order that a SORT asks for.</summary>
/// <remarks>RFC 5256 §3; those alike by all criteria stay in the order of the mailbox.</remarks>
internal sealed class MessageSorter(MailboxView view, IReadOnlyList<SortCriterion> criteria)
{
    private const int AnnotationsPerRead = 500;

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
        IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>> annotations = await AnnotationsAsync(numbers, ct);
        if (!criteria.Any(static criterion => criterion.NeedsEnvelope))
        {
            foreach (int number in numbers)
                Add(rows, number, MessageEnvelope.Empty, annotations);
            return rows;
        }

        bool addresses = criteria.Any(static criterion => criterion.NeedsAddresses);
        await foreach ((Uid uid, MessageEnvelope envelope) in view.EnvelopesAsync([.. numbers.Select(view.UidOf)], addresses, ct))
            Add(rows, view.NumberOf(uid), envelope, annotations);
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

    /// <summary>What criteria need of annotations. Where they cannot be read now all messages are alike by them.</summary>
    private async ValueTask<IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>>> AnnotationsAsync(IReadOnlyList<int> numbers, CancellationToken ct)
    {
        Dictionary<Uid, IReadOnlyList<Annotation>> found = [];
        SortCriterion[] wanted = [.. criteria.Where(static criterion => criterion.Key == SortKey.Annotation)];
        for (int start = 0; wanted.Length > 0 && start < numbers.Count; start += AnnotationsPerRead)
        {
            Uid[] uids = [.. numbers.Skip(start).Take(AnnotationsPerRead).Select(view.UidOf)];
            Result<IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>>> read = await view.AnnotationsAsync(uids, ct);
            if (!read.Ok)
                break;
            foreach ((Uid uid, IReadOnlyList<Annotation> all) in read.Value)
                found[uid] = [.. all.Where(a => Array.Exists(wanted, c => c.AnnotationEntry == a.Entry && c.IsShared == a.IsShared))];
        }

        return found;
    }

    private void Add(List<SortRow> rows, int number, MessageEnvelope envelope, IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>> annotations)
    {
        if (view.Entry(number) is not { } entry)
            return;
        SortValue[] values = new SortValue[criteria.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = criteria[i].Key switch
            {
                SortKey.Relevancy => new(-(Relevancy?.ScoreOf(number) ?? 0), null),
                SortKey.Annotation => SortValue.Of(criteria[i], annotations.GetValueOrDefault(entry.Uid) ?? []),
                _ => SortValue.Of(criteria[i].Key, entry, envelope),
            };
        rows.Add(new(number, entry.Uid.Value, values));
    }
}
