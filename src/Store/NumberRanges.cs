using System.Collections;

namespace FullStack.Store;

/// <summary>A closed range of numbers, first not above last.</summary>
public readonly record struct NumberRange(uint First, uint Last);

/// <summary>An immutable set of numbers above 0, kept as sorted ranges that neither overlap nor touch.</summary>
public sealed class NumberRanges : IReadOnlyList<NumberRange>
{
    private readonly NumberRange[] _ranges;

    private NumberRanges(NumberRange[] ranges) => _ranges = ranges;

    public static NumberRanges Empty { get; } = new([]);

    /// <summary>1 to 4,294,967,295.</summary>
    public static NumberRanges All { get; } = new([new(1, uint.MaxValue)]);

    public int Count => _ranges.Length;
    public bool IsEmpty => _ranges.Length == 0;
    public NumberRange this[int index] => _ranges[index];

    /// <summary>Builds a set from ranges in any order, overlapping or not.</summary>
    public static NumberRanges From(IEnumerable<NumberRange> ranges)
    {
        NumberRange[] sorted = [.. ranges];
        Array.Sort(sorted, static (a, b) => a.First.CompareTo(b.First));
        int kept = 0;
        foreach (NumberRange range in sorted)
        {
            if (kept > 0 && (ulong)sorted[kept - 1].Last + 1 >= range.First)
                sorted[kept - 1] = sorted[kept - 1] with { Last = Math.Max(sorted[kept - 1].Last, range.Last) };
            else
                sorted[kept++] = range;
        }

        return kept == 0 ? Empty : new(sorted[..kept]);
    }

    /// <summary>Builds a set from single numbers in any order.</summary>
    public static NumberRanges From(IEnumerable<uint> numbers) => From(numbers.Select(static n => new NumberRange(n, n)));

    public bool Contains(uint number) => Overlaps(new(number, number));

    /// <summary>Whether a range has a number of the set.</summary>
    public bool Overlaps(NumberRange range)
    {
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (range.Last < _ranges[middle].First)
                high = middle - 1;
            else if (range.First > _ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>The numbers that both sets have.</summary>
    public NumberRanges Intersect(NumberRanges other)
    {
        List<NumberRange> both = [];
        for (int i = 0, j = 0; i < Count && j < other.Count;)
        {
            NumberRange one = this[i], another = other[j];
            uint first = Math.Max(one.First, another.First), last = Math.Min(one.Last, another.Last);
            if (first <= last)
                both.Add(new(first, last));
            if (one.Last < another.Last)
                i++;
            else
                j++;
        }

        return From(both);
    }

    /// <summary>The numbers above 0 that the set has not.</summary>
    public NumberRanges Complement()
    {
        List<NumberRange> gaps = [];
        ulong next = 1;
        foreach (NumberRange range in _ranges)
        {
            if (range.First > next)
                gaps.Add(new((uint)next, range.First - 1));
            next = (ulong)range.Last + 1;
        }

        if (next <= uint.MaxValue)
            gaps.Add(new((uint)next, uint.MaxValue));
        return From(gaps);
    }

    /// <summary>How many numbers the set has.</summary>
    public long CountNumbers()
    {
        long count = 0;
        foreach (NumberRange range in _ranges)
            count += (long)range.Last - range.First + 1;
        return count;
    }

    public IEnumerator<NumberRange> GetEnumerator() => ((IEnumerable<NumberRange>)_ranges).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
