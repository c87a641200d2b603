using System.ComponentModel.DataAnnotations;

namespace FullStack.Pop3;

/// <summary>Settings of the POP3 server.</summary>
public sealed class Pop3Options
{
    /// <summary>How long a session may be silent. RFC 1939 §3 asks for at least 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a TLS handshake after STLS may take.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Wrong commands in a row after which the connection is closed.</summary>
    [Range(1, 1000)] public int MaxErrors { get; init; } = 20;

    /// <summary>Refused logins after which the connection is closed.</summary>
    [Range(1, 100)] public int MaxFailedLogins { get; init; } = 5;
}
