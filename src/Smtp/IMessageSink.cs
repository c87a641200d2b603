namespace FullStack.Smtp;

/// <summary>Takes accepted messages on: to mailboxes, or to the queue.</summary>
public interface IMessageSink
{
    /// <summary>Messages can be kept until the time comes that <see cref="Envelope.HoldUntil"/> names: FUTURERELEASE is offered then.</summary>
    bool CanHold => false;

    /// <summary>Each recipient can be given a sender address of its own, as <see cref="Envelope.Verp"/> says: XVERP is offered then.</summary>
    bool CanVarySender => false;

    /// <summary>Begins one message. What is written to the intake is the message as it arrived, below our own Received field.</summary>
    /// <param name="id">The message's name from now on.</param>
    /// <param name="envelope">Sender and recipients, complete: at least one recipient.</param>
    /// <param name="peer">Who sent it.</param>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    ValueTask<IMessageIntake> BeginAsync(QueueId id, Envelope envelope, SmtpPeer peer, CancellationToken ct);
}

/// <summary>One message on its way in. Disposed without commit, nothing of it stays.</summary>
public interface IMessageIntake : IAsyncDisposable
{
    /// <summary>
    /// Takes the next octets, lines ended by CRLF; of a message that is <see cref="BodyType.BinaryMime"/> the body is any octets. They may be reused when it
    /// returns.
    /// </summary>
    /// <exception cref="IOException">The disk is full or failing: the message is lost, dispose it.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct);

    /// <summary>Ends the message and hands it on. When it returns, each success is durable.</summary>
    /// <returns>One status for each recipient of the envelope, in order.</returns>
    ValueTask<IReadOnlyList<DeliveryStatus>> CommitAsync(CancellationToken ct);
}
