using FullStack.Dns;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;

namespace FullStack.Queue.Relay;

/// <summary>Which domains of senders are refused.</summary>
public enum SenderDomains
{
    /// <summary>None.</summary>
    Any,

    /// <summary>Those that say that they have no mail (null MX).</summary>
    Mail,

    /// <summary>Those that do not exist in DNS, too.</summary>
    Existing,
}

/// <summary>Refuses strangers' mail whose sender could not be told that it was not delivered.</summary>
/// <remarks>RFC 7505 §4.1. What DNS cannot tell now refuses nobody.</remarks>
public sealed class SenderDomainStage(Resolver resolver, SenderDomains allowed) : ISmtpStage
{
    private static readonly DeliveryStatus s_nullMx = new(550, new(5, 7, 27), "The domain of the sender does not accept mail");
    private static readonly DeliveryStatus s_unknown = new(550, new(5, 1, 8), "The domain of the sender does not exist");

    public string Name => "sender-domain";

    public ISmtpStageSession? Begin(SmtpPeer peer) => allowed != SenderDomains.Any && peer.Role == SmtpRole.Relay ? new Session(this) : null;

    /// <summary>Looks at a sender's domain.</summary>
    /// <returns>The refusal; null where there is nothing against it.</returns>
    public async ValueTask<DeliveryStatus?> RefusalAsync(ReversePath sender, CancellationToken ct)
    {
        if (sender.Address is not { } address || address.Domain.Length == 0 || AddressLiteral.IsOne(address.Domain))
            return null;
        DnsAnswer<MxData> answer = await resolver.LookupMxAsync(address.Domain, ct);
        if (answer.IsFound && answer.Records.All(static mx => mx.Exchange.IsRoot))
            return s_nullMx;
        return answer.Outcome == DnsOutcome.NoSuchName && allowed == SenderDomains.Existing ? s_unknown : null;
    }

    private sealed class Session(SenderDomainStage stage) : ISmtpStageSession
    {
        public async ValueTask<StageVerdict> OnSenderAsync(SmtpPeer peer, Envelope envelope, CancellationToken ct)
            => peer.Account is null && await stage.RefusalAsync(envelope.Sender, ct) is { } refusal
                ? StageVerdict.Refuse(refusal, $"domain {envelope.Sender.Address!.Domain}")
                : StageVerdict.Continue;
    }
}
