namespace FullStack.Imap.Sorting;

/// <summary>What SORT compares of two messages (RFC 5256 §3, RFC 5957 §4, RFC 5257 §4.9).</summary>
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
    Annotation,
}

/// <summary>One criterion of a SORT.</summary>
/// <param name="Key">What is compared.</param>
/// <param name="IsReversed">Whether the larger comes first.</param>
internal readonly record struct SortCriterion(SortKey Key, bool IsReversed)
{
    /// <summary>The entry whose value is compared, where <see cref="Key"/> says so.</summary>
    public string AnnotationEntry { get; init; } = "";

    /// <summary>Whether it is the value that all share.</summary>
    public bool IsShared { get; init; }

    /// <summary>Whether a message's envelope is needed; the others are in its entry.</summary>
    public bool NeedsEnvelope => Key is not (SortKey.Arrival or SortKey.Size or SortKey.Relevancy or SortKey.Annotation);

    /// <summary>Whether the envelope's addresses are.</summary>
    public bool NeedsAddresses => NeedsEnvelope && Key is not (SortKey.Date or SortKey.Subject);
}
