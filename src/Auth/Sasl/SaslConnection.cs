using System.Net;

namespace FullStack.Auth.Sasl;

/// <summary>What mechanisms know of the connection that a client logs in on.</summary>
/// <param name="Peer">The client's address, for throttling.</param>
/// <param name="IsEncrypted">TLS runs.</param>
public sealed record SaslConnection(IPAddress Peer, bool IsEncrypted)
{
    /// <summary>Whether passwords may come over it; where nobody says so, what <see cref="AuthOptions.PlaintextWithoutTls"/> says of the peer's address.</summary>
    public bool? MaySendPassword { get; init; }

    /// <summary>The channel binding tls-server-end-point (RFC 5929 §4); empty where there is none.</summary>
    public ReadOnlyMemory<byte> EndPointBinding { get; init; }
}
