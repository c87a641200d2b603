using System.Collections.Concurrent;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>What attempts came to that could not be written down, because the disk was full or failing: it is written down before the same recipients are tried again.</summary>
/// <remarks>Else a host, or a mailbox whose owner has moved the message, would get it once more at each attempt for as long as the disk is full. It is in memory only.</remarks>
internal sealed class UnwrittenOutcomes
{
    private const int MaxOutcomes = 10_000;

    private readonly ConcurrentDictionary<(QueueId Message, string Destination), UnwrittenOutcome> _all = new();

    /// <summary>Keeps what an attempt came to. Where it brought messages of its own into the queue it is not kept: their files are gone, and it is done again.</summary>
    public void Keep(QueueId message, string destination, UnwrittenOutcome outcome)
    {
        if (_all.Count < MaxOutcomes && outcome.Tried.All(static one => one.Further.Count == 0))
            _all[(message, destination)] = outcome;
    }

    public UnwrittenOutcome? Find(QueueId message, string destination) => _all.GetValueOrDefault((message, destination));

    public void Remove(QueueId message, string destination) => _all.TryRemove((message, destination), out _);
}

/// <summary>What one attempt came to.</summary>
/// <param name="Tried">For each recipient.</param>
/// <param name="Failures">How often in a row the destination could not be reached.</param>
internal sealed record UnwrittenOutcome(IReadOnlyList<TriedRecipient> Tried, int Failures)
{
    /// <summary>The log has it.</summary>
    public bool IsLogged { get; init; }
}
