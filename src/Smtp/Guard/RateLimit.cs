using System.Globalization;
using FullStack.Auth.Throttling;
using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;

namespace FullStack.Smtp.Guard;

/// <summary>Holds down how many messages come from one network on port 25, and how many messages and recipients one account sends.</summary>
/// <remarks>RFC 6409 §6.4 and RFC 5321 §4.5.3.1: 4xx, for the same message may come later. A stolen password costs an hour's share, not the reputation.</remarks>
public sealed class RateLimit(GuardOptions options, SendingRates rates) : ISmtpStage
{
    private static readonly TimeSpan s_period = TimeSpan.FromHours(1);

    public string Name => "rate";

    public ISmtpStageSession? Begin(SmtpPeer peer) => peer.Role switch
    {
        SmtpRole.Relay when options.MessagesPerHour > 0 && !options.ExemptNetworks.Contains(peer.Address) => new NetworkSession(options, rates),
        SmtpRole.Submission when options.AccountMessagesPerHour > 0 || options.AccountRecipientsPerHour > 0 => new AccountSession(options, rates),
        _ => null,
    };

    private static StageVerdict Defer(string text, TimeSpan wait)
    {
        string minutes = Math.Max(1, Math.Ceiling(wait.TotalMinutes)).ToString(CultureInfo.InvariantCulture);
        return StageVerdict.Defer(new(450, new(4, 7, 1), $"{text}, please try again in {minutes} min"), text);
    }

    private sealed class NetworkSession(GuardOptions options, SendingRates rates) : ISmtpStageSession
    {
        public ValueTask<StageVerdict> OnSenderAsync(SmtpPeer peer, Envelope envelope, CancellationToken ct)
        {
            TimeSpan wait = rates.Networks.Take(ThrottleKey.OfNetwork(peer.Address), options.MessagesPerHour, s_period);
            return new(wait == TimeSpan.Zero ? StageVerdict.Continue : Defer("Too many messages from your network", wait));
        }
    }

    private sealed class AccountSession(GuardOptions options, SendingRates rates) : ISmtpStageSession
    {
        public ValueTask<StageVerdict> OnSenderAsync(SmtpPeer peer, Envelope envelope, CancellationToken ct)
        {
            TimeSpan wait = rates.Accounts.Take(rates.Keys.OfAccount(peer.Account ?? ""), options.AccountMessagesPerHour, s_period);
            return new(wait == TimeSpan.Zero ? StageVerdict.Continue : Defer("Your account has sent as many messages as it may in an hour", wait));
        }

        public ValueTask<StageVerdict> OnRecipientAsync(SmtpPeer peer, Envelope envelope, ForwardPath recipient, CancellationToken ct)
        {
            TimeSpan wait = rates.AccountRecipients.Take(rates.Keys.OfAccount(peer.Account ?? ""), options.AccountRecipientsPerHour, s_period);
            return new(wait == TimeSpan.Zero ? StageVerdict.Continue : Defer("Your account has sent to as many recipients as it may in an hour", wait));
        }
    }
}
