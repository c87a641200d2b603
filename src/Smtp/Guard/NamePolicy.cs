using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;

namespace FullStack.Smtp.Guard;

/// <summary>What port 25 wants of a client's name in DNS.</summary>
public enum NameRequirement
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The address leads to a name.</summary>
    Pointer,

    /// <summary>The address leads to a name that leads back to it.</summary>
    Confirmed,
}

/// <summary>Refuses mail of clients whose addresses have no names in DNS, as those of most infected computers.</summary>
/// <remarks>
/// RFC 7372 §3.2 (X.7.25). Judged at RCPT, so that a rule may let mail for some recipients in, and the log tells whose mail it was. What DNS cannot tell now
/// is put off: else who breaks our DNS gets in, or honest mail is refused while it is broken.
/// </remarks>
public sealed class NamePolicy(GuardOptions options) : ISmtpStage
{
    private static readonly DeliveryStatus s_none = new(550, new(5, 7, 25), "Your address has no name in DNS");
    private static readonly DeliveryStatus s_unconfirmed = new(550, new(5, 7, 25), "The name of your address in DNS does not lead back to it");
    private static readonly DeliveryStatus s_failed = new(450, new(4, 7, 25), "The name of your address cannot be found out now, please try again later");

    public string Name => "name";

    public ISmtpStageSession? Begin(SmtpPeer peer)
        => peer.Role == SmtpRole.Relay && options.RequireName != NameRequirement.None && !options.ExemptNetworks.Contains(peer.Address) ? new Session(options) : null;

    private sealed class Session(GuardOptions options) : ISmtpStageSession
    {
        public ValueTask<StageVerdict> OnRecipientAsync(SmtpPeer peer, Envelope envelope, ForwardPath recipient, CancellationToken ct) => new(peer.NameState switch
        {
            ClientNameState.None => StageVerdict.Refuse(s_none, $"{peer.Address} has no name"),
            ClientNameState.Unconfirmed when options.RequireName == NameRequirement.Confirmed => StageVerdict.Refuse(s_unconfirmed, $"no name of {peer.Address} leads back to it"),
            ClientNameState.Failed => StageVerdict.Defer(s_failed, $"the name of {peer.Address} cannot be found out"),
            _ => StageVerdict.Continue,
        });
    }
}
