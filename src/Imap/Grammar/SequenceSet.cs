using FullStack.Store;

namespace FullStack.Imap.Grammar;

/// <summary>
/// A sequence-set as written: numbers, ranges, <c>*</c>, which stands for the highest number in use (RFC 3501 §9), and <c>$</c>, which
/// stands for what the last search saved (RFC 5182 §2.1).
/// </summary>
/// <remarks>Whether it counts messages or UIDs is the command's to know. Until it is resolved it names no message.</remarks>
internal sealed record SequenceSet
{
    /// <summary>Most ranges in one set. A longer list is more than any client needs and is refused.</summary>
    public const int MaxRanges = 100_000;

    /// <summary>How <c>*</c> is kept; no number is 0.</summary>
    internal const uint Star = 0;

    private readonly NumberRange[] _ranges;

    internal SequenceSet(NumberRange[] ranges, bool hasSaved = false)
    {
        _ranges = ranges;
        HasSaved = hasSaved;
        HasStar = Array.Exists(ranges, static range => range.First == Star || range.Last == Star);
        foreach (NumberRange range in ranges)
            LargestNumber = Math.Max(LargestNumber, Math.Max(range.First, range.Last));
    }

    /// <summary>The largest number written; 0 where there is none.</summary>
    public uint LargestNumber { get; }

    /// <summary>Whether it says <c>$</c>.</summary>
    public bool HasSaved { get; }

    /// <summary>Whether it says <c>*</c>.</summary>
    public bool HasStar { get; }

    /// <summary>Whether it says anything but <c>$</c>.</summary>
    public bool HasRanges => _ranges.Length > 0;

    /// <summary>How many ranges it says.</summary>
    public int RangeCount => _ranges.Length;

    /// <summary>The same without <c>$</c>.</summary>
    public SequenceSet WithoutSaved => new(_ranges);

    /// <summary>The numbers meant, in order, where <paramref name="last"/> is the highest in use (at least 1); of <c>$</c> it knows nothing.</summary>
    public NumberRanges Resolve(uint last)
    {
        NumberRange[] resolved = new NumberRange[_ranges.Length];
        for (int i = 0; i < resolved.Length; i++)
        {
            uint first = _ranges[i].First == Star ? last : _ranges[i].First;
            uint second = _ranges[i].Last == Star ? last : _ranges[i].Last;
            resolved[i] = new(Math.Min(first, second), Math.Max(first, second)); // "2:4 and 4:2 are equivalent"
        }

        return NumberRanges.From(resolved);
    }
}
