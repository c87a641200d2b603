using System.Net;
using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;

namespace FullStack.Smtp.Guard;

/// <summary>Judges what strangers on port 25 call themselves.</summary>
/// <remarks>
/// RFC 5321 §4.1.4 wants no refusal because a name does not lead to the address: nothing is looked up here. What is judged is plainly false, or is not of the form that §4.1.1.1
/// asks for.
/// </remarks>
public sealed class HelloPolicy(GuardOptions options, string hostName) : ISmtpStage
{
    private static readonly DeliveryStatus s_malformed = new(550, new(5, 7, 1), "Name yourself by a domain name or an address literal");
    private static readonly DeliveryStatus s_ownName = new(550, new(5, 7, 1), "That is my name");
    private static readonly DeliveryStatus s_foreignLiteral = new(550, new(5, 7, 1), "That is not your address");

    public string Name => "hello";

    public ISmtpStageSession? Begin(SmtpPeer peer)
        => peer.Role == SmtpRole.Relay && (options.RefuseMalformedHello || options.RefuseOwnName || options.RefuseForeignLiteral)
            && !options.ExemptNetworks.Contains(peer.Address) ? new Session(options, hostName) : null;

    /// <summary>Whether a literal such as <c>[192.0.2.1]</c> or <c>[IPv6:2001:db8::1]</c> is an address.</summary>
    internal static bool IsLiteralOf(string literal, IPAddress address)
    {
        const string v6 = "IPv6:";
        ReadOnlySpan<char> inside = literal.AsSpan(1, literal.Length - 2);
        if (inside.StartsWith(v6, StringComparison.OrdinalIgnoreCase))
            inside = inside[v6.Length..];
        return IPAddress.TryParse(inside, out IPAddress? named) && Plain(named).Equals(Plain(address));
    }

    private static IPAddress Plain(IPAddress address)
        => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes()); // without the scope

    private sealed class Session(GuardOptions options, string hostName) : ISmtpStageSession
    {
        public ValueTask<StageVerdict> OnHelloAsync(SmtpPeer peer, CancellationToken ct)
        {
            string name = peer.HelloName;
            if (!peer.HelloNameIsValid)
                return new(options.RefuseMalformedHello ? StageVerdict.Refuse(s_malformed, $"malformed HELO {name}") : StageVerdict.Continue);
            if (options.RefuseOwnName && name.TrimEnd('.').Equals(hostName, StringComparison.OrdinalIgnoreCase))
                return new(StageVerdict.Refuse(s_ownName, "a stranger with the name of this host"));
            bool foreign = options.RefuseForeignLiteral && name.StartsWith('[') && !IsLiteralOf(name, peer.Address);
            return new(foreign ? StageVerdict.Refuse(s_foreignLiteral, $"not its address: {name}") : StageVerdict.Continue);
        }
    }
}
