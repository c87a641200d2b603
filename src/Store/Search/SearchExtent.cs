namespace FullStack.Store.Search;

/// <summary>Which of the messages that match are wanted: where not all are, the search ends early.</summary>
public enum SearchExtent
{
    All,
    First,
    Last,
    FirstAndLast,
}
