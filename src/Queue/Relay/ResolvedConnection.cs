using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;

namespace FullStack.Queue.Relay;

/// <summary>Connections to web servers, at the addresses that the resolver finds, as those of mail hosts are found.</summary>
internal static class ResolvedConnection
{
    /// <summary>What makes requests by such connections: no redirections, cookies or proxies, and headers of at most 16 KiB.</summary>
    /// <param name="resolver">Finds addresses.</param>
    /// <param name="isAllowed">Which addresses are connected to.</param>
    /// <param name="roots">Whom to believe that a certificate is a host's; null: those whom the system believes.</param>
    public static SocketsHttpHandler NewHandler(Resolver resolver, Func<IPAddress, bool> isAllowed, X509Certificate2Collection? roots) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
        MaxResponseHeadersLength = 16, // KiB
        MaxResponseDrainSize = 0,
        ConnectCallback = (context, ct) => OpenAsync(resolver, context.DnsEndPoint, isAllowed, ct),
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
