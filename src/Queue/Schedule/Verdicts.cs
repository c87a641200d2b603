using FullStack.Queue.Spool;

namespace FullStack.Queue.Schedule;

/// <summary>What became of recipients of a message.</summary>
internal sealed record Verdicts
{
    /// <summary>Recipients that were tried, or are given up.</summary>
    public IReadOnlyList<TriedRecipient> Tried { get; init; } = [];

    /// <summary>The log has what became of <see cref="Tried"/>.</summary>
    public bool IsLogged { get; init; }

    /// <summary>Recipients of which the sender is told that they have not got it yet.</summary>
    public IReadOnlyList<QueuedRecipient> Late { get; init; } = [];

    /// <summary>Recipients that are done with and were kept until now, for one notice about several.</summary>
    public IReadOnlyList<QueuedRecipient> Kept { get; init; } = [];
}
