using FullStack.Store.Identity;

namespace FullStack.Imap.Search;

/// <summary>A parsed search.</summary>
/// <param name="Key">What a message has to be; null where the charset of the texts is not known here.</param>
/// <param name="Return">What to say of those found.</param>
/// <param name="UsesModSeq">Whether the answer has to name the highest mod-sequence found.</param>
/// <param name="UsesNumbers">Whether message numbers are among the keys.</param>
/// <param name="Identities">What of the messages' ids and save dates they ask about, which is read before the search.</param>
internal sealed record SearchProgram(SearchKey? Key, ReturnOptions Return, bool UsesModSeq, bool UsesNumbers = false, IdentityParts Identities = IdentityParts.None)
{
    /// <summary>Whether SEARCH said which charset its texts are in.</summary>
    public bool NamesCharset { get; init; }

    /// <summary>The response code of a search that looks at a part of its messages only (RFC 9738); null: at all.</summary>
    public string? LimitCode { get; init; }

    /// <summary>Whether FUZZY is among the keys.</summary>
    public bool UsesFuzzy { get; init; }

    /// <summary>Whether filters are among the keys, which are read before the search (RFC 5466). What is in them is not known before.</summary>
    public bool UsesFilters { get; init; }

    /// <summary>Whether the texts are in UTF-8 or US-ASCII, as those of filters are.</summary>
    public bool IsUtf8 { get; init; } = true;
}
