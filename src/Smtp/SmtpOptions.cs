using System.ComponentModel.DataAnnotations;
using FullStack.Net;
using FullStack.Smtp.Guard;

namespace FullStack.Smtp;

/// <summary>What happens to a CR without LF, or an LF without CR.</summary>
public enum BareLineEnds
{
    /// <summary>A message that has one is refused with 550 5.6.0, a command with 500 5.5.2 (RFC 5321 §2.3.8).</summary>
    Refuse,

    /// <summary>Each becomes CRLF, so that no other server can take it for something else. It never ends a message.</summary>
    Normalise,
}

/// <summary>Settings of the SMTP and submission server.</summary>
public sealed class SmtpOptions
{
    /// <summary>This host's name in greetings and trace fields.</summary>
    [Required] public string HostName { get; init; } = "localhost";

    /// <summary>Those of service extensions.</summary>
    public SmtpExtensionOptions Extensions { get; init; } = new();

    /// <summary>Those of submission.</summary>
    public SubmissionOptions Submission { get; init; } = new();

    /// <summary>Largest message accepted, in octets: the SIZE extension (RFC 1870).</summary>
    [Range(65536, long.MaxValue)] public long MessageSizeLimit { get; init; } = 50L << 20;

    /// <summary>What a message that is refused for its size may come to before the client is cut off, in octets.</summary>
    internal long EndlessOctets => MessageSizeLimit > long.MaxValue / 2 ? long.MaxValue : MessageSizeLimit * 2;

    /// <summary>Most recipients of one message. RFC 5321 §4.5.3.1.8 asks for at least 100.</summary>
    [Range(100, 100000)] public int MaxRecipients { get; init; } = 1000;

    /// <summary>Most Received fields in a message; one with more goes round in circles (RFC 5321 §6.3).</summary>
    [Range(10, 1000)] public int MaxReceivedFields { get; init; } = 100;

    /// <summary>Errors after which a session is ended with 421 4.7.0; an accepted message sets the count back. Refused recipients do not count.</summary>
    [Range(1, 10000)] public int MaxErrors { get; init; } = 20;

    /// <summary>Refused recipients after which a session is ended with 421 4.7.0; an accepted message sets the count back.</summary>
    [Range(1, 100000)] public int MaxRefusedRecipients { get; init; } = 100;

    /// <summary>Proxies that may say by XCLIENT whose mail they pass on.</summary>
    public NetworkList XclientNetworks { get; init; } = NetworkList.None;

    /// <summary>What protects the front door.</summary>
    public GuardOptions Guard { get; init; } = new();

    /// <summary>Bare CR and LF on port 25.</summary>
    public BareLineEnds RelayBareLineEnds { get; init; } = BareLineEnds.Refuse;

    /// <summary>Bare CR and LF on the submission ports, and by LMTP, where the neighbour has answered for the message already.</summary>
    public BareLineEnds SubmissionBareLineEnds { get; init; } = BareLineEnds.Normalise;

    /// <summary>
    /// How much of a message that a filter looks at is kept in memory until all of it has come, in octets, so that the filter can put fields above
    /// it; a header may have as much.
    /// </summary>
    [Range(65536, 16 << 20)] public int HeldOctets { get; init; } = 256 << 10;

    /// <summary>Longest wait for a command (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for the next piece of a message (RFC 5321 §4.5.3.2.5).</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Least octets a second that a message has to come with, all waits for its pieces taken together; 0: any pace will do.</summary>
    [Range(0, 1_000_000)] public int MinDataRate { get; init; } = 500;

    /// <summary>Wait for a message's pieces that <see cref="MinDataRate"/> does not count.</summary>
    public TimeSpan DataGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for the end of a TLS handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
