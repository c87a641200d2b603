namespace FullStack.Imap.Search;

/// <summary>What ESEARCH is to return (RFC 4731 §3.1).</summary>
[Flags]
internal enum SearchReturn
{
    /// <summary>No RETURN: the old SEARCH response.</summary>
    None = 0,
    Min = 1,
    Max = 2,
    All = 4,
    Count = 8,
}

/// <summary>A parsed search.</summary>
/// <param name="Key">What a message has to be.</param>
/// <param name="Return">What to say of those found.</param>
/// <param name="UsesModSeq">Whether the answer has to name the highest mod-sequence found.</param>
internal sealed record SearchProgram(SearchKey Key, SearchReturn Return, bool UsesModSeq);
