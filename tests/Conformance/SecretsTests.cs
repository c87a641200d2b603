using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Conformance;

/// <summary>Passwords show up neither in what the server logs, down to the finest level, nor in what it says or leaves on disk, whatever way they came.</summary>
public sealed class SecretsTests
{
    private const string Canary = "c4n4ry-S3cr3t-0f-4l1c3";
    private const string Wrong = "wr0ng-C4n4ry-S3cr3t";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>What a client may send that has a password in it, right and wrong, in order and not.</summary>
    private static IEnumerable<string> Attempts(string mechanism, string password)
    {
        string plain = Base64($"\0alice@example.test\0{password}"), name = Base64("alice@example.test"), word = Base64(password);
        yield return $"{mechanism} PLAIN {plain}";
        yield return $"{mechanism} PLAIN {plain}!";
        yield return $"{mechanism} PLAIN {plain} {word}";
        yield return $"{mechanism} {password} {password}";
        yield return $"{mechanism} LOGIN\r\n{name}\r\n{word}";
        yield return $"{mechanism} LOGIN\r\n{name}\r\n{password} {password}";
        yield return $"{mechanism} OAUTHBEARER {Bearer(password)}\r\nAQ==";
        yield return $"{mechanism} OAUTHBEARER {word}";
        yield return $"{mechanism} XOAUTH2 {OldBearer(password)}\r\n";
        if (mechanism.Contains(' ', StringComparison.Ordinal))
            yield break; // in IMAP the first word is a tag, which comes back
        yield return plain;
        yield return password;
    }

    [Theory]
    [InlineData(ListenerProtocol.Submission)]
    [InlineData(ListenerProtocol.Smtp)]
    [InlineData(ListenerProtocol.Imap)]
    [InlineData(ListenerProtocol.Pop3)]
    public async Task Secrets_stay_inside(ListenerProtocol protocol)
    {
        Dictionary<string, string> settings = new() { ["auth.mechanisms"] = "[SCRAM-SHA-256, CRAM-MD5, OAUTHBEARER, XOAUTH2, PLAIN, LOGIN]", ["auth.failure_delay"] = "0s", ["oauth.key_file"] = "/nonexistent" };
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Settings = settings }, Ct);
        StringBuilder said = new();
        foreach (string password in (string[])[Wrong, Canary])
        {
            server.SetSecret("alice", FullStack.Auth.Passwords.PasswordHash.Create(Canary));
            string verb = protocol == ListenerProtocol.Imap ? "a AUTHENTICATE" : "AUTH";
            foreach (string attempt in Attempts(verb, password).Concat(OwnAttempts(protocol, password)))
                said.Append(await SayAsync(server, protocol, attempt));
        }

        string[] secrets = [Canary, Wrong, Base64(Canary), Base64(Wrong), Base64($"\0alice@example.test\0{Canary}"), Base64($"\0alice@example.test\0{Wrong}"), Bearer(Canary), Bearer(Wrong), OldBearer(Canary), OldBearer(Wrong)];
        string log = string.Join('\n', server.Log.Latest);
        if (protocol != ListenerProtocol.Smtp) // where nobody logs in
            Assert.Contains("alice@example.test", log, StringComparison.Ordinal);
        await server.StopAsync();
        string disk = string.Concat(Directory.EnumerateFiles(server.Data, "*", SearchOption.AllDirectories).Select(static file => File.ReadAllText(file, Encoding.Latin1)));
        foreach (string secret in secrets)
        {
            Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, said.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, disk, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static IEnumerable<string> OwnAttempts(ListenerProtocol protocol, string password) => protocol switch
    {
        ListenerProtocol.Imap => [$"a LOGIN alice@example.test {password}", $"a LOGIN {password}", $"a LOGIN alice@example.test \"{password}"],
        ListenerProtocol.Pop3 =>
        [
            $"PASS {password}", $"USER alice@example.test\r\nPASS {password}", $"USER alice@example.test\r\nPAS {password}", $"APOP alice@example.test {password}",
        ],
        _ => ["EHLO " + "client.example.test"],
    };

    /// <returns>All that the server says to a client that sends some lines and leaves.</returns>
    private static async Task<string> SayAsync(TestMailServer server, ListenerProtocol protocol, string lines)
    {
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(protocol).EndPoint, Ct);
        await new SessionOpener(client, protocol).ReadGreetingAsync(Ct);
        await client.SendAsync(Encoding.Latin1.GetBytes(lines + "\r\n"), Ct);
        client.HalfClose();
        return await client.ReadToEndAsync(Ct);
    }

    private static string Bearer(string token) => Base64($"n,,\u0001auth=Bearer {token}\u0001\u0001");

    private static string OldBearer(string token) => Base64($"user=alice@example.test\u0001auth=Bearer {token}\u0001\u0001");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
