using FullStack.Smtp;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>Takes every address: the server, which takes the message up, knows who there is.</summary>
internal sealed class AnyRecipient : IRecipientPolicy
{
    public ValueTask<DeliveryStatus> CheckSenderAsync(ReversePath sender, SmtpPeer peer, CancellationToken ct) => new(DeliveryStatus.Success);

    public ValueTask<RecipientVerdict> CheckRecipientAsync(ForwardPath recipient, Envelope envelope, SmtpPeer peer, CancellationToken ct)
        => new(RecipientVerdict.Accept(new Dropped()));

    public ValueTask<long?> MessageLimitAsync(SmtpPeer peer, CancellationToken ct) => new((long?)null);

    private sealed record Dropped : Route;
}
