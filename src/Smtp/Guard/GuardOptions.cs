using System.ComponentModel.DataAnnotations;
using FullStack.Net;

namespace FullStack.Smtp.Guard;

/// <summary>Settings of what protects the front door.</summary>
public sealed class GuardOptions
{
    /// <summary>Who is trusted: none of this concerns them.</summary>
    public NetworkList ExemptNetworks { get; init; } = NetworkList.Loopback;

    /// <summary>Most messages in an hour from one IPv4 address or IPv6 /64 on port 25; 0: any number.</summary>
    [Range(0, 10_000_000)] public int MessagesPerHour { get; init; }

    /// <summary>Most messages in an hour that one account may send; 0: any number.</summary>
    [Range(0, 10_000_000)] public int AccountMessagesPerHour { get; init; } = 2000;

    /// <summary>Most recipients in an hour that one account may send to; 0: any number.</summary>
    [Range(0, 100_000_000)] public int AccountRecipientsPerHour { get; init; } = 10_000;

    /// <summary>How long a client on port 25 waits for the greeting; one that speaks before is refused (RFC 5321 §4.3.1). Zero: only what has come with the connection counts.</summary>
    public TimeSpan GreetingDelay { get; init; }

    /// <summary>Whether who speaks before the greeting is refused.</summary>
    public bool RefuseEarlyTalkers { get; init; } = true;

    /// <summary>Errors of a session that are answered at once; each further one is answered later than the one before.</summary>
    [Range(0, 10000)] public int TarpitAfter { get; init; } = 3;

    /// <summary>By how much the first answer after these is delayed; each further one by twice as much. Zero: none is.</summary>
    public TimeSpan TarpitDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such delay.</summary>
    public TimeSpan TarpitMaxDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether a client on port 25 is refused whose HELO argument is neither a domain name nor an address literal.</summary>
    public bool RefuseMalformedHello { get; init; }

    /// <summary>Whether a stranger on port 25 is refused who says that it is this host.</summary>
    public bool RefuseOwnName { get; init; } = true;

    /// <summary>What port 25 wants of a client's name in DNS.</summary>
    public NameRequirement RequireName { get; init; }

    /// <summary>Whether the name of each client on port 25 is looked up, though nothing depends on it, for the Received field.</summary>
    public bool LookUpNames { get; init; }

    /// <summary>How long the name of a client may be looked for.</summary>
    public TimeSpan NameTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a client on port 25 is refused whose HELO argument is the literal of another address than its own.</summary>
    public bool RefuseForeignLiteral { get; init; }
}
