using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;
using FullStack.Queue.Relay;

namespace FullStack.Queue.TlsReports;

/// <summary>Hands reports to web servers.</summary>
/// <remarks>RFC 8460 §5.4.</remarks>
public sealed class TlsReportWeb : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly MediaTypeHeaderValue s_type = new("application/tlsrpt+gzip");

    private readonly HttpClient _client;

    /// <param name="resolver">Finds the hosts.</param>
    /// <param name="mayReachInside">Also addresses of private networks; for tests.</param>
    /// <param name="roots">Whom to believe that a certificate is a host's; null: those whom the system believes.</param>
    public TlsReportWeb(Resolver resolver, bool mayReachInside = false, X509Certificate2Collection? roots = null)
    {
        _client = new(ResolvedConnection.NewHandler(resolver, mayReachInside, roots)) { Timeout = s_patience };
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
}
