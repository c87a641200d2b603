using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
        IPEndPoint gone = far.Listener(ListenerProtocol.Smtp).EndPoint;
        await far.StopAsync();
        using Socket nobody = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(gone); // else another test's server could get the port, and the message
        await SubmitAsync(near, "joe@example.net");
        await near.StopAsync();
        await near.RestartAsync(Ct);
        Assert.Single(Directory.GetFiles(Path.Combine(near.Data, "queue", "messages"), "*", SearchOption.AllDirectories));
    }

    /// <summary>RFC 5321 §5.1, and RFC 7672: MX leads to the host, and DNSSEC proves which certificate it has.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dns_leads_to_the_other_server_and_says_whose_certificate_counts(bool isPinned)
    {
        await using TestMailServer far = await StartFarAsync();
        await using TestMailServer near = await StartByDnsAsync(far);
        near.Dns.Add("example.net MX 10 mx.example.net\nmx.example.net A 127.0.0.1");
        if (isPinned)
            near.Dns.Add($"_{PortOf(far)}._tcp.mx.example.net TLSA 3 1 1 {DigestOf(far)}").Sign("");
        await SubmitAsync(near, "joe@example.net");
        Assert.Contains("with ESMTPS", await WaitForMailAsync(far, "joe", "example.net"), StringComparison.Ordinal);
        near.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_server_with_another_certificate_than_dns_names_gets_nothing()
    {
        await using TestMailServer far = await StartFarAsync();
        await using TestMailServer near = await StartByDnsAsync(far);
        near.Dns.Add($"example.net MX 10 mx.example.net\nmx.example.net A 127.0.0.1\n_{PortOf(far)}._tcp.mx.example.net TLSA 3 1 1 {new string('0', 64)}").Sign("");
        await SubmitAsync(near, "joe@example.net");
        Assert.Contains("dsn=4.7", await WaitForAttemptAsync(near, "joe@example.net"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(far.Data, "mail", "example.net", "joe")));
    }

    [Theory]
    [InlineData("example.net MX 0 .", "dsn=5.1.10")]
    [InlineData("", "dsn=5.1.2")]
    [InlineData("example.net MX 10 mail.example.test", "dsn=5.4.6")]
    public async Task What_dns_rules_out_is_known_at_the_first_attempt(string record, string expected)
    {
        await using TestMailServer near = await TestMailServer.StartAsync(
            new() { Time = TimeProvider.System, Settings = new Dictionary<string, string> { ["relay.recipient_domains"] = "any" } }, Ct);
        near.Dns.Add(record);
        await SubmitAsync(near, "joe@example.net");
        Assert.Contains(expected, await WaitForAttemptAsync(near, "joe@example.net"), StringComparison.Ordinal);
    }

    private static int PortOf(TestMailServer server) => server.Listener(ListenerProtocol.Smtp).EndPoint.Port;

    private static string DigestOf(TestMailServer server)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(server.Data, "tls", "certificate.pem"));
        return Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    private static async Task<TestMailServer> StartFarAsync()
    {
        TestMailServer far = await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = new Dictionary<string, string> { ["hostname"] = "far.example.net" } }, Ct);
        far.AddDomain("example.net", "joe");
        return far;
    }

    private static Task<TestMailServer> StartByDnsAsync(TestMailServer far) => TestMailServer.StartAsync(
        new() { Time = TimeProvider.System, Settings = new Dictionary<string, string> { ["relay.port"] = PortOf(far).ToString(CultureInfo.InvariantCulture) } }, Ct);

    private static async Task<string> WaitForAttemptAsync(TestMailServer server, string recipient)
    {
        while (true)
        {
            if (server.Log.Latest.FirstOrDefault(entry => entry.Message.Contains($"to={recipient}", StringComparison.Ordinal) || entry.Message.Contains($"to=<{recipient}>", StringComparison.Ordinal)) is { } attempt)
                return attempt.Message;
            await Task.Delay(10, Ct);
        }
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

    private static Task SubmitAsync(TestMailServer server, params string[] recipients) => MailSender.SendAsync(
        server.Listener(ListenerProtocol.Submission).EndPoint, "alice", "alice@example.test", "From: alice@example.test\r\nSubject: over there\r\n\r\n..a line with a dot", recipients);

    private static async Task<string> WaitForMailAsync(TestMailServer server, string user, string domain)
    {
        string folder = Path.Combine(server.Data, "mail", domain, user, "Maildir", "new");
        while (!Directory.Exists(folder) || Directory.GetFiles(folder).Length == 0)
            await Task.Delay(10, Ct);
        return (await File.ReadAllTextAsync(Directory.GetFiles(folder).Single(), Ct)).ReplaceLineEndings("\r\n");
    }
}
