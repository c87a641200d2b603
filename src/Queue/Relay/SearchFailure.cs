using FullStack.Smtp;

namespace FullStack.Queue.Relay;

/// <summary>Why a domain has no hosts to send to.</summary>
/// <remarks>Codes: RFC 3463 §3, RFC 5248, RFC 7505 §4.1, RFC 8689 §4.2.1.</remarks>
internal static class SearchFailure
{
    public static DeliveryStatus NoSuchDomain { get; } = new(550, new(5, 1, 2), "The domain of this address does not exist");

    public static DeliveryStatus BadLiteral { get; } = new(550, new(5, 1, 2), "This address literal is no address");

    public static DeliveryStatus NullMx { get; } = new(556, new(5, 1, 10), "The domain of this address does not accept mail");

    /// <summary>The domain exists, and has no host for mail.</summary>
    public static DeliveryStatus NoHost { get; } = new(550, new(5, 4, 4), "The domain of this address has no host for mail");

    /// <summary>A host that the administrator named: the mail is not to go back because of a name that is not in DNS for a while.</summary>
    public static DeliveryStatus NoSuchHost { get; } = new(451, new(4, 4, 4), "The host that mail to this domain goes to is not in DNS");

    public static DeliveryStatus Loop { get; } = new(554, new(5, 4, 6), "Mail for this domain loops back to this host");

    /// <summary>Nobody is to be sent to.</summary>
    public static DeliveryStatus ToBeFetched { get; } = new(450, new(4, 4, 1), "The mail waits until the host of this domain fetches it");

    public static DeliveryStatus DnsFailed { get; } = new(451, new(4, 4, 3), "DNS does not answer for the domain of this address");

    /// <summary>No host is one that the domain's policy names (RFC 8461 §5), or DNS has no certificate though the route wants one.</summary>
    public static DeliveryStatus PolicyFailed { get; } = new(451, new(4, 7, 5), "No host of the domain meets its security policy");

    public static DeliveryStatus TlsNeeded { get; } = new(550, new(5, 7, 10), "The message requires TLS with a verified host, and the domain has none that can be verified");
}
