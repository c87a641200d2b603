using System.Net;
using FullStack.Net.Tls;
using FullStack.Smtp.Server;

namespace FullStack.Smtp;

/// <summary>What a session knows of its client, for policies, trace fields and logs.</summary>
public sealed record SmtpPeer
{
    public required string ConnectionId { get; init; }
    public required IPAddress Address { get; init; }

    /// <summary>The name that the address leads to and that leads back to it, where a trusted proxy or DNS says so; null where nobody has asked, empty where there is none.</summary>
    public string? HostName { get; init; }

    /// <summary>What is known of <see cref="HostName"/>.</summary>
    public ClientNameState NameState { get; init; }

    /// <summary>It came by a Unix socket; <see cref="Address"/> is the loopback's then.</summary>
    public bool IsLocalSocket { get; init; }

    /// <summary>The user of this host whose program it is; null where that is not known.</summary>
    public uint? LocalUser { get; init; }

    /// <summary>The name of the dropped file that its message comes from, by which a sink takes that once only; null: it does not come from one.</summary>
    public string? DropName { get; init; }

    /// <summary>What the listener that the client came to is for.</summary>
    public required SmtpRole Role { get; init; }

    /// <summary>The argument of HELO or EHLO, unverified; empty before.</summary>
    public string HelloName { get; init; } = "";

    /// <summary>The argument is a domain or an address literal by RFC 5321's grammar, so it may stand in a trace field.</summary>
    public bool HelloNameIsValid { get; init; }

    /// <summary>The client said EHLO, not HELO.</summary>
    public bool Extended { get; init; }

    /// <summary>What TLS agreed on; null in the clear.</summary>
    public TlsSession? Tls { get; init; }

    /// <summary>The address of the account that logged in, lower case; null before.</summary>
    public string? Account { get; init; }
}
