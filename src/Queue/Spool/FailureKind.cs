using FullStack.Smtp;

namespace FullStack.Queue.Spool;

/// <summary>What kept a recipient from getting a message for now: each kind has its own pause before the next attempt.</summary>
internal enum FailureKind
{
    /// <summary>A mailbox of this host, or something else of our own.</summary>
    Local,

    /// <summary>DNS did not answer.</summary>
    Dns,

    /// <summary>No host could be reached, or the connection broke.</summary>
    Connection,

    /// <summary>A host was reached and would not talk, or take no mail at all.</summary>
    Session,

    /// <summary>What the domain's policy, the message or the route asks of TLS could not be met.</summary>
    Tls,

    /// <summary>The host put off this recipient or message, as one that greylists does.</summary>
    PutOff,
}

/// <summary>Finds out of which kind a failure is.</summary>
internal static class FailureKinds
{
    // RFC 3463 §3.8: security; §3.5: directory servers.
    private const int Security = 7, Routing = 4, DirectoryFailure = 3, NoRoute = 4;

    /// <summary>The kind of a search for hosts that found none.</summary>
    public static FailureKind OfSearch(DeliveryStatus status)
        => status.Status.Subject == Security ? FailureKind.Tls
            : status.Status is { Subject: Routing, Detail: DirectoryFailure or NoRoute } ? FailureKind.Dns
            : FailureKind.Connection;

    /// <summary>The kind of a result that a host, or its absence, gave.</summary>
    /// <param name="status">The result.</param>
    /// <param name="isRemote">The host said so itself.</param>
    /// <param name="isHostFailure">It is about the host as a whole, not about this message.</param>
    public static FailureKind OfAttempt(DeliveryStatus status, bool isRemote, bool isHostFailure)
        => isRemote ? isHostFailure ? FailureKind.Session : FailureKind.PutOff
            : status.Status.Subject == Security ? FailureKind.Tls
            : FailureKind.Connection;
}
