namespace FullStack.Smtp.Batch;

/// <summary>A command of a batch that was refused.</summary>
/// <param name="Line">Which line of the batch it was, from 1.</param>
/// <param name="Command">The command, at most 200 characters of it.</param>
/// <param name="Status">What the session said.</param>
public sealed record BatchRefusal(int Line, string Command, DeliveryStatus Status);

/// <summary>What came of a batch.</summary>
/// <param name="Accepted">Messages that were taken on.</param>
/// <param name="Refusals">Commands that were refused, the first 1,000 of them.</param>
/// <param name="EndedEarly">The batch was not played to its end: a command was refused for now where that was to end it, or the session ended.</param>
public sealed record BatchOutcome(int Accepted, IReadOnlyList<BatchRefusal> Refusals, bool EndedEarly);
