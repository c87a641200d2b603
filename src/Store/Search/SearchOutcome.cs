namespace FullStack.Store.Search;

/// <summary>What a search found.</summary>
/// <param name="Numbers">Message numbers of the view, rising.</param>
/// <param name="Error">Why some message could not be looked into; <see cref="StoreError.None"/> where all could.</param>
public sealed record SearchOutcome(IReadOnlyList<int> Numbers, StoreError Error);
