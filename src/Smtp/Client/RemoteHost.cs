using System.Net;

namespace FullStack.Smtp.Client;

/// <summary>What a host is spoken to.</summary>
public enum RemoteProtocol
{
    Smtp,

    /// <summary>RFC 2033.</summary>
    Lmtp,
}

/// <summary>What a connection must have before a message goes over it.</summary>
public enum TlsNeed
{
    /// <summary>Taken where the host offers it, whoever it is; without it the message goes in the clear (RFC 7435).</summary>
    Opportunistic,

    /// <summary>Needed, whoever the host is.</summary>
    Encrypted,

    /// <summary>Needed, and the certificate must be valid for the host's name: MTA-STS, REQUIRETLS, a route that says so.</summary>
    Verified,

    /// <summary>Needed, and the certificate must be one of those that DNS names (RFC 7672).</summary>
    Dane,

    /// <summary>Never asked for.</summary>
    Never,
}

/// <summary>A record of type TLSA.</summary>
/// <remarks>RFC 6698 §2.1.</remarks>
public sealed record TlsaPin(byte Usage, byte Selector, byte MatchingType, ReadOnlyMemory<byte> Data)
{
    /// <summary>As zone files have it (RFC 6698 §2.2).</summary>
    public override string ToString() => $"{Usage} {Selector} {MatchingType} {Convert.ToHexString(Data.Span)}";
}

/// <summary>One host at one address.</summary>
/// <param name="Name">The name that led to it: for certificates, and logs.</param>
/// <param name="EndPoint">An <see cref="IPEndPoint"/>, or the path of a Unix socket.</param>
public sealed record RemoteHost(string Name, EndPoint EndPoint)
{
    public RemoteProtocol Protocol { get; init; }
    public TlsNeed Tls { get; init; }

    /// <summary>TLS begins with the connection, as on port 465.</summary>
    public bool ImplicitTls { get; init; }

    /// <summary>Names besides <see cref="Name"/> that a certificate may be for: with DANE the domain whose mail the host takes (RFC 7672 §3.2.2).</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>For <see cref="TlsNeed.Dane"/>.</summary>
    public IReadOnlyList<TlsaPin> Pins { get; init; } = [];

    /// <summary>Under which policy it is connected to, for reports; null: nobody is told.</summary>
    public AppliedTlsPolicy? Policy { get; init; }

    /// <summary>User name and password for AUTH; null: none.</summary>
    public NetworkCredential? Credentials { get; init; }
}
