namespace FullStack.Store;

/// <summary>A set of UIDs, not to be confused with message numbers.</summary>
public readonly record struct UidSet(NumberRanges Ranges)
{
    public static UidSet Empty => new(NumberRanges.Empty);
    public static UidSet All => new(NumberRanges.All);
    public static UidSet Of(params ReadOnlySpan<Uid> uids)
    {
        uint[] numbers = new uint[uids.Length];
        for (int i = 0; i < uids.Length; i++)
            numbers[i] = uids[i].Value;
        return new(NumberRanges.From(numbers));
    }

    public bool IsEmpty => Ranges.IsEmpty;
    public bool Contains(Uid uid) => Ranges.Contains(uid.Value);
}
