namespace FullStack.Store;

/// <summary>Why an operation of the store failed, as a line of the log says it.</summary>
/// <param name="Error">What consumers tell apart, and all that a peer may learn.</param>
/// <param name="Reason">More for who keeps the server, such as a path; null where the error says it all. Never for a peer.</param>
public readonly record struct StoreFailure(StoreError Error, string? Reason)
{
    public override string ToString() => Reason is null ? Error.ToString() : $"{Error}: {Reason}";
}
