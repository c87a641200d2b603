using FullStack.Imap.Sorting;
using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Contexts;

/// <summary>Finds where new results belong among sorted ones, by looking at few of those.</summary>
/// <remarks>
/// What a message is sorted by never changes, so nothing of it is kept: all new ones are placed by bisection at once, and each round
/// reads only the messages in the middles.
/// </remarks>
internal sealed class ResultPlacement(MailboxView view, MessageSorter sorter, List<uint> members)
{
    private readonly Dictionary<int, SortRow> _known = [];

    /// <summary>Members that turned out to be gone; while there are some, nothing could be placed.</summary>
    public HashSet<uint> Gone { get; } = [];

    /// <summary>One new result and how many of the present ones come before it.</summary>
    public readonly record struct Place(uint Uid, int Before);

    /// <param name="numbers">Numbers of messages that are not among the members.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <returns>The new results in order, without those that are gone; null where members are <see cref="Gone"/>.</returns>
    public async ValueTask<List<Place>?> FindAsync(IReadOnlyList<int> numbers, CancellationToken ct)
    {
        List<SortRow> rows = await sorter.ReadAsync(numbers, ct);
        rows.Sort(sorter.Compare);
        (int Low, int High)[] bounds = new (int, int)[rows.Count];
        Array.Fill(bounds, (0, members.Count));
        while (Array.Exists(bounds, static b => b.Low < b.High))
        {
            await ReadMiddlesAsync(bounds, ct);
            if (Gone.Count > 0)
                return null;
            for (int i = 0; i < bounds.Length; i++)
            {
                (int low, int high) = bounds[i];
                if (low == high)
                    continue;
                int middle = (low + high) >>> 1;
                bounds[i] = sorter.Compare(_known[middle], rows[i]) < 0 ? (middle + 1, high) : (low, middle);
            }
        }

        return [.. rows.Select((row, i) => new Place(row.Uid, bounds[i].Low))];
    }

    private async ValueTask ReadMiddlesAsync((int Low, int High)[] bounds, CancellationToken ct)
    {
        List<int> middles = [.. bounds.Where(static b => b.Low < b.High).Select(static b => (b.Low + b.High) >>> 1).Distinct().Where(m => !_known.ContainsKey(m))];
        Dictionary<uint, int> places = middles.ToDictionary(m => members[m]);
        int[] numbers = [.. places.Keys.Order().Select(uid => view.NumberOf(new Uid(uid))).Where(static number => number > 0)];
        foreach (SortRow row in await sorter.ReadAsync(numbers, ct))
        {
            _known[places[row.Uid]] = row;
            places.Remove(row.Uid);
        }

        Gone.UnionWith(places.Keys);
    }
}
