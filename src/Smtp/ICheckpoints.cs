namespace FullStack.Smtp;

/// <summary>What an interrupted transaction had come to.</summary>
/// <param name="Sender">Whose message it is.</param>
/// <param name="Recipients">Those that had been accepted, without routes.</param>
/// <param name="Completed">The message's name where it was taken as a whole, and only the reply was lost; null: its octets were still coming.</param>
public sealed record InterruptedTransaction(ReversePath Sender, IReadOnlyList<InterruptedRecipient> Recipients, QueueId? Completed);

/// <summary>One recipient of an interrupted transaction.</summary>
/// <param name="Path">As the client named it.</param>
/// <param name="Dsn">What its sender wants to be told.</param>
/// <param name="ValidSince"><see cref="Recipient.ValidSince"/></param>
/// <param name="ValidSinceMayLapse"><see cref="Recipient.ValidSinceMayLapse"/></param>
public sealed record InterruptedRecipient(ForwardPath Path, RecipientDsn Dsn, DateTimeOffset? ValidSince, bool ValidSinceMayLapse);

/// <summary>Keeps what has come of messages, so that a transfer that breaks off goes on later where it was.</summary>
/// <remarks>RFC 1845. What is kept is bounded for each client, in number, octets and age.</remarks>
public interface ICheckpoints
{
    /// <summary>Whether a client may have transactions kept: CHECKPOINT is offered to it then.</summary>
    bool MayUse(SmtpPeer peer);

    /// <summary>Opens what is kept of a transaction, or a place to keep it.</summary>
    /// <param name="transaction">The client's name for it.</param>
    /// <param name="peer">The client: others' transactions of the same name are not the same.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Null where another session of the client has it open.</returns>
    /// <exception cref="IOException">The disk is failing.</exception>
    ValueTask<ICheckpoint?> OpenAsync(string transaction, SmtpPeer peer, CancellationToken ct);
}

/// <summary>What is kept of one transaction. It is one session's until it is disposed, and stays on the disk then.</summary>
public interface ICheckpoint : IAsyncDisposable
{
    /// <summary>What the transaction had come to; null where nothing is kept of it.</summary>
    InterruptedTransaction? Interrupted { get; }

    /// <summary>Octets of the message that are kept: as the client counts them, without dots of its own.</summary>
    long Octets { get; }

    /// <summary>Forgets, durably, all but so much of the message.</summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    ValueTask CutToAsync(long octets);

    /// <summary>Begins to keep a message.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    ValueTask BeginAsync(Envelope envelope, CancellationToken ct);

    /// <summary>Keeps the next octets.</summary>
    /// <returns>False where the client has too much kept already; all of it is forgotten then.</returns>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    ValueTask<bool> AppendAsync(ReadOnlyMemory<byte> octets, CancellationToken ct);

    /// <summary>Reads octets that are kept; 0 at the end.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken ct);

    /// <summary>Notes, durably, that the message was taken as a whole: sent again it is not taken again. Its octets are not kept any more, but their number is.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    ValueTask CompleteAsync(Envelope envelope, QueueId id, long octets);

    /// <summary>Forgets the transaction: the client knows how it ended. Never fails.</summary>
    ValueTask ForgetAsync();
}
