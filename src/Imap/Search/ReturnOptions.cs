using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>What a search is to return (RFC 4731 §3.1, RFC 5182 §2.4, RFC 5267 §4, RFC 9394 §3.1).</summary>
[Flags]
internal enum SearchReturn
{
    /// <summary>No RETURN: the old SEARCH or SORT response.</summary>
    None = 0,
    Min = 1,
    Max = 2,
    All = 4,
    Count = 8,

    /// <summary>Remember what was found; alone it asks for no answer.</summary>
    Save = 16,

    /// <summary>A hint that more of the same search will follow (RFC 5267 §4.2).</summary>
    Context = 32,

    /// <summary>Tell how the results change (RFC 5267 §4.3).</summary>
    Update = 64,

    /// <summary>How well each message matches (RFC 6203 §4).</summary>
    Relevancy = 128,
}

/// <summary>The options of RETURN.</summary>
/// <param name="Items">Those without an argument.</param>
/// <param name="Partial">The window of PARTIAL; null where it was not asked for.</param>
internal readonly record struct ReturnOptions(SearchReturn Items, ResultRange? Partial)
{
    public bool Has(SearchReturn option) => (Items & option) != 0;

    /// <summary>What UPDATE is to tell of new messages (RFC 5465 §7); null: nothing.</summary>
    public FetchRequest? NewMessageItems { get; init; }

    /// <summary>Whether anything was asked for: an ESEARCH response takes the place of the old one.</summary>
    public bool IsExtended => Items != SearchReturn.None || Partial is not null;

    /// <summary>Whether the client asked to be told something, and not just to remember.</summary>
    public bool AsksForAnswer => Items != SearchReturn.Save || Partial is not null;

    /// <summary>Which messages have to be found: where only the first or the last is asked for, the others need not be looked at.</summary>
    public SearchExtent Extent => Partial is not null || Has(SearchReturn.Update) ? SearchExtent.All : (Items & ~(SearchReturn.Save | SearchReturn.Context)) switch
    {
        SearchReturn.Min => SearchExtent.First,
        SearchReturn.Max => SearchExtent.Last,
        SearchReturn.Min | SearchReturn.Max => SearchExtent.FirstAndLast,
        _ => SearchExtent.All,
    };

    /// <summary>Those of the messages found that are saved and whose mod-sequences count: all, unless only some were asked for.</summary>
    /// <remarks>RFC 4731 §3.2, RFC 5182 §2.4 and RFC 9394 §3.2 have the same table.</remarks>
    /// <param name="found">What was found, in the order of the answer.</param>
    public IReadOnlyList<int> Returned(IReadOnlyList<int> found)
    {
        bool some = Has(SearchReturn.Min) || Has(SearchReturn.Max) || Partial is not null;
        if (found.Count == 0 || !some || Has(SearchReturn.All) || Has(SearchReturn.Count))
            return found;
        List<int> returned = [];
        if (Has(SearchReturn.Min))
            returned.Add(found[0]);
        if (Has(SearchReturn.Max))
            returned.Add(found[^1]);
        (int start, int length) = Partial?.Within(found.Count) ?? default;
        for (int i = start; i < start + length; i++)
            returned.Add(found[i]);
        return returned;
    }
}
