using System.Net;

namespace FullStack.Smtp.Client;

/// <summary>What two messages must have in common to go over one connection: the same host at the same address, as well known, under the same login.</summary>
internal sealed record HostKey(string Name, EndPoint EndPoint, RemoteProtocol Protocol, TlsNeed Tls, bool ImplicitTls)
{
    private string Login { get; init; } = "";

    private string Trust { get; init; } = "";

    public static HostKey Of(RemoteHost host, TlsNeed need) => new(host.Name.ToUpperInvariant(), host.EndPoint, host.Protocol, need, host.ImplicitTls)
    {
        Login = host.Credentials is { } credentials ? $"{credentials.UserName}\0{credentials.Password}" : "",
        Trust = string.Join(
            '\n', [.. host.OtherNames, .. host.Pins.Select(static pin => pin.ToString())]),
    };
}
