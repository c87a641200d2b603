using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>What attempts came to that could not be written down, because the disk was full or failing: it is written down before the same recipients are tried again, or when the scheduler stops.</summary>
/// <remarks>
/// Else a host, or a mailbox whose owner has moved the message, would get it once more at each attempt for as long as the disk is full. It is in memory only. What is kept of a message goes
/// with it, also where another process removes it. Safe for use by many at once.
/// </remarks>
internal sealed class UnwrittenOutcomes
{
    /// <summary>Outcomes kept at most: each is some kilobytes, and of those beyond them the recipients are tried again.</summary>
    public const int MaxOutcomes = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<QueueId, Dictionary<string, UnwrittenOutcome>> _all = [];
    private int _count;

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>The messages of which any is kept.</summary>
    public IReadOnlyList<QueueId> Messages
    {
        get
        {
            lock (_gate)
                return [.. _all.Keys];
        }
    }

    /// <summary>Keeps what an attempt came to. Where it brought messages of its own into the queue it is not kept: their files are gone, and it is done again.</summary>
    public void Keep(QueueId message, string destination, UnwrittenOutcome outcome)
    {
        if (outcome.Tried.Any(static one => one.Further.Count > 0))
            return;
        lock (_gate)
        {
            Dictionary<string, UnwrittenOutcome>? own = _all.GetValueOrDefault(message);
            if (own is null || !own.ContainsKey(destination))
            {
                if (_count == MaxOutcomes)
                    return;
                _count++;
            }

            if (own is null)
                _all.Add(message, own = []);
            own[destination] = outcome;
        }
    }

    public UnwrittenOutcome? Find(QueueId message, string destination)
    {
        lock (_gate)
            return _all.GetValueOrDefault(message)?.GetValueOrDefault(destination);
    }

    /// <summary>The destinations of a message for which any is kept.</summary>
    public IReadOnlyList<string> DestinationsOf(QueueId message)
    {
        lock (_gate)
            return _all.TryGetValue(message, out Dictionary<string, UnwrittenOutcome>? own) ? [.. own.Keys] : [];
    }

    /// <summary>One has been written down.</summary>
    public void Remove(QueueId message, string destination)
    {
        lock (_gate)
        {
            if (!_all.TryGetValue(message, out Dictionary<string, UnwrittenOutcome>? own) || !own.Remove(destination))
                return;
            _count--;
            if (own.Count == 0)
                _all.Remove(message);
        }
    }

    /// <summary>A message is gone from the queue.</summary>
    public void Forget(QueueId message)
    {
        lock (_gate)
        {
            if (_all.Remove(message, out Dictionary<string, UnwrittenOutcome>? own))
                _count -= own.Count;
        }
    }
}

/// <summary>What one attempt came to.</summary>
/// <param name="Tried">For each recipient.</param>
/// <param name="Failures">How often in a row the destination could not be reached.</param>
internal sealed record UnwrittenOutcome(IReadOnlyList<TriedRecipient> Tried, int Failures)
{
    /// <summary>The log has it.</summary>
    public bool IsLogged { get; init; }
}
