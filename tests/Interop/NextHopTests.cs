using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>
/// A whole server that finds its next hops in DNS: nsd has the zones, unbound proves what is signed, and Debian's Postfix takes the mail, at one address with
/// STARTTLS, at another without, and at one of IPv6.
/// </summary>
public sealed class NextHopTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_takes_the_way_that_dns_names_and_no_other()
    {
        ExternalProgram.Require("postfix");
        PrivateDns.Require();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=tls.signed.test", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string digest = Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        await using PrivatePostfix postfix = await PrivatePostfix.StartAsync(
            key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem() + "\n",
            "smtpd_tls_received_header = yes\nvirtual_mailbox_domains = static:all\nmynetworks = 127.0.0.0/8 [::1]/128\n"
                + "inet_protocols = all",
            "127.0.0.2:PORT inet n - n - - smtpd -o smtpd_tls_security_level=none\n[::1]:PORT inet n - n - - smtpd\n");
        string port = postfix.EndPoint.Port.ToString(CultureInfo.InvariantCulture);
        await using PrivateDns dns = new() { Records = zone => RecordsOf(zone, port, digest) };
        await dns.InitializeAsync();
        await using TestMailServer server = await TestMailServer.StartAsync(
            new()
            {
                Time = TimeProvider.System,
                Settings = new Dictionary<string, string>
                {
                    ["dns.servers"] = $"[\"{dns.Searcher}\"]", ["relay.port"] = port, ["smtp.relay_networks"] = "[127.0.0.1/32]", ["relay.tls_report_contact"] = "tls@example.test",
                },
            },
            Ct);

        await SendAsync(server, "offered.plain.test", "dane.signed.test", "wrong.signed.test", "bare.signed.test", "clear.plain.test", "dead.plain.test", "six.plain.test", "null.plain.test");
        Dictionary<string, string> said = await AttemptsAsync(server, 8);
        Assert.Equal(
            """
            bare.signed.test: dsn=4.7.4 status=deferred
            clear.plain.test: dsn=2.0.0 status=sent
            dane.signed.test: dsn=2.0.0 status=sent
            dead.plain.test: dsn=2.0.0 status=sent
            null.plain.test: dsn=5.1.10 status=bounced
            offered.plain.test: dsn=2.0.0 status=sent
            six.plain.test: dsn=2.0.0 status=sent
            wrong.signed.test: dsn=4.7.5 status=deferred
            """, string.Join('\n', said.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => $"{one.Key}: {DsnAndStatus(one.Value)}")));
        Assert.Contains($"relay=tls.plain.test[127.0.0.1]:{port} ", said["dead.plain.test"], StringComparison.Ordinal);
        Assert.Contains($"relay=v6.plain.test[::1]:{port} ", said["six.plain.test"], StringComparison.Ordinal);
        Assert.Matches(@" delay=[\d.]+ delays=[\d.]+/[\d.]+/[\d.]+/[\d.]+ dsn=", said["dane.signed.test"]);
        IReadOnlyList<string> delivered = await postfix.DeliveredAsync(5, Ct);
        Assert.Equal(
            ["clear.plain.test False", "dane.signed.test True", "dead.plain.test True", "offered.plain.test True", "six.plain.test True"],
            delivered.Select(static message => $"{DomainIn(message)} {message.Contains("(using TLSv1.", StringComparison.Ordinal)}").Order(StringComparer.Ordinal));
    }

    /// <summary>Hosts for mail at loopback addresses, of which 127.0.0.3 has nobody listening.</summary>
    private static string RecordsOf(string zone, string port, string digest) => $"""

        offered IN MX 10 tls
        clear IN MX 10 bare-host
        dead IN MX 10 dead-host
        dead IN MX 20 tls
        six IN MX 10 v6
        dane IN MX 10 tls
        wrong IN MX 10 wrong-host
        bare IN MX 10 bare-host
        tls IN A 127.0.0.1
        wrong-host IN A 127.0.0.1
        bare-host IN A 127.0.0.2
        dead-host IN A 127.0.0.3
        v6 IN AAAA ::1
        {(zone == "signed.test" ? $"_{port}._tcp.tls IN TLSA 3 1 1 {digest}\n_{port}._tcp.bare-host IN TLSA 3 1 1 {digest}\n_{port}._tcp.wrong-host IN TLSA 3 1 1 {new string('0', 64)}" : "")}

        """;

    /// <summary>Sends one message to each domain, over one connection.</summary>
    private static async Task SendAsync(TestMailServer server, params string[] domains)
    {
        await using LineClient client = await LineClient.ConnectAsync((IPEndPoint)server.Listener(ListenerProtocol.Smtp).EndPoint, Ct);
        await ExpectAsync(client, "220");
        foreach (string line in (string[])["EHLO client.example.test", .. domains.SelectMany(static domain => (string[])[$"MAIL FROM:<>", $"RCPT TO:<bob@{domain}>", "DATA", "Subject: hi\r\n\r\nbye\r\n."])])
        {
            await client.SendLineAsync(line, Ct);
            await ExpectAsync(client, line == "DATA" ? "354" : "250");
        }
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

    /// <summary>Waits until there is a line about each of so many domains.</summary>
    private static async Task<Dictionary<string, string>> AttemptsAsync(TestMailServer server, int count)
    {
        Dictionary<string, string> lines = [];
        while (lines.Count < count)
        {
            await Task.Delay(20, Ct);
            foreach (string text in server.Log.Latest.Select(static entry => entry.Message).Where(static text => text.Contains(" to=<bob@", StringComparison.Ordinal) && text.Contains(" status=", StringComparison.Ordinal)))
                lines[text[(text.IndexOf('@', StringComparison.Ordinal) + 1)..text.IndexOf('>', StringComparison.Ordinal)]] = text;
        }

        return lines;
    }

    private static string DsnAndStatus(string line)
    {
        int from = line.IndexOf("dsn=", StringComparison.Ordinal);
        return line[from..line.IndexOf(" (", from, StringComparison.Ordinal)];
    }

    private static string DomainIn(string message)
    {
        int from = message.IndexOf("\nDelivered-To: bob@", StringComparison.Ordinal) + "\nDelivered-To: bob@".Length;
        return message[from..message.IndexOf('\n', from)];
    }
}
