namespace FullStack.Imap.Search;

/// <summary>A parsed search.</summary>
/// <param name="Key">What a message has to be; null where the charset of the texts is not known here.</param>
/// <param name="Return">What to say of those found.</param>
/// <param name="UsesModSeq">Whether the answer has to name the highest mod-sequence found.</param>
/// <param name="UsesNumbers">Whether message numbers are among the keys.</param>
/// <param name="UsesSaveDates">Whether save dates are, which are read before the search.</param>
internal sealed record SearchProgram(SearchKey? Key, ReturnOptions Return, bool UsesModSeq, bool UsesNumbers = false, bool UsesSaveDates = false);
