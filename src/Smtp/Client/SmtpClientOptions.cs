using System.ComponentModel.DataAnnotations;

namespace FullStack.Smtp.Client;

/// <summary>Settings of the SMTP and LMTP client.</summary>
public sealed class SmtpClientOptions
{
    /// <summary>This host's name as it is said to others by EHLO.</summary>
    [Required] public string HostName { get; init; } = "localhost";

    /// <summary>Longest wait for a connection to be made.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for the greeting and for the reply to EHLO (RFC 5321 §4.5.3.2.1).</summary>
    public TimeSpan GreetingTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for the end of a TLS handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest wait for the reply to MAIL, RCPT and other commands (RFC 5321 §4.5.3.2.2, §4.5.3.2.3).</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for the reply to DATA (RFC 5321 §4.5.3.2.4).</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest wait until a host takes the next piece of a message (RFC 5321 §4.5.3.2.5).</summary>
    public TimeSpan PieceTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Longest wait for the reply to a whole message: a host that is given up here may have taken it (RFC 5321 §4.5.3.2.6, RFC 1047).</summary>
    public TimeSpan AcceptTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Least octets a second that a host has to take, all waits together; 0: any pace will do.</summary>
    [Range(0, 1_000_000)] public int MinDataRate { get; init; } = 500;

    /// <summary>Octets of one chunk where the host takes chunks (RFC 3030); 0: messages go by DATA all the same.</summary>
    [Range(0, 16 << 20)] public int ChunkOctets { get; init; } = 64 * 1024;

    /// <summary>How long a connection is kept for the next message to the same host.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most connections kept so, to all hosts together; 0: none.</summary>
    [Range(0, 10_000)] public int MaxIdle { get; init; } = 100;

    /// <summary>Most messages over one connection.</summary>
    [Range(1, 100_000)] public int MaxMessages { get; init; } = 100;
}
