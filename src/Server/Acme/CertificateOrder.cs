using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace FullStack.Server.Acme;

/// <summary>Orders one certificate and waits until it is there.</summary>
/// <remarks>RFC 8555 §7.4 and §7.5: order, authorizations, challenges, request, download.</remarks>
internal sealed class CertificateOrder(AcmeConnection acme, PendingChallenges pending, ChallengeKind kind, TimeProvider time)
{
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(30);

    /// <summary>How often a state is looked at that does not change.</summary>
    private const int MaxLooks = 60;

    /// <param name="names">Host names and IP addresses, all to be in the certificate.</param>
    /// <param name="key">Its key.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The certificate and its chain, PEM.</returns>
    /// <exception cref="AcmeException">The authority refused.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> names, ECDsa key, CancellationToken ct)
    {
        JsonObject request = new() { ["identifiers"] = new JsonArray([.. names.Select(IdentifierOf)]) };
        AcmeAnswer order = await acme.PostAsync(await acme.PlaceAsync("newOrder", ct), request, ct);
        string address = order.Location ?? throw new AcmeException("the authority made an order without an address");
        foreach (string authorization in AcmeAnswer.TextsOf(order.Body, "authorizations"))
            await AuthorizeAsync(authorization, ct);
        order = await UntilAsync(address, "ready", "valid", ct);
        if (order.Status == "ready")
        {
            await FinalizeAsync(AcmeAnswer.TextOf(order.Body, "finalize"), address, RequestFor(names, key), ct);
            order = await UntilAsync(address, "valid", "valid", ct);
        }

        return (await acme.PostAsync(AcmeAnswer.TextOf(order.Body, "certificate"), payload: null, ct)).Text;
    }

    /// <summary>The request for a certificate that goes with an order (RFC 8555 §7.4, RFC 2986).</summary>
    public static byte[] RequestFor(IReadOnlyList<string> names, ECDsa key)
    {
        CertificateRequest request = new(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? ip))
                alternatives.AddIpAddress(ip);
            else
                alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSigningRequest();
    }

    private static JsonNode IdentifierOf(string name)
        => new JsonObject { ["type"] = IPAddress.TryParse(name, out _) ? "ip" : "dns", ["value"] = name };

    private async Task AuthorizeAsync(string address, CancellationToken ct)
    {
        AcmeAnswer authorization = await acme.PostAsync(address, payload: null, ct);
        if (authorization.Status == "valid")
            return; // of an earlier order, and good for some time
        string name = AcmeAnswer.TextOf(authorization.Body["identifier"], "value");
        string wanted = kind == ChallengeKind.Http ? "http-01" : "tls-alpn-01";
        JsonNode? challenge = (authorization.Body["challenges"] as JsonArray)?.FirstOrDefault(one => AcmeAnswer.TextOf(one, "type") == wanted);
        string token = AcmeAnswer.TextOf(challenge, "token");
        if (!PendingChallenges.IsToken(token))
            throw new AcmeException($"{name}: the authority offers no {wanted}");
        using IDisposable published = pending.Publish(kind, name, token, acme.Key.Authorize(token));
        await acme.PostAsync(AcmeAnswer.TextOf(challenge, "url"), new JsonObject(), ct);
        try
        {
            await UntilAsync(address, "valid", "valid", ct);
        }
        catch (AcmeException e)
        {
            throw new AcmeException($"{name}: {e.Message}", e.Type, e.RetryAfter, e);
        }
    }

    // An authority may say that an order is ready a moment before it takes the request for it.
    private async Task FinalizeAsync(string url, string order, byte[] request, CancellationToken ct)
    {
        JsonObject payload = new() { ["csr"] = Base64Url.EncodeToString(request) };
        for (int look = 1; ; look++)
        {
            try
            {
                await acme.PostAsync(url, payload, ct);
                return;
            }
            catch (AcmeException e) when (e.Type == AcmeException.OrderNotReady && look < MaxLooks)
            {
                await Task.Delay(Within(e.RetryAfter), time, ct);
                if ((await UntilAsync(order, "ready", "valid", ct)).Status == "valid")
                    return;
            }
        }
    }

    /// <summary>Looks at an order or an authorization until it is in one of two states.</summary>
    /// <exception cref="AcmeException">It came to another end, or to none.</exception>
    private async Task<AcmeAnswer> UntilAsync(string url, string state, string orState, CancellationToken ct)
    {
        for (int look = 1; ; look++)
        {
            AcmeAnswer answer = await acme.PostAsync(url, payload: null, ct);
            string status = answer.Status;
            if (status == state || status == orState)
                return answer;
            if (status is not ("pending" or "processing" or "ready"))
                throw AcmeConnection.ProblemOf(ErrorIn(answer.Body), $"the authority says {(status.Length > 0 ? status : "nothing of its state")}");
            if (look == MaxLooks)
                throw new AcmeException($"still {status} after {MaxLooks} looks");
            await Task.Delay(Within(answer.RetryAfter), time, ct);
        }
    }

    private static JsonObject? ErrorIn(JsonObject body) => body["error"] as JsonObject
        ?? (body["challenges"] as JsonArray)?.Select(static challenge => (challenge as JsonObject)?["error"] as JsonObject).FirstOrDefault(static error => error is not null);

    private static TimeSpan Within(TimeSpan? asked) => asked is not { } time || time < s_shortestWait ? s_shortestWait : time > s_longestWait ? s_longestWait : time;
}
