using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace FullStack.Server.Acme;

/// <summary>Requests to one authority: where its parts are, its nonces, and its errors.</summary>
/// <remarks>RFC 8555 §6 and §7.1. One request at a time.</remarks>
internal sealed class AcmeConnection(string directory, AccountKey key, HttpMessageHandler handler, TimeProvider time) : IDisposable
{
    private const string ErrorPrefix = "urn:ietf:params:acme:error:";
    private const long MaxAnswerOctets = 1 << 20;

    /// <summary>How often a request is made whose nonce the authority does not take.</summary>
    private const int MaxNonces = 10;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http = new(handler) { Timeout = s_patience, MaxResponseContentBufferSize = MaxAnswerOctets };
    private JsonObject? _places;
    private string? _nonce;

    public AccountKey Key => key;

    /// <summary>The account's address, once there is one.</summary>
    public string? Account { get; set; }

    /// <summary>What the directory says: the addresses of things, and <c>meta</c>.</summary>
    public async Task<JsonObject> DirectoryAsync(CancellationToken ct)
        => _places ??= (await ReadAsync(await SendAsync(new(HttpMethod.Get, AddressOf(directory)), ct), ct)).Body;

    /// <summary>The address of one of the authority's parts.</summary>
    /// <exception cref="AcmeException">It has none.</exception>
    public async Task<string> PlaceAsync(string name, CancellationToken ct)
        => AcmeAnswer.TextOf(await DirectoryAsync(ct), name) is { Length: > 0 } place ? place : throw new AcmeException($"{directory} is no ACME directory: it has no {name}");

    /// <summary>Says something, signed.</summary>
    /// <param name="url">To what.</param>
    /// <param name="payload">What; null: nothing, which reads.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="AcmeException">It was refused, or nobody answered.</exception>
    public async Task<AcmeAnswer> PostAsync(string url, JsonNode? payload, CancellationToken ct)
    {
        Uri address = AddressOf(url);
        for (int attempt = 1; ; attempt++)
        {
            string nonce = _nonce ?? await NewNonceAsync(ct);
            _nonce = null;
            HttpRequestMessage request = new(HttpMethod.Post, address)
            {
                Content = new StringContent(key.Sign(url, nonce, Account, payload), new MediaTypeHeaderValue("application/jose+json")),
            };
            try
            {
                return await ReadAsync(await SendAsync(request, ct), ct);
            }
            catch (AcmeException e) when (e.Type == AcmeException.BadNonce && attempt < MaxNonces)
            {
                // The refusal itself brought a new one (RFC 8555 §6.5).
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> NewNonceAsync(CancellationToken ct)
    {
        await ReadAsync(await SendAsync(new(HttpMethod.Head, AddressOf(await PlaceAsync("newNonce", ct))), ct), ct);
        return _nonce ?? throw new AcmeException("the authority gave no nonce");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("FullStack-Mail", "1"));
        using (request)
        {
            try
            {
                HttpResponseMessage response = await _http.SendAsync(request, ct);
                if (response.Headers.TryGetValues("Replay-Nonce", out IEnumerable<string>? nonces))
                    _nonce = nonces.First();
                return response;
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested))
            {
                string reason = e is HttpRequestException ? e.InnerException?.Message ?? e.Message : "no answer in time";
                throw new AcmeException($"{request.RequestUri!.Host} cannot be reached: {reason}", inner: e);
            }
        }
    }

    private async Task<AcmeAnswer> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        using (response)
        {
            AcmeAnswer answer = new(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(ct)), response.Headers.Location?.ToString(), RetryAfter(response));
            if (response.IsSuccessStatusCode)
                return answer;
            string code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            JsonObject? problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? answer.Body : null;
            throw ProblemOf(problem, $"HTTP status {code}", answer.RetryAfter ?? (response.StatusCode == HttpStatusCode.ServiceUnavailable ? TimeSpan.Zero : null));
        }
    }

    /// <summary>An error as the authority describes it, with those that it is made of.</summary>
    /// <remarks>RFC 8555 §6.7, §6.7.1.</remarks>
    public static AcmeException ProblemOf(JsonObject? problem, string otherwise, TimeSpan? retryAfter = null)
    {
        string type = AcmeAnswer.TextOf(problem, "type");
        if (type.StartsWith(ErrorPrefix, StringComparison.Ordinal))
            type = type[ErrorPrefix.Length..];
        StringBuilder text = new(type.Length > 0 ? type : otherwise);
        if (AcmeAnswer.TextOf(problem, "detail") is { Length: > 0 } detail)
            text.Append(": ").Append(detail);
        foreach (JsonNode? part in problem?["subproblems"] as JsonArray ?? [])
            text.Append("; ").Append(AcmeAnswer.TextOf((part as JsonObject)?["identifier"], "value")).Append(": ").Append(AcmeAnswer.TextOf(part, "detail"));
        return new(text.ToString(), type, retryAfter);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };

    /// <summary>Nothing is said but by HTTPS (RFC 8555 §6.1).</summary>
    private static Uri AddressOf(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme == Uri.UriSchemeHttps ? address : throw new AcmeException($"not an HTTPS address: {text}");
}
