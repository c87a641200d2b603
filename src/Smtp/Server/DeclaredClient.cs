using System.Net;

namespace FullStack.Smtp.Server;

/// <summary>What a trusted proxy says of the client whose mail it passes on; null where it says nothing, empty where it knows that there is nothing.</summary>
internal sealed record DeclaredClient
{
    public IPAddress? Address { get; init; }

    /// <summary>The name that its address leads to and that leads back.</summary>
    public string? HostName { get; init; }

    /// <summary>What the proxy knows of that name.</summary>
    public ClientNameState NameState { get; init; }

    /// <summary>What it called itself: stands in place of what the proxy calls itself.</summary>
    public string? HelloName { get; init; }

    /// <summary>The account that has logged in at the proxy.</summary>
    public string? Login { get; init; }

    /// <summary>Whether it said EHLO.</summary>
    public bool? Extended { get; init; }

    /// <summary>This, and what was said before where this says nothing.</summary>
    public DeclaredClient Over(DeclaredClient? earlier) => earlier is null ? this : new()
    {
        Address = Address ?? earlier.Address,
        HostName = HostName ?? earlier.HostName,
        NameState = HostName is null ? earlier.NameState : NameState,
        HelloName = HelloName ?? earlier.HelloName,
        Login = Login ?? earlier.Login,
        Extended = Extended ?? earlier.Extended,
    };

    /// <summary>The peer as it is to be seen.</summary>
    public SmtpPeer Apply(SmtpPeer peer) => peer with
    {
        Address = Address ?? peer.Address,
        HostName = HostName ?? peer.HostName,
        NameState = HostName is null ? peer.NameState : NameState,
        Account = Login is null ? peer.Account : Login.Length == 0 ? null : Login.ToLowerInvariant(),
    };
}
