using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;
using FullStack.Queue.Relay;

namespace FullStack.Queue.TlsReports;

/// <summary>Hands reports to web servers.</summary>
/// <remarks>
/// RFC 8460 §5.4. Whoever keeps a domain says where its reports go, so they go to no address of this host or its network: nobody outside is to have requests
/// made from inside.
/// </remarks>
public sealed class TlsReportWeb : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly MediaTypeHeaderValue s_type = new("application/tlsrpt+gzip");
    private static readonly IPNetwork[] s_inside =
    [
        .. ((string[])["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"])
            .Select(static network => IPNetwork.Parse(network)),
    ];

    private readonly HttpClient _client;

    /// <param name="resolver">Finds the hosts.</param>
    /// <param name="mayReachInside">Also addresses of private networks; for tests.</param>
    /// <param name="roots">Whom to believe that a certificate is a host's; null: those whom the system believes.</param>
    public TlsReportWeb(Resolver resolver, bool mayReachInside = false, X509Certificate2Collection? roots = null)
    {
        _client = new(ResolvedConnection.NewHandler(resolver, address => mayReachInside || !IsInside(address), roots)) { Timeout = s_patience };
    }

    /// <summary>Posts a report.</summary>
    /// <returns>Why it was not taken; null: it was.</returns>
    public async ValueTask<string?> PostAsync(Uri place, ReadOnlyMemory<byte> report, CancellationToken ct)
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, place) { Content = new ReadOnlyMemoryContent(report) };
            request.Content.Headers.ContentType = s_type;
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return response.IsSuccessStatusCode ? null : $"HTTP status {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return e is OperationCanceledException ? "timed out" : e.Message;
        }
    }

    public void Dispose() => _client.Dispose();

    private static bool IsInside(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(s_inside, network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));
    }
}
