using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FullStack.Server.Doctor;

/// <summary>Whether a stranger could send mail to other hosts through this one. The server is asked as a stranger would, up to the recipient; no message is sent.</summary>
/// <param name="HostName">This host's name.</param>
/// <param name="EndPoints">Where other hosts bring mail (port 25).</param>
/// <param name="Outside">Addresses of this host by which others come.</param>
internal sealed record RelayCheck(string HostName, IReadOnlyList<IPEndPoint> EndPoints, IReadOnlyList<IPAddress> Outside) : IDoctorCheck
{
    private const string Elsewhere = "relay-check.example.org";
    private const int MaxLine = 2000;

    public static readonly FindingKind Open = new("relay.open", FindingLevel.Error, "A client that has not logged in, and comes from a public address, may send mail to other hosts: an open relay, or a network in smtp.relay_networks.",
        "Take the network out of smtp.relay_networks; clients log in on port 587 or 465.");

    public static readonly FindingKind FromHere = new("relay.private", FindingLevel.Warning, "From loopback, or an address of a private network, mail goes to other hosts without a login; a web server that can be talked into sending it does, too.", "If nothing needs that, take these addresses out of smtp.relay_networks.");

    public string Name => "relay";

    public IReadOnlyList<FindingKind> Kinds => [Open, FromHere];

    /// <summary>Recipients elsewhere, also in the ways that have fooled servers: through this host by percent sign, and by a route (RFC 5321 §3.6.1, appendix C).</summary>
    private string[] Recipients => [$"someone@{Elsewhere}", $"someone%{Elsewhere}@{HostName}", $"@{HostName}:someone@{Elsewhere}"];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        List<Finding> findings = [];
        foreach (IPEndPoint endPoint in EndPoints.DistinctBy(static one => (one.Port, one.AddressFamily)))
        {
            foreach (IPAddress address in AddressesTo(endPoint))
                findings.Add(await AskAsync(new(address, endPoint.Port), ct));
        }

        return findings.Count > 0 ? findings : [new(FindingKind.Ok(Name), "no listener takes mail from other hosts")];
    }

    /// <summary>The addresses by which a listener is reached: this host's own, and loopback.</summary>
    private IEnumerable<IPAddress> AddressesTo(IPEndPoint endPoint)
    {
        bool isAny = endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);
        IPAddress loopback = endPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        return isAny ? Outside.Where(address => address.AddressFamily == endPoint.AddressFamily).Prepend(loopback) : [endPoint.Address];
    }

    private async Task<Finding> AskAsync(IPEndPoint endPoint, CancellationToken ct)
    {
        try
        {
            using Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(endPoint.Address, 0)); // so that it comes from there, and not from another of this host's addresses
            await socket.ConnectAsync(endPoint, ct);
            await using NetworkStream stream = new(socket);
            using StreamReader reader = new(stream, Encoding.Latin1);
            string reply = await ReadAsync(reader, ct);
            foreach (string command in (string[])[$"EHLO {LiteralOf(endPoint.Address)}", "MAIL FROM:<>"])
                reply = reply[0] == '2' ? await SayAsync(stream, reader, command, ct) : reply;
            if (reply[0] != '2')
                return new(FindingKind.Unknown(Name), $"{endPoint}: the server talks to nobody from here: {reply}");
            foreach (string recipient in Recipients)
            {
                reply = await SayAsync(stream, reader, $"RCPT TO:<{recipient}>", ct);
                if (reply[0] == '2')
                    return new(PublicAddress.Is(endPoint.Address) ? Open : FromHere, $"{endPoint}: <{recipient}> is taken without a login: {reply}");
            }

            await SayAsync(stream, reader, "QUIT", ct);
            return new(FindingKind.Ok(Name), $"{endPoint}: recipients elsewhere are refused: {reply}");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return new(FindingKind.Unknown(Name), $"{endPoint}: {e.Message}");
        }
    }

    /// <summary>An address as a name (RFC 5321 §4.1.3): this host's own would be taken for a lie.</summary>
    private static string LiteralOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? $"[{address}]" : $"[IPv6:{address}]";

    private static async Task<string> SayAsync(NetworkStream stream, StreamReader reader, string command, CancellationToken ct)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{command}\r\n")), ct);
        return await ReadAsync(reader, ct);
    }

    /// <summary>The last line of a reply.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken ct)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync(ct);
            if (line is null || line.Length is < 3 or > MaxLine || !char.IsAsciiDigit(line[0]))
                throw new IOException("the server broke off");
        }
        while (line.Length > 3 && line[3] == '-');
        return line;
    }
}
