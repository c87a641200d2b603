namespace FullStack.Server;

/// <summary>Protocols a listener can speak.</summary>
public enum ListenerProtocol
{
    Smtp,
    Submission,
    Lmtp,

    /// <summary>Hosts that fetch mail (RFC 2645), for which port 366 is meant.</summary>
    Odmr,
    Pop3,
    Imap,
}

/// <summary>How a listener does TLS.</summary>
public enum ListenerTls
{
    /// <summary>By STARTTLS or STLS, when the client asks.</summary>
    Start,

    /// <summary>From the first octet (RFC 8314).</summary>
    Implicit,
}

/// <summary>One place to listen at.</summary>
/// <param name="Protocol">What is spoken there.</param>
/// <param name="Address">Host part and port.</param>
/// <param name="Tls">When TLS begins.</param>
public sealed record ListenerConfiguration(
    ListenerProtocol Protocol, Configuration.ListenAddress Address, ListenerTls Tls = ListenerTls.Start)
{
    /// <summary>Proxies of the trusted networks stand before it: their connections begin with a PROXY header.</summary>
    public bool Proxy { get; init; }

    /// <summary>Clients are asked for a certificate when TLS starts; they need not have one.</summary>
    public bool ClientCertificates { get; init; }

    /// <summary>The mechanisms by which clients may log in there; null: all that <c>auth.mechanisms</c> has.</summary>
    public IReadOnlyList<string>? Mechanisms { get; init; }

    /// <summary>Who may connect to a Unix socket, as the mode of its file.</summary>
    public UnixFileMode Mode { get; init; } = DefaultMode;

    /// <summary>The server's user and group.</summary>
    public const UnixFileMode DefaultMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>The ports mail clients and other servers expect, on every address.</summary>
    /// <remarks>RFC 5321 §4.5.4.2 (25), RFC 6409 §3.1 (587), RFC 8314 §3 (465, 993, 995), RFC 1939 §3 (110), RFC 9051 §2.1 (143).</remarks>
    public static IReadOnlyList<ListenerConfiguration> StandardPorts { get; } = OnHost("*", 0);

    /// <summary>The seven standard listeners on one host, each port raised by an offset.</summary>
    public static IReadOnlyList<ListenerConfiguration> OnHost(string host, int portOffset) =>
    [
        new(ListenerProtocol.Smtp, new(host, 25 + portOffset)),
        new(ListenerProtocol.Submission, new(host, 587 + portOffset)),
        new(ListenerProtocol.Submission, new(host, 465 + portOffset), ListenerTls.Implicit),
        new(ListenerProtocol.Pop3, new(host, 110 + portOffset)),
        new(ListenerProtocol.Pop3, new(host, 995 + portOffset), ListenerTls.Implicit),
        new(ListenerProtocol.Imap, new(host, 143 + portOffset)),
        new(ListenerProtocol.Imap, new(host, 993 + portOffset), ListenerTls.Implicit),
    ];
}
