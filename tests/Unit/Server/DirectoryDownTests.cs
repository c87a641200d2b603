using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Unit.Server;

/// <summary>A directory that cannot be asked is "try again later" in every protocol, however a client logs in, and never "wrong password".</summary>
public sealed class DirectoryDownTests
{
    private const string Plain = "AGJvYkBnb25lLnRlc3QAc2VjcmV0"; // bob@gone.test, secret

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ListenerProtocol.Imap, "a LOGIN bob@gone.test secret", "a NO [UNAVAILABLE] ")] // RFC 5530 §3
    [InlineData(ListenerProtocol.Imap, "a AUTHENTICATE PLAIN " + Plain, "a NO [UNAVAILABLE] ")]
    [InlineData(ListenerProtocol.Imap, "a AUTHENTICATE SCRAM-SHA-256 biwsbj1ib2JAZ29uZS50ZXN0LHI9YWJj", "a NO [UNAVAILABLE] ")]
    [InlineData(ListenerProtocol.Submission, "AUTH PLAIN " + Plain, "454 4.7.0 ")] // RFC 4954 §6
    [InlineData(ListenerProtocol.Submission, "AUTH SCRAM-SHA-256 biwsbj1ib2JAZ29uZS50ZXN0LHI9YWJj", "454 4.7.0 ")]
    [InlineData(ListenerProtocol.Pop3, "AUTH PLAIN " + Plain, "-ERR [SYS/TEMP] ")] // RFC 3206 §4
    [InlineData(ListenerProtocol.Pop3, "USER bob@gone.test\r\nPASS secret", "-ERR [SYS/TEMP] ")]
    public async Task Later_is_no_refusal(ListenerProtocol protocol, string lines, string expected)
    {
        await using TestMailServer server = await TestMailServer.StartAsync(
            new() { Settings = new Dictionary<string, string> { ["directories"] = "[{ name: gone, type: passwd, domains: [gone.test], file: /nonexistent/passwd }]" } }, Ct);
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(protocol).EndPoint, Ct);
        SessionOpener opener = new(client, protocol);
        await opener.ReadGreetingAsync(Ct);
        if (protocol == ListenerProtocol.Submission)
            await opener.ReadCapabilitiesAsync(Ct);
        string answer = "";
        foreach (string line in lines.Split("\r\n"))
        {
            await client.SendLineAsync(line, Ct);
            answer = await client.ReadLineAsync(Ct) ?? "";
        }

        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
        Assert.Contains(server.Log.Alarms, static entry => entry.ToString().Contains("/nonexistent/passwd", StringComparison.Ordinal));
    }

    /// <summary>Who has logged in, and asks for what another has whose directory is down, hears the same; why, the log says.</summary>
    [Fact]
    public async Task What_others_have_is_put_off_and_the_log_says_why()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(
            new()
            {
                Settings = new Dictionary<string, string>
                {
                    ["directories"] = "[{ name: gone, type: passwd, domains: [gone.test], file: /nonexistent/passwd }]", ["sharing.scope"] = "server",
                },
            }, Ct);
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        SessionOpener opener = new(client, ListenerProtocol.Imap);
        await opener.ReadGreetingAsync(Ct);
        await opener.LogInAsync("alice", Ct);
        await client.SendLineAsync("a STATUS \"#user.bob@gone^test\" (MESSAGES)", Ct);
        Assert.StartsWith("a NO [UNAVAILABLE] ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        Assert.Contains(server.Log.Alarms, static entry => entry.ToString().Contains("bob@gone.test", StringComparison.Ordinal) && entry.ToString().Contains("/nonexistent/passwd", StringComparison.Ordinal));
    }
}
