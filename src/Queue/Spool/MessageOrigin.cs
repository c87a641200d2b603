using FullStack.Smtp;

namespace FullStack.Queue.Spool;

/// <summary>Where a message came from.</summary>
/// <param name="ConnectionId">The connection that brought it; empty where this host made it.</param>
/// <param name="Account">Who had logged in; null: nobody.</param>
/// <param name="Address">The client's address; empty where this host made the message.</param>
/// <param name="IsTrusted">It came from one of our own: logged in, from a network that may relay, or by LMTP. Notices to strangers are counted.</param>
public sealed record MessageOrigin(string ConnectionId, string? Account, string Address, bool IsTrusted)
{
    /// <summary>This host made the message.</summary>
    public static MessageOrigin Here { get; } = new("", null, "", true);

    public static MessageOrigin Of(SmtpPeer peer, bool isTrusted) => new(peer.ConnectionId, peer.Account, peer.Address.ToString(), isTrusted);
}
