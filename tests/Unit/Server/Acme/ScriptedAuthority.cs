using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace FullStack.Unit.Server.Acme;

/// <summary>An ACME server (RFC 8555) in this process: it checks every signature and nonce, looks at challenges, and signs what it is asked to, unless a test wants something else.</summary>
internal sealed class ScriptedAuthority(TimeProvider time) : HttpMessageHandler
{
    public const string Directory = "https://acme.test/directory";

    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Dictionary<string, JsonNode> _accounts = [];
    private readonly HashSet<string> _nonces = [];
    private readonly Dictionary<string, string> _states = [];
    private JsonArray _identifiers = [];
    private byte[] _request = [];
    private int _numbers;

    /// <summary>What was asked for, by the last part of the path, without nonces.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Errors to be given instead of answers: the part of the path, the problem's type, seconds in Retry-After.</summary>
    public Queue<(string Part, string Type, int? RetryAfter)> Errors { get; } = new();

    /// <summary>Looks for what answers a challenge, as the authority would: by token.</summary>
    public Func<string, string?> Look { get; set; } = static _ => null;

    public string Terms { get; init; } = "https://acme.test/terms";

    /// <summary>The key of the only customer; null: all may come.</summary>
    public byte[]? ExternalKey { get; init; }

    /// <summary>How long its certificates are good.</summary>
    public TimeSpan Life { get; init; } = TimeSpan.FromDays(90);

    /// <summary>The key that it certifies; null: that of the request.</summary>
    public PublicKey? WrongKey { get; set; }

    /// <summary>Of the account that was made last.</summary>
    public JsonObject? Registration { get; private set; }

    public int Accounts => _accounts.Count;

    /// <summary>Loses all accounts.</summary>
    public void Forget() => _accounts.Clear();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string part = request.RequestUri!.AbsolutePath.TrimStart('/');
        if (request.Method == HttpMethod.Get)
            return Json(HttpStatusCode.OK, Places());
        if (request.Method == HttpMethod.Head)
            return WithNonce(new(HttpStatusCode.OK));
        Requests.Add(part);
        Assert.Equal("application/jose+json", request.Content!.Headers.ContentType?.ToString());
        JsonObject signed = JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
        JsonObject header = Decode(signed, "protected")!;
        Assert.Equal(request.RequestUri.ToString(), header["url"]!.GetValue<string>());
        if (!_nonces.Remove(header["nonce"]!.GetValue<string>()))
            return Problem("badNonce");
        if (Errors.TryPeek(out (string Part, string Type, int? RetryAfter) error) && error.Part == part)
        {
            Errors.Dequeue();
            return Problem(error.Type, error.RetryAfter);
        }

