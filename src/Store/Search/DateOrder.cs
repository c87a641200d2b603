namespace FullStack.Store.Search;

/// <summary>How a message's date stands to the one asked for.</summary>
public enum DateOrder
{
    Before,
    On,
    Since,
}
