namespace FullStack.Smtp;

/// <summary>Decides who may send as whom and to whom.</summary>
public interface IRecipientPolicy
{
    /// <summary>Whether the client may use this reverse-path: anyone's on port 25, only its own after login.</summary>
    /// <returns>A success, or the refusal to answer MAIL with.</returns>
    ValueTask<DeliveryStatus> CheckSenderAsync(ReversePath sender, SmtpPeer peer, CancellationToken ct);

    /// <summary>The largest message that the client may submit, in octets; null: as large as the options say of all.</summary>
    ValueTask<long?> MessageLimitAsync(SmtpPeer peer, CancellationToken ct);

    /// <summary>Whether the client may send to this address, and where that leads.</summary>
    ValueTask<RecipientVerdict> CheckRecipientAsync(ForwardPath recipient, Envelope envelope, SmtpPeer peer, CancellationToken ct);
}

/// <summary>The answer to one recipient: a route, or the refusal to answer RCPT with.</summary>
public sealed record RecipientVerdict
{
    private RecipientVerdict(Route? route, DeliveryStatus? refusal) => (Route, Refusal) = (route, refusal);

    /// <summary>Null where refused.</summary>
    public Route? Route { get; }

    /// <summary>Null where accepted.</summary>
    public DeliveryStatus? Refusal { get; }

    public static RecipientVerdict Accept(Route route) => new(route, null);

    public static RecipientVerdict Refuse(DeliveryStatus refusal) => new(null, refusal);
}
