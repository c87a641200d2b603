using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace FullStack.Auth.Tokens;

/// <summary>Asks issuers over the web: bounded in time and octets, without redirections or proxies.</summary>
internal sealed class TokenWeb
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MaxOctets = 256 * 1024;

    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    public TokenWeb(TimeProvider time)
    {
        _time = time;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxConnectionsPerServer = 8,
            MaxResponseHeadersLength = 16, // KiB
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // the name may lead elsewhere by then
        };
        _client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Fetches a document.</summary>
    /// <exception cref="TokenIssuerException">There is none to be had now.</exception>
    public Task<byte[]> GetAsync(Uri address, CancellationToken ct) => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, address), ct);

    /// <summary>Sends a form.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="credentials">Name and password, with a colon between them; null: none.</param>
    /// <param name="fields">The form.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="TokenIssuerException">There is no answer to be had now.</exception>
    public Task<byte[]> PostAsync(Uri address, string? credentials, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken ct)
        => SendAsync(
            () =>
            {
                HttpRequestMessage request = new(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields) };
                if (credentials is not null)
                    request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
                return request;
            },
            ct);

    private async Task<byte[]> SendAsync(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        using CancellationTokenSource limit = new(Patience, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using HttpRequestMessage request = make();
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            if (response.StatusCode != HttpStatusCode.OK)
                throw new TokenIssuerException($"{request.RequestUri} answered {(int)response.StatusCode}");
            await using Stream stream = await response.Content.ReadAsStreamAsync(both.Token);
            return await ReadAsync(stream, request.RequestUri!, both.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new TokenIssuerException(e is OperationCanceledException ? "no answer in time" : e.Message, e);
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, Uri address, CancellationToken ct)
    {
        using MemoryStream body = new();
        byte[] piece = new byte[8192];
        while (await stream.ReadAsync(piece, ct) is > 0 and int octets)
        {
            if (body.Length + octets > MaxOctets)
                throw new TokenIssuerException($"the answer of {address} is longer than {MaxOctets} octets");
            body.Write(piece, 0, octets);
        }

        return body.ToArray();
    }
}
