using FullStack.Smtp;

namespace FullStack.Queue.Relay;

/// <summary>What a message asks of TLS on its way.</summary>
/// <remarks>RFC 8689.</remarks>
public enum TlsWish
{
    /// <summary>Nothing: the route, DNS and the policy of the domain say what is needed.</summary>
    None,

    /// <summary>It may only go to hosts that are known for sure and verified (REQUIRETLS, §4.2.1).</summary>
    Required,

    /// <summary>It is to arrive though TLS fails: what DNS and the domain's policy ask for is no reason to keep it back (TLS-Required: No, §4.2.2).</summary>
    Optional,
}

/// <summary>Reads wishes from envelopes.</summary>
public static class TlsWishes
{
    public static TlsWish Of(Envelope envelope) => envelope.RequireTls ? TlsWish.Required : envelope.TlsOptional ? TlsWish.Optional : TlsWish.None;
}