        JsonNode? key = header["jwk"] ?? _accounts.GetValueOrDefault(header["kid"]!.GetValue<string>());
        if (key is null)
            return Problem("accountDoesNotExist");
        Verify(signed, key);
        return Answer(part, Decode(signed, "payload"), key);
    }

    private HttpResponseMessage Answer(string part, JsonObject? payload, JsonNode key)
    {
        switch (part)
        {
            case "new-account":
                return Register(payload!, key);
            case "new-order":
                _identifiers = payload!["identifiers"]!.DeepClone().AsArray();
                foreach (JsonNode? one in _identifiers)
                    _states[one!["value"]!.GetValue<string>()] = "pending";
                _states["order"] = "pending";
                return Located("https://acme.test/order", Order());
            case "order":
                return Json(HttpStatusCode.OK, Order());
            case "finalize":
                _request = Base64Url.DecodeFromChars(payload!["csr"]!.GetValue<string>());
                _states["order"] = "valid";
                return Json(HttpStatusCode.OK, Order());
            case "certificate":
                return WithNonce(new(HttpStatusCode.OK) { Content = new StringContent(Issue()) });
            case "account/1":
                Registration = payload;
                return Json(HttpStatusCode.OK, new() { ["status"] = "valid" });
            default:
                return part.StartsWith("challenge/", StringComparison.Ordinal) ? Try(part["challenge/".Length..], key) : Authorization(part["authorization/".Length..]);
        }
    }

    private HttpResponseMessage Register(JsonObject payload, JsonNode key)
    {
        Registration = payload;
        if (ExternalKey is not null)
        {
            if (payload["externalAccountBinding"] is not JsonObject binding)
                return Problem("externalAccountRequired");
            Assert.Equal(Base64Url.EncodeToString(HMACSHA256.HashData(ExternalKey, Signed(binding))), binding["signature"]!.GetValue<string>());
            Assert.True(JsonNode.DeepEquals(key, Decode(binding, "payload")));
            Assert.Equal("customer", Decode(binding, "protected")!["kid"]!.GetValue<string>());
        }

        _accounts["https://acme.test/account/1"] = key.DeepClone();
        return Located("https://acme.test/account/1", new() { ["status"] = "valid" });
    }

    private HttpResponseMessage Try(string name, JsonNode key)
    {
        string canonical = $$"""{"crv":"P-256","kty":"EC","x":"{{key["x"]}}","y":"{{key["y"]}}"}""";
        string wanted = $"token-{name.Replace('.', '_')}.{Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)))}";
        _states[name] = Look($"token-{name.Replace('.', '_')}") == wanted ? "valid" : "invalid";
        return Json(HttpStatusCode.OK, []);
    }

    private HttpResponseMessage Authorization(string name)
    {
        JsonObject challenge = new() { ["type"] = "http-01", ["url"] = $"https://acme.test/challenge/{name}", ["token"] = $"token-{name.Replace('.', '_')}" };
        if (_states[name] == "invalid")
            challenge["error"] = new JsonObject { ["type"] = "urn:ietf:params:acme:error:incorrectResponse", ["detail"] = "not what was wanted" };
        return Json(HttpStatusCode.OK, new()
        {
            ["status"] = _states[name],
            ["identifier"] = new JsonObject { ["type"] = "dns", ["value"] = name },
            ["challenges"] = new JsonArray(new JsonObject { ["type"] = "dns-01", ["url"] = "https://acme.test/x", ["token"] = "x" }, challenge),
        });
    }

    private JsonObject Order()
    {
        if (_states["order"] == "pending" && _identifiers.All(one => _states[one!["value"]!.GetValue<string>()] == "valid"))
            _states["order"] = "ready";
        return new()
        {
            ["status"] = _states["order"],
            ["authorizations"] = new JsonArray([.. _identifiers.Select(static one => JsonValue.Create($"https://acme.test/authorization/{one!["value"]}"))]),
            ["finalize"] = "https://acme.test/finalize",
            ["certificate"] = "https://acme.test/certificate",
        };
    }

    private string Issue()
    {
        CertificateRequest asked = CertificateRequest.LoadSigningRequest(_request, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        DateTimeOffset now = time.GetUtcNow();
        X500DistinguishedName name = new("CN=Scripted Authority");
        using X509Certificate2 root = new CertificateRequest(name, _rootKey, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddYears(5));
        CertificateRequest made = new(asked.SubjectName, WrongKey ?? asked.PublicKey, HashAlgorithmName.SHA256);
        foreach (X509Extension extension in asked.CertificateExtensions)
            made.CertificateExtensions.Add(extension);
        using X509Certificate2 leaf = made.Create(name, X509SignatureGenerator.CreateForECDsa(_rootKey), now, now + Life, BitConverter.GetBytes(++_numbers));
        return leaf.ExportCertificatePem() + "\n" + root.ExportCertificatePem() + "\n";
    }

    private static void Verify(JsonObject signed, JsonNode key)
    {
        using ECDsa its = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = Base64Url.DecodeFromChars(key["x"]!.GetValue<string>()), Y = Base64Url.DecodeFromChars(key["y"]!.GetValue<string>()) },
        });
        byte[] signature = Base64Url.DecodeFromChars(signed["signature"]!.GetValue<string>());
        Assert.True(its.VerifyData(Signed(signed), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    private static byte[] Signed(JsonObject signed) => Encoding.ASCII.GetBytes($"{signed["protected"]}.{signed["payload"]}");

    private static JsonObject? Decode(JsonObject signed, string member)
        => signed[member]!.GetValue<string>() is { Length: > 0 } text ? JsonNode.Parse(Base64Url.DecodeFromChars(text))!.AsObject() : null;

    private JsonObject Places()
    {
        JsonObject places = new() { ["newNonce"] = "https://acme.test/new-nonce", ["newAccount"] = "https://acme.test/new-account", ["newOrder"] = "https://acme.test/new-order" };
        if (Terms.Length > 0)
            places["meta"] = new JsonObject { ["termsOfService"] = Terms };
        return places;
    }

    private HttpResponseMessage Problem(string type, int? retryAfter = null)
    {
        JsonObject problem = new() { ["type"] = "urn:ietf:params:acme:error:" + type, ["detail"] = "words about it" };
        HttpResponseMessage response = new(HttpStatusCode.BadRequest) { Content = new StringContent(problem.ToJsonString(), new MediaTypeHeaderValue("application/problem+json")) };
        if (retryAfter is { } seconds)
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        return WithNonce(response);
    }

    private HttpResponseMessage Located(string address, JsonObject body)
    {
        HttpResponseMessage response = Json(HttpStatusCode.Created, body);
        response.Headers.Location = new(address);
        return response;
    }

    private HttpResponseMessage Json(HttpStatusCode status, JsonObject body)
        => WithNonce(new(status) { Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json")) });

    private HttpResponseMessage WithNonce(HttpResponseMessage response)
    {
        string nonce = $"nonce{++_numbers}";
        _nonces.Add(nonce);
        response.Headers.Add("Replay-Nonce", nonce);
        return response;
    }
}
