using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>The messages of a view that a search has to look at, as they are now.</summary>
/// <param name="query">What is searched for.</param>
/// <param name="told">The messages in the order of the view's numbers.</param>
/// <param name="now">The mailbox: what is not there is gone, though the view still numbers it.</param>
internal sealed class Candidates(MessageQuery query, MessageList told, MessageList now)
{
    private readonly NumberRanges _numbers = CandidateNumbers.Of(query, told);
    private readonly FlagFilter _filter = FlagFilter.Of(query);

    /// <summary>Those of the numbers from 1 to one.</summary>
    /// <param name="last">The highest number; there need not be so many messages.</param>
    /// <param name="falling">Whether the last comes first.</param>
    public IEnumerable<(int Number, MessageEntry Entry)> UpTo(int last, bool falling = false)
    {
        for (int i = 0; i < _numbers.Count; i++)
        {
            NumberRange range = _numbers[falling ? _numbers.Count - 1 - i : i];
            int low = (int)range.First, high = (int)Math.Min(range.Last, (uint)last);
            if (low > high)
                continue;
            foreach ((int number, MessageEntry entry) in falling ? Walk(high, low, -1) : Walk(low, high, 1))
                yield return (number, entry);
        }
    }

    /// <summary>Goes from one number to another, chunk by chunk: of one in which nothing happened since the view was told, no message has to be looked for.</summary>
    private IEnumerable<(int Number, MessageEntry Entry)> Walk(int from, int to, int step)
    {
        for (int number = from; (to - number) * step >= 0;)
        {
            (MessageChunk chunk, int at) = told.ChunkAt(number - 1);
            int further = Math.Min((to - number) * step, step > 0 ? chunk.Count - 1 - at : at);
            int last = number + (step * further);
            bool isPresent = ReferenceEquals(told, now) || now.Has(chunk);
            for (; (!isPresent || _filter.MayTakeAnyOf(chunk)) && (last - number) * step >= 0; number += step, at += step)
            {
                MessageEntry? entry = !isPresent ? now.Find(chunk.UidAt(at)) : _filter.MayTake(chunk.FlagsAt(at)) ? chunk[at] : null;
                if (entry is not null && _filter.MayTake(entry.Flags))
                    yield return (number, entry);
            }

            number = last + step;
        }
    }
}
