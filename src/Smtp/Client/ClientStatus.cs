namespace FullStack.Smtp.Client;

/// <summary>What this host says of others: the catalogue of statuses that no host has sent.</summary>
/// <remarks>Enhanced codes RFC 3463 and RFC 5248.</remarks>
internal static class ClientStatus
{
    public static DeliveryStatus TlsNotOffered { get; } = new(451, new(4, 7, 4), "The host offers no TLS, which is needed here");
    public static DeliveryStatus InjectedInput { get; } = new(451, new(4, 7, 5), "Someone sent words in the clear behind the start of TLS");
    public static DeliveryStatus NoLoginOffered { get; } = new(454, new(4, 7, 0), "The host offers no login that this one knows");
    public static DeliveryStatus LoginNeedsTls { get; } = new(454, new(4, 7, 11), "No password is sent without TLS");
    public static DeliveryStatus HostUnproved { get; } = new(454, new(4, 7, 0), "The host does not prove that it knows the password");
    public static DeliveryStatus NotMailProtocol { get; } = new(451, new(4, 5, 0), "The host's reply is none of the mail protocol");
    public static DeliveryStatus RequireTlsNotOffered { get; } = new(550, new(5, 7, 30), "REQUIRETLS support required, and the host offers none");
    public static DeliveryStatus NeedsSmtpUtf8 { get; } = new(553, new(5, 6, 7), "The address or header has characters beyond ASCII, which the host does not take");
    public static DeliveryStatus CannotConvert { get; } = new(554, new(5, 6, 3), "The host does not take what the message holds, and it cannot be converted");
    public static DeliveryStatus DeliverByNotOffered { get; } = new(554, new(5, 4, 7), "The host does not promise delivery by the time asked for");
    public static DeliveryStatus RrvsNotOffered { get; } = new(554, new(5, 7, 19), "The host cannot tell since when the address has been its owner's");
    public static DeliveryStatus BadSender { get; } = new(553, new(5, 1, 7), "The sender's address cannot be sent");
    public static DeliveryStatus BadRecipient { get; } = new(553, new(5, 1, 3), "The address cannot be sent");
    public static DeliveryStatus TooManyDomains { get; } = new(452, new(4, 5, 3), "The host takes no recipient of this domain together with the others");

    public static DeliveryStatus CannotConnect(RemoteHost host, string why) => new(451, new(4, 4, 1), $"Cannot connect to {Name(host)}: {why}");

    public static DeliveryStatus Lost(RemoteHost host, string stage) => new(451, new(4, 4, 2), $"Connection to {Name(host)} lost {stage}");

    public static DeliveryStatus TimedOut(RemoteHost host, string stage) => new(451, new(4, 4, 2), $"{Name(host)} timed out {stage}");

    public static DeliveryStatus HandshakeFailed(RemoteHost host) => new(451, new(4, 7, 5), $"No TLS with {Name(host)}: the handshake failed");

    public static DeliveryStatus NotTrusted(RemoteHost host, string why) => new(451, new(4, 7, 5), $"No trust in {Name(host)}: {why}");

    public static DeliveryStatus TooBig(long limit) => new(552, new(5, 3, 4), $"The host takes messages of up to {limit} octets");

    public static DeliveryStatus Unexpected(HostReply reply)
        => new(451, new(4, 5, 0), $"Unexpected reply: {reply.Code} {reply.ToStatus().Text}");

    /// <summary>The enhanced code for a reply that came without one.</summary>
    public static EnhancedStatus EnhancedFor(int code) => code switch
    {
        < 400 => new(2, 0, 0),
        421 => new(4, 3, 2),
        450 => new(4, 2, 0),
        451 => new(4, 3, 0),
        452 => new(4, 3, 1),
        454 => new(4, 7, 0),
        455 => new(4, 5, 4),
        < 500 => new(4, 0, 0),
        500 or 501 or 502 or 503 => new(5, 5, 1),
        504 or 555 => new(5, 5, 4),
        521 or 556 => new(5, 3, 2),
        530 or 535 => new(5, 7, 0),
        551 => new(5, 1, 6),
        552 => new(5, 2, 2),
        553 => new(5, 1, 3),
        _ => new(5, 0, 0),
    };

    public static string Name(RemoteHost host) => $"{host.Name} [{host.EndPoint}]";
}
