using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;

namespace FullStack.Smtp.Guard;

/// <summary>Lets strangers wait for the greeting, and refuses those who do not: programs that only shout, or that were made to by a web page.</summary>
/// <remarks>RFC 5321 §4.3.1: a client "MUST NOT" send before it was greeted. On port 25 only: users' programs log in.</remarks>
public sealed class GreetingDelay(GuardOptions options) : ISmtpStage
{
    private static readonly DeliveryStatus s_tooEarly = new(554, new(5, 5, 0), "You spoke before you were greeted");

    public string Name => "greeting";

    public ISmtpStageSession? Begin(SmtpPeer peer)
        => peer.Role == SmtpRole.Relay && options.RefuseEarlyTalkers && !options.ExemptNetworks.Contains(peer.Address) ? new Session(options) : null;

    private sealed class Session(GuardOptions options) : ISmtpStageSession
    {
        public async ValueTask<StageVerdict> OnConnectAsync(SmtpPeer peer, IClientInput input, CancellationToken ct)
            => await input.ArrivesWithinAsync(options.GreetingDelay, ct) ? StageVerdict.Refuse(s_tooEarly, "spoke before the greeting") : StageVerdict.Continue;
    }
}
