using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>What the scheduler has done.</summary>
internal interface IAttempts
{
    /// <summary>Tries to deliver a message to its recipients in a lane that are due, and writes down what came of it.</summary>
    /// <param name="message">The message, which may be gone by now.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="failures">How often the destination failed in a row.</param>
    /// <param name="ct">Cuts the attempt.</param>
    /// <exception cref="IOException">The queue cannot be used; nothing is written down.</exception>
    Task<AttemptOutcome> AttemptAsync(QueueId message, Lane lane, int failures, CancellationToken ct);

    /// <summary>Tells a message's sender that it is late, or gives it up.</summary>
    /// <exception cref="IOException">The queue cannot be used; nothing is written down.</exception>
    Task SeeToAsync(QueueId message, CancellationToken ct);

    /// <summary>Writes down what earlier attempts came to, where that could not be done then. Never fails: what cannot be written down now is told to the log.</summary>
    Task WriteDownAsync();
}

/// <summary>What an attempt says of its destination.</summary>
/// <param name="Reached">The destination answered.</param>
/// <param name="MayHaveMore">The message may have more recipients there that are due.</param>
internal sealed record AttemptOutcome(bool Reached, bool MayHaveMore)
{
    /// <summary>There was nothing to do.</summary>
    public static AttemptOutcome Nothing { get; } = new(false, false);

    /// <summary>The destination could not be reached, and is let alone until then; null: it could, or nobody tried.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>How often it failed in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Something of ours is broken.</summary>
    public static AttemptOutcome Broken(DateTimeOffset until) => new(false, true) { PausedUntil = until };
}
