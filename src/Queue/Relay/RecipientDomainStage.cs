using FullStack.Auth.Backends;
using FullStack.Dns;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;

namespace FullStack.Queue.Relay;

/// <summary>Which domains users may send to.</summary>
public enum RecipientDomains
{
    /// <summary>All.</summary>
    Any,

    /// <summary>Not those that say that they have no mail (null MX).</summary>
    Mail,

    /// <summary>Not those that do not exist in DNS, either.</summary>
    Existing,
}

/// <summary>Tells users at once of addresses that no mail can reach, which they would hear by a notice else.</summary>
/// <remarks>RFC 7505 §4.2. What DNS does not tell in a moment refuses nobody: the queue asks again. Domains with a way of their own are not asked about.</remarks>
/// <param name="resolver">Asked.</param>
/// <param name="accounts">Know the domains of this host.</param>
/// <param name="routing">Where mail goes that does not go where DNS says.</param>
/// <param name="allowed">What is refused.</param>
/// <param name="time">The clock.</param>
public sealed class RecipientDomainStage(Resolver resolver, AccountBackends accounts, RoutingOptions routing, RecipientDomains allowed, TimeProvider time) : ISmtpStage
{
    /// <summary>How long a user waits for DNS.</summary>
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(1);

    private readonly RouteTable _routes = new(routing.Routes);
    private readonly LocalDomains _here = new(accounts, routing.Domains);

    public string Name => "recipient-domain";

    public ISmtpStageSession? Begin(SmtpPeer peer) => allowed != RecipientDomains.Any && peer.Role == SmtpRole.Submission ? new Session(this) : null;

    private async ValueTask<DeliveryStatus?> RefusalAsync(ReversePath sender, MailboxAddress recipient, CancellationToken ct)
    {
        if (recipient.Domain.Length == 0 || AddressLiteral.IsOne(recipient.Domain) || _routes.HopFor(sender, recipient).IsHost || await _here.ContainsAsync(recipient.Domain, ct))
            return null;
        try
        {
            DnsAnswer<MxData> answer = await resolver.LookupMxAsync(recipient.Domain, ct).AsTask().WaitAsync(s_wait, time, ct);
            if (answer.IsFound && answer.Records.All(static mx => mx.Exchange.IsRoot))
                return SearchFailure.NullMx;
            return answer.Outcome == DnsOutcome.NoSuchName && allowed == RecipientDomains.Existing ? SearchFailure.NoSuchDomain : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private sealed class Session(RecipientDomainStage stage) : ISmtpStageSession
    {
        public async ValueTask<StageVerdict> OnRecipientAsync(SmtpPeer peer, Envelope envelope, ForwardPath recipient, CancellationToken ct)
            => await stage.RefusalAsync(envelope.Sender, recipient.Address, ct) is { } refusal
                ? StageVerdict.Refuse(refusal, $"domain {recipient.Address.Domain}")
                : StageVerdict.Continue;
    }
}
