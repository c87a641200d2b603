using System.ComponentModel.DataAnnotations;

namespace FullStack.Smtp;

/// <summary>Settings of the SMTP and submission server.</summary>
public sealed class SmtpOptions
{
    /// <summary>This host's name in greetings and trace fields.</summary>
    [Required] public string HostName { get; init; } = "localhost";

    /// <summary>Largest message accepted, in octets: the SIZE extension (RFC 1870).</summary>
    [Range(65536, long.MaxValue)] public long MessageSizeLimit { get; init; } = 50L << 20;

    /// <summary>Most recipients of one message. RFC 5321 §4.5.3.1.8 asks for at least 100.</summary>
    [Range(100, 100000)] public int MaxRecipients { get; init; } = 1000;

    /// <summary>Longest wait for a command (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for the next piece of a message (RFC 5321 §4.5.3.2.5).</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(3);
}
