using System.Net;
using FullStack.Smtp.Client;

namespace FullStack.Queue.Relay;

/// <summary>Who takes mail on the way out: a domain, whose hosts DNS names, or one host.</summary>
/// <param name="Name">The domain, or the host; an address literal in brackets means that address.</param>
/// <param name="IsHost">It is a host, whatever MX records its name has.</param>
public sealed record NextHop(string Name, bool IsHost)
{
    /// <summary>The port; null: 25 by SMTP, 24 by LMTP, 465 where TLS begins with the connection.</summary>
    public int? Port { get; init; }

    public RemoteProtocol Protocol { get; init; }

    /// <summary>What a connection needs at least. What DNS or the domain's own policy asks for may come on top (RFC 7672, RFC 8461).</summary>
    public TlsNeed Tls { get; init; }

    /// <summary>TLS begins with the connection.</summary>
    public bool ImplicitTls { get; init; }

    /// <summary>For AUTH; null: none.</summary>
    public NetworkCredential? Credentials { get; init; }

    /// <summary>Nobody is sent to: mail waits until it is fetched (RFC 2645).</summary>
    public bool IsFetched { get; init; }

    /// <summary>What mail for it waits under: the same for all that goes the same way.</summary>
    public string Key => IsHost
        ? $"{(Protocol == RemoteProtocol.Lmtp ? "lmtp" : "smtp")}:{Name}:{Port?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"}{(Credentials is null ? "" : $":{Credentials.UserName}")}"
        : IsFetched ? Spool.Destinations.ToBeFetched(Name) : Name;
}
