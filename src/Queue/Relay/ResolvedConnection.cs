using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;

namespace FullStack.Queue.Relay;

/// <summary>Connections to web servers, at the addresses that the resolver finds, as those of mail hosts are found.</summary>
/// <remarks>
/// Whoever keeps a domain says where its web servers are, so none is at an address of this host or its network: nobody outside is to have requests made from
/// inside, or to learn from their failures what listens there.
/// </remarks>
internal static class ResolvedConnection
{
    private static readonly IPNetwork[] s_inside =
    [
        .. ((string[])["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"])
            .Select(static network => IPNetwork.Parse(network)),
    ];

    /// <summary>What makes requests by such connections: no redirections, cookies or proxies, and headers of at most 16 KiB.</summary>
    /// <param name="resolver">Finds addresses.</param>
    /// <param name="mayReachInside">Also addresses of this host and of private networks; for tests.</param>
    /// <param name="roots">Whom to believe that a certificate is a host's; null: those whom the system believes.</param>
    public static SocketsHttpHandler NewHandler(Resolver resolver, bool mayReachInside, X509Certificate2Collection? roots) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
        MaxResponseHeadersLength = 16, // KiB
        MaxResponseDrainSize = 0,
        ConnectCallback = (context, ct) => OpenAsync(resolver, context.DnsEndPoint, address => mayReachInside || !IsInside(address), ct),
        SslOptions = Trusting(roots),
    };

    /// <exception cref="SocketException">There is no such host, or it does not answer.</exception>
    private static async ValueTask<Stream> OpenAsync(Resolver resolver, DnsEndPoint host, Func<IPAddress, bool> isAllowed, CancellationToken ct)
    {
        IReadOnlyList<IPAddress> found = IPAddress.TryParse(host.Host, out IPAddress? literal) ? [literal] : (await resolver.LookupAddressesAsync(host.Host, ct)).Records;
        SocketException last = new((int)SocketError.HostNotFound);
        foreach (IPAddress address in AddressOrder.Of(found, AddressKinds.Both).Where(isAllowed))
        {
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, host.Port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last;
    }

    private static bool IsInside(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(s_inside, network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));
    }

    /// <summary>TLS that believes these authorities, or those of the system.</summary>
    private static SslClientAuthenticationOptions Trusting(X509Certificate2Collection? roots)
    {
        SslClientAuthenticationOptions options = new();
        if (roots is null)
            return options;
        options.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        return options;
    }
}
