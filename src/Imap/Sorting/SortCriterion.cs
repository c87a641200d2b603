namespace FullStack.Imap.Sorting;

/// <summary>What SORT compares of two messages (RFC 5256 §3, RFC 5957 §4).</summary>
internal enum SortKey
{
    Arrival,
    Cc,
    Date,
    From,
    Size,
    Subject,
    To,
    DisplayFrom,
    DisplayTo,

    /// <summary>How well it matches a FUZZY search, the best first (RFC 6203 §6).</summary>
    Relevancy,
}

/// <summary>One criterion of a SORT.</summary>
/// <param name="Key">What is compared.</param>
/// <param name="IsReversed">Whether the larger comes first.</param>
internal readonly record struct SortCriterion(SortKey Key, bool IsReversed)
{
    /// <summary>Whether a message's envelope is needed; the others are in its entry.</summary>
    public bool NeedsEnvelope => Key is not (SortKey.Arrival or SortKey.Size or SortKey.Relevancy);

    /// <summary>Whether the envelope's addresses are.</summary>
    public bool NeedsAddresses => NeedsEnvelope && Key is not (SortKey.Date or SortKey.Subject);
}
