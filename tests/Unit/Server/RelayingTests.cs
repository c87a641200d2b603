using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Unit.Server;

/// <summary>Mail from one server of this kind to another, over sockets.</summary>
public sealed class RelayingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_of_a_user_reaches_a_mailbox_of_another_server()
    {
        await using TestMailServer far = await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = new Dictionary<string, string> { ["hostname"] = "far.example.net" } }, Ct);
        far.AddDomain("example.net", "joe");
        await using TestMailServer near = await StartNearAsync(far);
        await SubmitAsync(near, "joe@example.net", "bob@example.test");

        string text = await WaitForMailAsync(far, "joe", "example.net");
        Assert.Contains("Subject: over there\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\n.a line with a dot\r\n", text, StringComparison.Ordinal);
        Assert.StartsWith("Return-Path: <alice@example.test>\r\nDelivered-To: joe@example.net\r\nReceived: from mail.example.test ", text, StringComparison.Ordinal);
        Assert.Equal(1, text.Split("Return-Path:").Length - 1);
        Assert.Contains("Subject: over there\r\n", await WaitForMailAsync(near, "bob", TestAccounts.Domain), StringComparison.Ordinal);
        near.Log.CheckNoAlarm();
        far.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_message_waits_for_a_server_that_is_stopped_and_for_its_own()
    {
        await using TestMailServer far = await TestMailServer.StartAsync(new() { Time = TimeProvider.System }, Ct);
        far.AddDomain("example.net", "joe");
        await using TestMailServer near = await StartNearAsync(far, ("queue.retry_first", "1s"), ("smtp.relay_networks", "[127.0.0.0/8]"));
        await far.StopAsync();
        await SubmitAsync(near, "joe@example.net");
        await near.StopAsync();
        await near.RestartAsync(Ct);
        Assert.Single(Directory.GetFiles(Path.Combine(near.Data, "queue", "messages"), "*", SearchOption.AllDirectories));
    }

    private static Task<TestMailServer> StartNearAsync(TestMailServer far, params (string Key, string Value)[] more)
    {
        Dictionary<string, string> settings = new()
        {
            ["routes"] = $"[{{ to: \"*\", host: \"[127.0.0.1]:{far.Listener(ListenerProtocol.Smtp).EndPoint.Port}\" }}]",
        };
        foreach ((string key, string value) in more)
            settings[key] = value;
        return TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = settings }, Ct);
    }

    private static async Task SubmitAsync(TestMailServer server, params string[] recipients)
    {
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Submission).EndPoint, Ct);
        await ExpectAsync(client, "220");
        await TellAsync(client, "EHLO client.example.test", "250");
        await TellAsync(client, $"AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes("\0alice@example.test\0alice-secret"))}", "235");
        await TellAsync(client, "MAIL FROM:<alice@example.test>", "250");
        foreach (string recipient in recipients)
            await TellAsync(client, $"RCPT TO:<{recipient}>", "250");
        await TellAsync(client, "DATA", "354");
        await client.SendLineAsync("From: alice@example.test\r\nSubject: over there\r\n\r\n..a line with a dot", Ct);
        await TellAsync(client, ".", "250");
        await TellAsync(client, "QUIT", "221");
    }

    private static async Task TellAsync(LineClient client, string line, string code)
    {
        await client.SendLineAsync(line, Ct);
        await ExpectAsync(client, code);
    }

    private static async Task ExpectAsync(LineClient client, string code)
    {
        string? line;
        do
        {
            line = await client.ReadLineAsync(Ct);
            Assert.StartsWith(code, line, StringComparison.Ordinal);
        }
        while (line![3] == '-');
    }

    private static async Task<string> WaitForMailAsync(TestMailServer server, string user, string domain)
    {
        string folder = Path.Combine(server.Data, "mail", domain, user, "Maildir", "new");
        while (!Directory.Exists(folder) || Directory.GetFiles(folder).Length == 0)
            await Task.Delay(10, Ct);
        return (await File.ReadAllTextAsync(Directory.GetFiles(folder).Single(), Ct)).ReplaceLineEndings("\r\n");
    }
}
