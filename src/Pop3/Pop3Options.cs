using System.ComponentModel.DataAnnotations;
using FullStack.Net;
using FullStack.Pop3.Languages;

namespace FullStack.Pop3;

/// <summary>What a client that did not say UTF8 gets of a message with UTF-8 in its headers.</summary>
public enum WithoutUtf8
{
    /// <summary>A form of it whose headers are ASCII (RFC 6858).</summary>
    Surrogate,

    /// <summary>A refusal with the response code UTF8 (RFC 6856 §5).</summary>
    Refuse,

    /// <summary>The message as it is, against RFC 6856 §2.1, as servers without UTF8 do.</summary>
    AsIs,
}

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

    /// <summary>Shortest time between two logins to one account, to the second; zero: any. Earlier ones are refused (RFC 2449 §6.5).</summary>
    public TimeSpan LoginDelay { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Days for which mail is kept at least, as CAPA tells (RFC 2449 §6.7); <see cref="int.MaxValue"/>: for ever. The server itself removes
    /// nothing by age; with 0 it removes at QUIT what was retrieved.
    /// </summary>
    [Range(0, int.MaxValue)] public int ExpireDays { get; init; } = int.MaxValue;

    /// <summary>What <c>LANG *</c> means.</summary>
    public Pop3LanguageTag Language { get; init; } = Pop3LanguageTag.En;

    /// <summary>Proxies that may say by XCLIENT whose sessions they pass on.</summary>
    public NetworkList XclientNetworks { get; init; } = NetworkList.None;

    /// <summary>What a client that did not say UTF8 gets of a message with UTF-8 in its headers.</summary>
    public WithoutUtf8 WithoutUtf8 { get; init; } = WithoutUtf8.Surrogate;

    /// <summary>What accounts' mail looks like, where they say nothing else.</summary>
    public MaildropOptions Maildrop { get; init; } = new();
}
