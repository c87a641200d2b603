using System.Net;
using FullStack.Net.Tls;
using FullStack.Smtp.Server;

namespace FullStack.Smtp;

/// <summary>What a session knows of its client, for policies, trace fields and logs.</summary>
public sealed record SmtpPeer
{
    public required string ConnectionId { get; init; }
    public required IPAddress Address { get; init; }

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
