using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FullStack.Server.Supervision;

namespace FullStack.Server.Configuration;

/// <summary>Host and port to listen at: <c>127.0.0.1:25</c>, <c>[::1]:25</c>, <c>*:25</c> (every address), <c>localhost:25</c> (both loopbacks); a Unix socket: <c>unix:/run/fullstack/lmtp</c>; or sockets that systemd passes: <c>systemd:NAME</c>.</summary>
/// <param name="Host">An IP address without brackets, <c>*</c> or <c>localhost</c>; empty for a Unix socket or a passed one.</param>
/// <param name="Port">0 lets the system choose.</param>
public sealed record ListenAddress(string Host, int Port)
{
    private const string UnixPrefix = "unix:";
    private const string PassedPrefix = "systemd:";

    /// <summary>sun_path of Linux has 108 octets, the last one NUL.</summary>
    private const int MaxPathOctets = 107;

    /// <summary>The absolute path of a Unix socket; null for an address and a port.</summary>
    public string? Path { get; private init; }

    /// <summary>A Unix socket at a path.</summary>
    public static ListenAddress Unix(string path) => new("", 0) { Path = path };

    /// <summary>The name of sockets that systemd passes (FileDescriptorName=); null where the server opens its own.</summary>
    public string? SocketName { get; private init; }

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            string path = text[UnixPrefix.Length..];
            if (!path.StartsWith('/') || path.EndsWith('/') || path.Any(char.IsControl) || Encoding.UTF8.GetByteCount(path) > MaxPathOctets)
                return false;
            address = Unix(path);
            return true;
        }

        if (text.StartsWith(PassedPrefix, StringComparison.Ordinal))
        {
            string name = text[PassedPrefix.Length..];
            address = name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? new("", 0) { SocketName = name } : null;
            return address is not null;
        }

        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return false;
        string host = text[..colon];
        if (host is "*" or "localhost")
        {
            address = new(host, port);
            return true;
        }

        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (!IPAddress.TryParse(bracketed ? host[1..^1] : host, out IPAddress? ip))
            return false;
        if (bracketed != (ip.AddressFamily == AddressFamily.InterNetworkV6) || (!bracketed && ip.ToString() != host))
            return false; // "127.1" and "::1" without brackets are not what they seem to be
        address = new(ip.ToString(), port);
        return true;
    }

    /// <summary>The sockets to open. IPv6 is left out of <c>*</c> and <c>localhost</c> where the system has none.</summary>
    public IReadOnlyList<EndPoint> EndPoints() => SocketName is not null ? [new PassedEndPoint(SocketName)] : Path is not null ? [new UnixDomainSocketEndPoint(Path)] : Host switch
    {
        "*" => Both(IPAddress.Any, IPAddress.IPv6Any),
        "localhost" => Both(IPAddress.Loopback, IPAddress.IPv6Loopback),
        _ => [new IPEndPoint(IPAddress.Parse(Host), Port)],
    };

    public override string ToString()
        => SocketName is not null ? PassedPrefix + SocketName : Path is not null ? UnixPrefix + Path : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private IReadOnlyList<IPEndPoint> Both(IPAddress v4, IPAddress v6)
        => HasIPv6() ? [new IPEndPoint(v4, Port), new IPEndPoint(v6, Port)] : [new IPEndPoint(v4, Port)];

    // A kernel may speak IPv6 and yet have no address of it (containers often have none): only a bind tells.
    private static bool HasIPv6()
    {
        if (!Socket.OSSupportsIPv6)
            return false;
        try
        {
            using Socket probe = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
