using System.Net;

namespace FullStack.Auth.Sasl;

/// <summary>What mechanisms know of the connection that a client logs in on.</summary>
/// <param name="Peer">The client's address, for throttling.</param>
/// <param name="IsEncrypted">TLS runs.</param>
public sealed record SaslConnection(IPAddress Peer, bool IsEncrypted)
{
    /// <summary>The kinds of channel binding that SCRAM knows here: RFC 9266, and RFC 5929 §3 and §4.</summary>
    private const string Exporter = "tls-exporter", Unique = "tls-unique", EndPoint = "tls-server-end-point";

    /// <summary>The proxy that speaks for the client, at the other end of the connection that is to be seen; null: the client itself is there.</summary>
    public IPAddress? ProxiedBy { get; init; }

    /// <summary>What the client logs in to.</summary>
    public LoginService Service { get; init; }

    /// <summary>The mechanisms that the listener allows of those there are; null: any.</summary>
    public IReadOnlyList<string>? Mechanisms { get; init; }

    /// <summary>What the client has shown of itself in the handshake; null: nothing.</summary>
    public ShownCertificate? Certificate { get; init; }

    /// <summary>The data of a channel binding, by its registered name; empty where the connection has none of that kind. Null: it has none at all.</summary>
    public Func<string, ReadOnlyMemory<byte>>? FindBinding { get; init; }

    /// <summary>Whether the listener allows a mechanism.</summary>
    internal bool Allows(string mechanism) => Mechanisms is null || Mechanisms.Contains(mechanism);

    /// <summary>A client that names a -PLUS mechanism can be served.</summary>
    internal bool CanBind => HasDefaultBinding || !BindingOf(EndPoint).IsEmpty;

    /// <summary>
    /// The connection has the binding that clients take by default for its version of TLS (RFC 9266 §3). Without it -PLUS is better not announced: many
    /// clients know no other, and give up.
    /// </summary>
    internal bool HasDefaultBinding => !BindingOf(Exporter).IsEmpty || !BindingOf(Unique).IsEmpty;

    /// <summary>The data of a channel binding that SCRAM may use; empty where there is none.</summary>
    internal ReadOnlyMemory<byte> BindingOf(string name)
        => FindBinding is not null && name is Exporter or Unique or EndPoint ? FindBinding!(name) : default;
}
