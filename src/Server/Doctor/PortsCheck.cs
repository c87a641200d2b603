using System.Net;

namespace FullStack.Server.Doctor;

/// <summary>Whether the server has the ports that the configuration gives it, and else who has.</summary>
/// <param name="Wanted">What is to listen, and where.</param>
/// <param name="Server">The server's process; null: none runs.</param>
/// <param name="Sockets">What listens.</param>
internal sealed record PortsCheck(IReadOnlyList<(string What, IPEndPoint EndPoint)> Wanted, int? Server, Func<IReadOnlyList<ListeningSocket>> Sockets) : IDoctorCheck
{
    public static readonly FindingKind Taken = new("ports.taken", FindingLevel.Error, "Another program listens at a port that the configuration gives to the server.", "Stop that program, or give the server another address in listeners.");
    public static readonly FindingKind Closed = new("ports.closed", FindingLevel.Error, "The server runs and does not listen where the configuration says.", "Reload it: `systemctl reload fullstack`, then `systemctl status fullstack`, which says why if an address cannot be had. Those under web.listeners need a restart.");
    public static readonly FindingKind Down = new("ports.down", FindingLevel.Warning, "No server runs on the data folder.", "Start it; its log says why it stopped.");

    public string Name => "ports";

    public IReadOnlyList<FindingKind> Kinds => [Taken, Closed, Down];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        List<Finding> findings = [];
        if (Server is null)
            findings.Add(new(Down, "no process has the data folder's lock"));
        IReadOnlyList<ListeningSocket> sockets = Sockets();
        foreach ((string what, IPEndPoint endPoint) in Wanted)
        {
            ListeningSocket? holder = sockets.FirstOrDefault(socket => Covers(socket.EndPoint, endPoint));
            if (holder is null)
            {
                if (Server is not null)
                    findings.Add(new(Closed, $"{what} at {endPoint}: nobody listens"));
            }
            else if (holder.Process is null)
            {
                findings.Add(new(FindingKind.Unknown(Name), $"{what} at {endPoint}: taken, and only root may know by whom"));
            }
            else
            {
                findings.Add(new(holder.Process == Server ? FindingKind.Ok(Name) : Taken, $"{what} at {endPoint}: {holder.Program} (process {holder.Process})"));
            }
        }

        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private static bool Covers(IPEndPoint socket, IPEndPoint wanted)
        => socket.Port == wanted.Port && (socket.Address.Equals(wanted.Address) || socket.Address.Equals(IPAddress.Any) || socket.Address.Equals(IPAddress.IPv6Any)
            || wanted.Address.Equals(IPAddress.Any) || wanted.Address.Equals(IPAddress.IPv6Any));
}
