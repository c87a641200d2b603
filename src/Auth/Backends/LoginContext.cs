using System.Net;
using FullStack.Auth.Sasl;

namespace FullStack.Auth.Backends;

/// <summary>What a back-end that checks a password itself is told of the login.</summary>
/// <param name="Peer">Where the client comes from.</param>
/// <param name="Service">What it logs in to.</param>
public readonly record struct LoginContext(IPAddress Peer, LoginService Service)
{
    /// <summary>The client's address as programs and modules expect it.</summary>
    internal string PeerText => (Peer.IsIPv4MappedToIPv6 ? Peer.MapToIPv4() : Peer).ToString();

    /// <summary>The service by the name that other servers give it.</summary>
    internal string ServiceText => Service switch
    {
        LoginService.Smtp => "smtp",
        LoginService.Imap => "imap",
        LoginService.Pop3 => "pop3",
        _ => "mail",
    };
}
