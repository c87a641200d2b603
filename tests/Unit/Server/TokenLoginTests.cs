using System.Text;
using FullStack.Auth.Tokens;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Unit.Server;

/// <summary>Logins by token over the wire, with an issuer on loopback that is there, and then is not.</summary>
public sealed class TokenLoginTests : IAsyncDisposable
{
    private const string Alice = "alice@example.test";

    private readonly ScriptedIssuer _issuer = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _issuer.DisposeAsync();

    [Fact]
    public async Task A_signed_token_logs_in_until_it_cannot_be_checked()
    {
        await using TestMailServer server = await StartAsync("key_address", "/keys");
        string good = _issuer.TokenFor(Alice, server.Time.GetUtcNow());
        for (int i = 0; i < 3; i++)
        {
            Assert.StartsWith("a OK", await ImapAsync(server, "OAUTHBEARER", $"n,a={Alice},~host=x~port=143~auth=Bearer {good}~~"), StringComparison.Ordinal);
            Assert.StartsWith("235 2.7.0", await SmtpAsync(server, "XOAUTH2", $"user={Alice}~auth=Bearer {good}~~"), StringComparison.Ordinal);
        }

        Assert.Equal(1, _issuer.Fetches);
        Assert.StartsWith("a NO [AUTHORIZATIONFAILED]", await ImapAsync(server, "OAUTHBEARER", $"n,a=bob@example.test,~auth=Bearer {good}~~"), StringComparison.Ordinal);
        Assert.StartsWith("535 5.7.8", await SmtpAsync(server, "OAUTHBEARER", $"n,,~auth=Bearer {good}x~~"), StringComparison.Ordinal);

        await _issuer.StopAsync();
        server.Time.Advance(IssuerKeys.Pause);
        Assert.StartsWith("a OK", await ImapAsync(server, "XOAUTH2", $"user={Alice}~auth=Bearer {good}~~"), StringComparison.Ordinal); // its key is known
        string unknown = _issuer.TokenFor(Alice, server.Time.GetUtcNow(), "two");
        Assert.StartsWith("a NO [UNAVAILABLE]", await ImapAsync(server, "OAUTHBEARER", $"n,,~auth=Bearer {unknown}~~"), StringComparison.Ordinal);
        Assert.StartsWith("454 4.7.0", await SmtpAsync(server, "OAUTHBEARER", $"n,,~auth=Bearer {unknown}~~"), StringComparison.Ordinal);
        Assert.All(server.Log.Latest, entry => Assert.DoesNotContain(good, entry.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_issuer_is_asked_about_other_tokens()
    {
        await using TestMailServer server = await StartAsync("introspection", "/introspect");
        Assert.StartsWith("a NO [AUTHENTICATIONFAILED]", await ImapAsync(server, "OAUTHBEARER", "n,,~auth=Bearer opaque~~"), StringComparison.Ordinal);
        Assert.Equal(" token=opaque&token_type_hint=access_token", _issuer.LastQuestion);
        _issuer.Introspection = $"{{\"active\":true,\"email\":\"{Alice}\"}}";
        Assert.StartsWith("a OK", await ImapAsync(server, "OAUTHBEARER", "n,,~auth=Bearer opaque~~"), StringComparison.Ordinal);
        _issuer.Introspection = "{\"active\":false}";
        Assert.StartsWith("a OK", await ImapAsync(server, "OAUTHBEARER", "n,,~auth=Bearer opaque~~"), StringComparison.Ordinal); // said a moment ago
        server.Time.Advance(new TokenOptions().IntrospectionLifetime);
        Assert.StartsWith("a NO [AUTHENTICATIONFAILED]", await ImapAsync(server, "OAUTHBEARER", "n,,~auth=Bearer opaque~~"), StringComparison.Ordinal);
        _issuer.Introspection = "no JSON";
        Assert.StartsWith("a NO [UNAVAILABLE]", await ImapAsync(server, "OAUTHBEARER", "n,,~auth=Bearer opaque~~"), StringComparison.Ordinal);
        await _issuer.StopAsync();
        Assert.StartsWith("a NO [UNAVAILABLE]", await ImapAsync(server, "OAUTHBEARER", "n,,~auth=Bearer opaque~~"), StringComparison.Ordinal);
    }

    private Task<TestMailServer> StartAsync(string key, string path) => TestMailServer.StartAsync(
        new()
        {
            Settings = new Dictionary<string, string>
            {
                ["oauth.issuer"] = ScriptedIssuer.Name,
                ["oauth.audience"] = $"[{ScriptedIssuer.Audience}]",
                [$"oauth.{key}"] = _issuer.Address + path,
            },
        },
        Ct);

    private static Task<string> ImapAsync(TestMailServer server, string mechanism, string message)
        => TryAsync(server, ListenerProtocol.Imap, $"a AUTHENTICATE {mechanism} {Encoded(message)}", "+ ");

    private static Task<string> SmtpAsync(TestMailServer server, string mechanism, string message)
        => TryAsync(server, ListenerProtocol.Submission, $"AUTH {mechanism} {Encoded(message)}", "334 ");

    /// <returns>The line that ends the exchange. A refusal comes after what is wrong was told, which the client acknowledges.</returns>
    private static async Task<string> TryAsync(TestMailServer server, ListenerProtocol protocol, string command, string go)
    {
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(protocol).EndPoint, Ct);
        await new SessionOpener(client, protocol).ReadGreetingAsync(Ct);
        if (protocol == ListenerProtocol.Submission)
            await new SessionOpener(client, protocol).ReadCapabilitiesAsync(Ct);
        await client.SendLineAsync(command, Ct);
        string line = await client.ReadLineAsync(Ct) ?? "";
        if (!line.StartsWith(go, StringComparison.Ordinal))
            return line;
        Assert.Contains("\"status\":", Encoding.UTF8.GetString(Convert.FromBase64String(line[go.Length..])), StringComparison.Ordinal);
        await client.SendLineAsync("AQ==", Ct);
        return await client.ReadLineAsync(Ct) ?? "";
    }

    private static string Encoded(string message) => Convert.ToBase64String(Encoding.UTF8.GetBytes(message.Replace('~', '\u0001')));
}
