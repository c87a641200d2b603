using System.Net;

namespace FullStack.Smtp.Client;

/// <summary>One connection on which there was to be TLS.</summary>
/// <param name="Policy">Under which policy.</param>
/// <param name="Host">The host's name.</param>
/// <param name="Finding">What came of it.</param>
public sealed record TlsSession(AppliedTlsPolicy Policy, string Host, TlsFinding Finding)
{
    /// <summary>The host's address; null where it did not come to a connection.</summary>
    public IPAddress? To { get; init; }

    /// <summary>This host's.</summary>
    public IPAddress? From { get; init; }

    /// <summary>What the host called itself; null where it had said nothing yet.</summary>
    public string? HostSays { get; init; }
}

/// <summary>Hears of connections on which there was to be TLS. Never waits.</summary>
public interface ITlsSessions
{
    void Note(TlsSession session);
}
