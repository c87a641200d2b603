namespace FullStack.Net;

/// <summary>One mail protocol as a listener speaks it: runs a session on a connection from greeting to goodbye.</summary>
public interface IMailProtocol
{
    /// <summary>Runs one session. Returns when the session is over; the caller closes the connection.</summary>
    /// <exception cref="PeerGoneException">The peer left or stalled.</exception>
    Task RunAsync(MailConnection connection, CancellationToken ct);

    /// <summary>Says, in the protocol's words, that the connection is not served, and why.</summary>
    Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct);
}
