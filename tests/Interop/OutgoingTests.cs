using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Interop;

/// <summary>Our client against Debian's Postfix and its smtp-sink as next hops.</summary>
public sealed class OutgoingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Whatever a stored message holds, Postfix sees one message, and none that somebody has hidden in it.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public async Task No_second_message_is_smuggled_into_Postfix(int chunkOctets)
    {
        ExternalProgram.Require("postfix");
        await using PrivatePostfix postfix = await PrivatePostfix.StartAsync();
        await using MailClient client = Client(new() { HostName = "client.example.test", ChunkOctets = chunkOctets });
        RemoteHost host = new("mx.example.test", postfix.EndPoint);
        int count = 0;
        foreach (string before in (string[])["\r\n", "\n", "\r", "\r\r\n", "\0\r\n", "\r\0\n", "\n\r"])
        {
            foreach (string dot in (string[])[".", "\0.", ".\0"])
            {
                foreach (string after in (string[])["\r\n", "\n", "\r", "\r\r\n", "\r\0\n", "\n\n"])
                {
                    string text = $"Subject: {++count}\r\n\r\ntext{before}{dot}{after}MAIL FROM:<evil@example.org>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nSubject: evil\r\n\r\nevil\r\n";
                    AttemptReport report = await client.SendAsync(host, Message(text, "bob"), Ct);
                    Assert.True(report.Results.Single().Status.IsSuccess, report.Results.Single().Status.ToString());
                }
            }
        }

        IReadOnlyList<string> delivered = await postfix.DeliveredAsync(count, Ct);
        Assert.Equal(count, delivered.Count);
        Assert.All(delivered, static message => Assert.StartsWith("Return-Path: <alice@example.org>\n", message, StringComparison.Ordinal));
        Assert.All(delivered, static message => Assert.Contains("\nMAIL FROM:<evil@example.org>\n", message, StringComparison.Ordinal));
        Assert.DoesNotContain("improper command pipelining", postfix.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Postfix_takes_what_it_offers()
    {
        ExternalProgram.Require("postfix");
        await using PrivatePostfix postfix = await PrivatePostfix.StartAsync();
        await using MailClient client = Client(new() { HostName = "client.example.test" });
        OutgoingMessage message = Message("Subject: gr\u00fc\u00df\r\n\r\n\u00fc\r\n", "j\u00fcrgen", "bob") with
        {
            Envelope = new Envelope(new ReversePath("\u00e4lice", "example.org")) { Body = BodyType.EightBitMime, SmtpUtf8 = true, Dsn = new(DsnReturn.Full, "id+1=2") },
        };
        AttemptReport report = await client.SendAsync(new RemoteHost("mx.example.test", postfix.EndPoint), message, Ct);
        Assert.All(report.Results, static result => Assert.Equal((250, true), (result.Status.Code, result.DsnPassedOn)));
        IReadOnlyList<string> delivered = await postfix.DeliveredAsync(2, Ct);
        Assert.All(delivered, static stored => Assert.EndsWith("\n\n\u00c3\u00bc\n", stored, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Postfix_is_trusted_by_what_dns_names_and_by_nothing_less()
    {
        ExternalProgram.Require("postfix");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=mx.example.test", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using PrivatePostfix postfix = await PrivatePostfix.StartAsync(key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem() + "\n");
        await using MailClient client = Client(new() { HostName = "client.example.test" });
        RemoteHost host = new("mx.example.test", postfix.EndPoint);
        byte[] digest = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        TlsaPin right = new(3, 1, 1, digest), wrong = right with { Data = SHA256.HashData(digest) };
        foreach ((RemoteHost asked, string status) in ((RemoteHost, string)[])
            [(host, "2.0.0"), (host with { Tls = TlsNeed.Dane, Pins = [wrong, right] }, "2.0.0"), (host with { Tls = TlsNeed.Dane, Pins = [wrong] }, "4.7.5"),
                (host with { Tls = TlsNeed.Verified }, "4.7.5"), (host with { Tls = TlsNeed.Never }, "2.0.0")])
        {
            AttemptReport report = await client.SendAsync(asked, Message("Subject: hi\r\n\r\nbye\r\n", "bob"), Ct);
            Assert.Equal(status, report.Results.Single().Status.Status.ToString());
            Assert.Equal(status == "2.0.0" && asked.Tls != TlsNeed.Never, report.Tls is not null);
        }

        await postfix.DeliveredAsync(3, Ct);
    }

    /// <summary>Options of smtp-sink, and the code that each of two recipients gets; 0 for an answer that is ours.</summary>
    [Theory]
    [InlineData("-c", 250)]
    [InlineData("-c -e", 250)]
    [InlineData("-c -p", 250)]
    [InlineData("-c -8", 250)]
    [InlineData("-c -f RCPT", 500)]
    [InlineData("-c -r MAIL", 450)]
    [InlineData("-c -r DATA", 450)]
    [InlineData("-c -f .", 500)]
    [InlineData("-c -r .", 450)]
    [InlineData("-c -q CONNECT", 0)]
    [InlineData("-c -q MAIL", 0)]
    [InlineData("-c -q DATA", 0)]
    [InlineData("-c -q .", 0)]
    [InlineData("-c -L", 250)]
    public async Task Sinks_answer_as_they_are_told(string options, int code)
    {
        ExternalProgram.Require("smtp-sink");
        int port = FreePorts.Next();
        bool isRoot = Environment.IsPrivilegedProcess;
        ProcessStartInfo start = new(ExternalProgram.Find("smtp-sink")!, $"{(isRoot ? "-u nobody " : "")}{options} 127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)} 10")
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/tmp",
        };
        using Process sink = Process.Start(start)!;
        try
        {
            _ = sink.StandardOutput.ReadToEndAsync(Ct);
            IPEndPoint endPoint = new(IPAddress.Loopback, port);
            await ListeningAsync(endPoint);
            await using MailClient client = Client(new() { HostName = "client.example.test" });
            RemoteHost host = new("sink", endPoint) { Protocol = options.EndsWith("-L", StringComparison.Ordinal) ? RemoteProtocol.Lmtp : RemoteProtocol.Smtp };
            for (int i = 0; i < 3; i++)
            {
                AttemptReport report = await client.SendAsync(host, Message("Subject: hi\r\n\r\n.\r\n", "a", "b"), Ct);
                Assert.All(report.Results, result => Assert.Equal(code, result.IsRemote ? result.Status.Code : 0));
                Assert.All(report.Results, result => Assert.Equal(code is 0 or 450, result.Status.IsTemporary));
            }
        }
        finally
        {
            sink.Kill();
            await sink.WaitForExitAsync(Ct);
        }
    }

    private static MailClient Client(SmtpClientOptions options) => new(new() { Options = options, Time = TimeProvider.System, Loggers = NullLoggerFactory.Instance });

    private static OutgoingMessage Message(string text, params string[] users)
    {
        byte[] octets = text.Contains('\u00fc', StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(text) : Encoding.Latin1.GetBytes(text);
        return new()
        {
            Id = new QueueId(1),
            Envelope = new Envelope(new ReversePath("alice", "example.org")),
            Recipients = [.. users.Select(static user => new OutgoingRecipient(new ForwardPath(user, "example.test"), RecipientDsn.Default))],
            Octets = octets.Length,
            Open = _ => ValueTask.FromResult<Stream>(new MemoryStream(octets)),
        };
    }

    private static async Task ListeningAsync(IPEndPoint endPoint)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            using Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(endPoint, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }
}
