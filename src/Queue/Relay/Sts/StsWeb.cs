using System.Net;
using System.Net.Sockets;
using FullStack.Dns;

namespace FullStack.Queue.Relay.Sts;

/// <summary>Fetches policies from the web.</summary>
/// <remarks>RFC 8461 §3.3: a valid certificate, no redirections, no cache. Addresses come from the resolver, as those of mail hosts do.</remarks>
public sealed class StsWeb : IDisposable
{
    private readonly HttpClient _client;

    public StsWeb(Resolver resolver)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
            MaxResponseHeadersLength = 16, // KiB
            ConnectCallback = (context, ct) => ConnectAsync(resolver, context.DnsEndPoint, ct),
        };
        _client = new(handler) { Timeout = Timeout.InfiniteTimeSpan }; // who asks has a limit
    }

    public async ValueTask<StsDocument> FetchAsync(Uri uri, CancellationToken ct)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, uri);
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        await using Stream stream = await response.Content.ReadAsStreamAsync(ct);
        byte[] body = new byte[StsPolicy.MaxOctets + 1];
        int length = response.IsSuccessStatusCode ? await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, ct) : 0;
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", body.AsMemory(0, length));
    }

    public void Dispose() => _client.Dispose();

    private static async ValueTask<Stream> ConnectAsync(Resolver resolver, DnsEndPoint host, CancellationToken ct)
    {
        DnsAnswer<IPAddress> addresses = await resolver.LookupAddressesAsync(host.Host, ct);
        SocketException last = new((int)SocketError.HostNotFound);
        foreach (IPAddress address in AddressOrder.Of(addresses.Records, AddressKinds.Both))
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
}
