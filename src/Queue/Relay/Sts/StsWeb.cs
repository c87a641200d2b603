using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;

namespace FullStack.Queue.Relay.Sts;

/// <summary>Fetches policies from the web.</summary>
/// <remarks>RFC 8461 §3.3: a valid certificate, no redirections, no cache. Addresses come from the resolver, as those of mail hosts do.</remarks>
public sealed class StsWeb : IDisposable
{
    private readonly HttpClient _client;

    /// <param name="resolver">Finds the hosts.</param>
    /// <param name="mayReachInside">Also addresses of private networks; for tests.</param>
    /// <param name="roots">Whom to believe that a certificate is a host's; null: those whom the system believes.</param>
    public StsWeb(Resolver resolver, bool mayReachInside = false, X509Certificate2Collection? roots = null)
    {
        _client = new(ResolvedConnection.NewHandler(resolver, mayReachInside, roots)) { Timeout = Timeout.InfiniteTimeSpan }; // who asks has a limit
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
}
