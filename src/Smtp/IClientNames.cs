using System.Net;

namespace FullStack.Smtp;

/// <summary>What is known of a client's name.</summary>
public enum ClientNameState
{
    /// <summary>Nobody has asked.</summary>
    NotAsked,

    /// <summary>The address leads to a name, and the name to the address.</summary>
    Confirmed,

    /// <summary>The address leads to names, none of which leads back: anybody can write such names.</summary>
    Unconfirmed,

    /// <summary>The address leads to no name.</summary>
    None,

    /// <summary>DNS could not tell now.</summary>
    Failed,
}

/// <summary>A client's name.</summary>
/// <param name="State">What is known.</param>
/// <param name="HostName">The name; empty unless it is confirmed.</param>
public sealed record ClientName(ClientNameState State, string HostName = "");

/// <summary>Finds the names of clients.</summary>
public interface IClientNames
{
    /// <summary>Looks up an address. Takes bounded time; that it could not be found out is an answer and no exception.</summary>
    ValueTask<ClientName> FindAsync(IPAddress address, CancellationToken ct);
}
