using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>A whole server that finds Debian's Exim or OpenSMTPD in DNS, and what becomes of the mail that it has for them.</summary>
public sealed class OtherNextHopTests
{
    private const int LongestLine = 998;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("exim")]
    [InlineData("opensmtpd")]
    public async Task Mail_arrives_whole_or_comes_back_for_whom_it_was_refused(string program)
    {
        PrivateDns.Require();
        await using PrivateNextHop hop = await PrivateNextHop.StartAsync(program, Pem(), Ct);
        await using PrivateDns dns = new() { Records = static _ => "\nhop IN MX 10 hop\nhop IN A 127.0.0.1\n" };
        await dns.InitializeAsync();
        await using TestMailServer server = await TestMailServer.StartAsync(
            new()
            {
                Time = TimeProvider.System,
                Settings = new Dictionary<string, string>
                {
                    ["dns.servers"] = $"[\"{dns.Searcher}\"]", ["relay.port"] = hop.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
                    ["smtp.relay_networks"] = "[127.0.0.1/32]", ["queue.retry_put_off"] = "1s",
                },
            },
            Ct);

        string whole = Message("whole", $"\u00fc\u00ff\r\n.\r\n..\r\n.x\r\n\r\n{new string('y', LongestLine)}\r\n.{new string('\u00e9', LongestLine - 1)}\r\n \r\n.\r\n");
        string shared = Message("shared", "to two\r\n"), late = Message("late", "later\r\n");
        string large = Message("large", string.Concat(Enumerable.Repeat(new string('z', LongestLine) + "\r\n", 150)));
        await SendAsync(server, (whole, ["bob"]), (shared, ["bob", "nobody"]), (late, ["late"]), (large, ["bob"]));

        string[] notices = await NoticesAsync(server, 2);
        Assert.Equal(["bob 5.3.4", "nobody 5.0.0"], notices.Select(static notice => $"{Field(notice, "Final-Recipient: rfc822; ").Split('@')[0]} {Field(notice, "Status: ")}").Order(StringComparer.Ordinal));
        Assert.Contains("Diagnostic-Code: smtp; 550 ", notices.Single(static notice => notice.Contains("rfc822; nobody@", StringComparison.Ordinal)), StringComparison.Ordinal);
        IReadOnlyList<string> delivered = await hop.DeliveredAsync(3, Ct);
        Assert.Equal([late, shared, whole], delivered.Select(AsSent).Order(StringComparer.Ordinal));
        Assert.Equal(["deferred", "sent"], await AttemptsAsync(server, "late", 2));
        if (program == "exim")
            CheckExim(await hop.LoggedAsync(" <= ", 3, Ct));
        else
            CheckOpenSmtpd(await hop.LoggedAsync(" smtp message ", 3, Ct));
    }

    /// <summary>It offers all that we use: each message came with TLS, pipelined (L) and in chunks (K).</summary>
    private static void CheckExim(string log)
    {
        string[] taken = [.. log.Split('\n').Where(static line => line.Contains(" <= ", StringComparison.Ordinal))];
        Assert.Equal(3, taken.Length);
        Assert.All(taken, static line => Assert.Matches(@" P=esmtps L\.? X=TLS1.* K ", line)); // L- would be: offered and not used
    }

    /// <summary>
    /// It knows no chunks and refuses what is pipelined. The one of Debian 12 cannot do the TLS that it offers, for its OpenSSL is newer than it knows: mail has
    /// to come without.
    /// </summary>
    private static void CheckOpenSmtpd(string log)
    {
        Assert.Contains(": STARTTLS|", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Pipelining not supported", log, StringComparison.Ordinal);
        Assert.DoesNotContain("BDAT", log, StringComparison.Ordinal);
        Assert.Equal(3, log.Split('\n').Count(static line => line.Contains(" smtp message ", StringComparison.Ordinal) && line.Contains(" proto=ESMTP", StringComparison.Ordinal)));
    }

    /// <summary>Certificate and key of the host, which nobody has to believe.</summary>
    private static string Pem()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={PrivateNextHop.Domain}", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem() + "\n";
    }

    /// <summary>A message with every field that a host might add.</summary>
    private static string Message(string name, string body)
        => $"Message-ID: <{name}@example.test>\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: <alice@example.test>\r\nTo: <bob@{PrivateNextHop.Domain}>\r\n\r\n{body}";

    /// <summary>A message in the hop's Maildir without the fields above it.</summary>
    private static string AsSent(string stored) => stored[stored.IndexOf("Message-ID: ", StringComparison.Ordinal)..].Replace("\n", "\r\n", StringComparison.Ordinal);

    /// <summary>Sends messages of alice's over one connection.</summary>
    private static async Task SendAsync(TestMailServer server, params (string Text, string[] Users)[] messages)
    {
        await using LineClient client = await LineClient.ConnectAsync((IPEndPoint)server.Listener(ListenerProtocol.Smtp).EndPoint, Ct);
        await ExpectAsync(client, "220");
        await AskAsync(client, "EHLO client.example.test", "250");
        foreach ((string text, string[] users) in messages)
        {
            await AskAsync(client, "MAIL FROM:<alice@example.test> BODY=8BITMIME", "250");
            foreach (string user in users)
                await AskAsync(client, $"RCPT TO:<{user}@{PrivateNextHop.Domain}>", "250");
            await AskAsync(client, "DATA", "354");
            await AskAsync(client, text.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".", "250");
        }
    }

    private static async Task AskAsync(LineClient client, string command, string code)
    {
        await client.SendLineAsync(command, Ct);
        await ExpectAsync(client, code);
    }

    private static async Task ExpectAsync(LineClient client, string code)
        => Assert.StartsWith(code, (await client.ReadLinesAsync(static line => line.Length < 4 || line[3] != '-', Ct))[^1], StringComparison.Ordinal);

    /// <summary>Waits for so many notices to alice.</summary>
    private static async Task<string[]> NoticesAsync(TestMailServer server, int count)
    {
        string folder = Path.Combine(server.MaildirOf("alice"), "new");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(LineClient.Patience);
        while (!Directory.Exists(folder) || Directory.GetFiles(folder).Length < count)
            await Task.Delay(20, limit.Token);
        return [.. Directory.GetFiles(folder).Select(static file => File.ReadAllText(file, Encoding.Latin1))];
    }

    /// <summary>Waits until there are lines about so many attempts for a recipient.</summary>
    /// <returns>The word for how each ended.</returns>
    private static async Task<string[]> AttemptsAsync(TestMailServer server, string user, int count)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(LineClient.Patience);
        while (true)
        {
            string[] lines = [.. server.Log.Latest.Select(static entry => entry.Message).Where(text => text.Contains($" to=<{user}@", StringComparison.Ordinal) && text.Contains(" status=", StringComparison.Ordinal))];
            if (lines.Length >= count)
                return [.. lines.Select(static line => line[(line.IndexOf(" status=", StringComparison.Ordinal) + " status=".Length)..].Split(' ')[0])];
            await Task.Delay(20, limit.Token);
        }
    }

    private static string Field(string notice, string name)
    {
        int from = notice.IndexOf("\n" + name, StringComparison.Ordinal) + 1 + name.Length;
        return notice[from..notice.IndexOf('\n', from)];
    }
}
