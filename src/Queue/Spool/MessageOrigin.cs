using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Queue.Spool;

/// <summary>Whose a message is that came here.</summary>
public enum MessageSource
{
    /// <summary>Somebody else's.</summary>
    Stranger,

    /// <summary>That of a host which may relay.</summary>
    Network,

    /// <summary>That of a user who had logged in, of a program of this host, or its own.</summary>
    Own,
}

/// <summary>Where a message came from.</summary>
/// <param name="ConnectionId">The connection that brought it; empty where this host made it.</param>
/// <param name="Account">Who had logged in; null: nobody.</param>
/// <param name="Address">The client's address; empty where this host made the message.</param>
/// <param name="IsTrusted">It came from one of our own: logged in, from a network that may relay, or by LMTP. Notices to strangers are counted.</param>
public sealed record MessageOrigin(string ConnectionId, string? Account, string Address, bool IsTrusted)
{
    /// <summary>This host made the message.</summary>
    public static MessageOrigin Here { get; } = new("", null, "", true) { Source = MessageSource.Own };

    /// <summary>Whose it is. One of an earlier version, which did not write it down, is a stranger's.</summary>
    public MessageSource Source { get; init; }

    public static MessageOrigin Of(SmtpPeer peer, bool isTrusted) => new(peer.ConnectionId, peer.Account, peer.Address.ToString(), isTrusted) { Source = SourceOf(peer, isTrusted) };

    private static MessageSource SourceOf(SmtpPeer peer, bool isTrusted)
    {
        if (peer.Account is not null || peer.Role == SmtpRole.Local)
            return MessageSource.Own;
        return isTrusted && peer.Role == SmtpRole.Relay ? MessageSource.Network : MessageSource.Stranger; // a neighbour hands over others' mail by LMTP
    }
}
