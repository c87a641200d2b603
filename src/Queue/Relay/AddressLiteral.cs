using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace FullStack.Queue.Relay;

/// <summary>An address in place of a domain: <c>[192.0.2.1]</c>, <c>[IPv6:2001:db8::1]</c>.</summary>
/// <remarks>RFC 5321 §4.1.3.</remarks>
internal static class AddressLiteral
{
    private const string Tag = "IPv6:";

    public static bool IsOne(string domain) => domain.StartsWith('[');

    public static bool TryParse(string domain, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (domain is not ['[', .. string inner, ']'])
            return false;
        bool isSix = inner.StartsWith(Tag, StringComparison.OrdinalIgnoreCase);
        string text = isSix ? inner[Tag.Length..] : inner;
        return !text.AsSpan().ContainsAny("[]%") && IPAddress.TryParse(text, out address)
            && (isSix ? address.AddressFamily == AddressFamily.InterNetworkV6 : address.AddressFamily == AddressFamily.InterNetwork && text == address.ToString());
    }
}
