using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;

namespace FullStack.Server.Access;

/// <summary>Holds clients on port 25 to the administrator's rules.</summary>
internal sealed class AccessStage(AccessRules rules) : ISmtpStage
{
    public string Name => "access";

    public ISmtpStageSession? Begin(SmtpPeer peer) => peer.Role == SmtpRole.Relay && !rules.IsEmpty ? new Session(rules) : null;

    private sealed class Session(AccessRules rules) : ISmtpStageSession
    {
        public ValueTask<StageVerdict> OnConnectAsync(SmtpPeer peer, IClientInput input, CancellationToken ct)
        {
            StageVerdict verdict = rules.Find(AccessSubject.Client, pattern => pattern.Matches(peer.Address));
            if (verdict == StageVerdict.Continue && !string.IsNullOrEmpty(peer.HostName))
                verdict = rules.Find(AccessSubject.Host, pattern => pattern.MatchesName(peer.HostName));
            return new(verdict);
        }

        public ValueTask<StageVerdict> OnHelloAsync(SmtpPeer peer, CancellationToken ct)
            => new(rules.Find(AccessSubject.Helo, pattern => pattern.MatchesName(peer.HelloName)));

        public ValueTask<StageVerdict> OnSenderAsync(SmtpPeer peer, Envelope envelope, CancellationToken ct)
            => new(rules.Find(AccessSubject.Sender, pattern => Matches(pattern, envelope.Sender.Address)));

        public ValueTask<StageVerdict> OnRecipientAsync(SmtpPeer peer, Envelope envelope, ForwardPath recipient, CancellationToken ct)
            => new(rules.Find(AccessSubject.Recipient, pattern => Matches(pattern, recipient.Address)));

        private static bool Matches(AccessPattern pattern, MailboxAddress? address)
            => pattern.MatchesAddress(address?.LocalPart ?? "", address?.Domain ?? "", address?.ToString() ?? "<>");
    }
}
