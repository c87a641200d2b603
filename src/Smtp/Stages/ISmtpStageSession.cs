namespace FullStack.Smtp.Stages;

/// <summary>A stage's part in one session: it is asked at each point in time at which something more is known, and may hold state between them.</summary>
/// <remarks>
/// Never asked twice at once. What a method does not decide is <see cref="StageVerdict.Continue"/>, which is what all of them say by default.
/// An exception counts as 451 4.3.0 for what is asked about: a filter that fails lets nothing past.
/// </remarks>
public interface ISmtpStageSession : IAsyncDisposable
{
    /// <summary>A client has connected, and has not been greeted. A refusal is the greeting (RFC 5321 §3.1); a deferral closes.</summary>
    ValueTask<StageVerdict> OnConnectAsync(SmtpPeer peer, IClientInput input, CancellationToken ct) => new(StageVerdict.Continue);

    /// <summary>It has said HELO, EHLO or LHLO; the name is in <paramref name="peer"/>. What was said of an earlier name is void.</summary>
    ValueTask<StageVerdict> OnHelloAsync(SmtpPeer peer, CancellationToken ct) => new(StageVerdict.Continue);

    /// <summary>It has named a sender, who would be taken. The transaction begins: state of an earlier one is to go.</summary>
    ValueTask<StageVerdict> OnSenderAsync(SmtpPeer peer, Envelope envelope, CancellationToken ct) => new(StageVerdict.Continue);

    /// <summary>It has named a recipient, who would be taken; those taken before are in the envelope.</summary>
    ValueTask<StageVerdict> OnRecipientAsync(SmtpPeer peer, Envelope envelope, ForwardPath recipient, CancellationToken ct) => new(StageVerdict.Continue);

    /// <summary>It begins to send a message. Who wants to see it gives something to see it with.</summary>
    /// <returns>Null where the stage does not look at what messages hold: what nobody looks at is not kept back.</returns>
    IMessageStage? OpenMessage(QueueId id, SmtpPeer peer, Envelope envelope) => null;

    /// <summary>A message was handed on, for some recipients at least.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="peer">The client.</param>
    /// <param name="envelope">Sender and recipients.</param>
    /// <param name="statuses">What became of it for each recipient, in order.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask OnDeliveredAsync(QueueId id, SmtpPeer peer, Envelope envelope, IReadOnlyList<DeliveryStatus> statuses, CancellationToken ct)
        => ValueTask.CompletedTask;

    /// <summary>The session has ended.</summary>
    ValueTask IAsyncDisposable.DisposeAsync() => ValueTask.CompletedTask;
}
