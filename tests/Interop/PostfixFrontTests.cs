using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Interop;

/// <summary>Debian's Postfix before the server: as the host that takes mail and hands it on by LMTP, and as a host of somebody else's that sends to port 25.</summary>
public sealed partial class PostfixFrontTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("inet")]
    [InlineData("unix")]
    public async Task What_one_mailbox_cannot_take_comes_back_for_that_one_only(string transport)
    {
        ExternalProgram.Require("postfix");
        using ScratchFolder folder = new();
        await using InteropServer server = await StartAsync(folder);
        File.SetUnixFileMode(folder.FullPath, (UnixFileMode)Convert.ToInt32("755", 8));
        string[] users = [server.NewUser(), server.NewUser(octets: 25_000), server.NewUser()];
        string way = transport == "unix" ? $"lmtp:unix:{folder.File("lmtp")}" : $"lmtp:inet:127.0.0.1:{Port(server.Lmtp)}";
        await using PrivatePostfix postfix = await PrivatePostfix.StartAsync(main: $"virtual_transport = {way}\nlmtp_destination_recipient_limit = 50");

        // Half of its declared size would fit, so it is refused after the dot, when the others have it.
        string body = string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", 100));
        await server.DeliverAsync(users[1], "Subject: before\r\n\r\n" + body);
        string text = "Subject: to three\r\n\r\n" + body + body;
        await SendAsync(postfix, text, new ReversePath("alice", "example.test"), [.. users.Select(static user => Recipient(user))]);
        string notice = await server.ArrivedAsync("alice", static message => message.Contains("multipart/report", StringComparison.Ordinal), Ct);
        await postfix.EmptiedAsync(Ct);

        Assert.Equal([1, 1, 1], users.Select(user => server.StoredFiles(user).Count));
        Assert.Single(FinalRecipient().Matches(notice));
        Assert.Contains($"Final-Recipient: rfc822; {users[1]}@example.test", notice, StringComparison.Ordinal);
        Assert.Contains("Status: 5.2.2", notice, StringComparison.Ordinal);
        Assert.Contains("Subject: before", server.StoredMessages(users[1]).Single(), StringComparison.Ordinal);
        Assert.Single(server.StoredFiles("alice"));
        Assert.Contains(transport == "unix" ? "(local socket)" : "([127.0.0.1])", server.StoredMessages(users[0]).Single(), StringComparison.Ordinal);
        Assert.Contains(" with LMTP", server.StoredMessages(users[0]).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_user_is_told_to_postfix_at_rcpt_and_comes_back()
    {
        ExternalProgram.Require("postfix");
        using ScratchFolder folder = new();
        await using InteropServer server = await StartAsync(folder);
        string user = server.NewUser();
        await using PrivatePostfix postfix = await PrivatePostfix.StartAsync(main: $"virtual_transport = lmtp:inet:127.0.0.1:{Port(server.Lmtp)}");
        await SendAsync(postfix, "Subject: hi\r\n\r\nx\r\n", new ReversePath("alice", "example.test"), Recipient(user), Recipient("nobody"));
        string notice = await server.ArrivedAsync("alice", static message => message.Contains("multipart/report", StringComparison.Ordinal), Ct);
        Assert.Contains("nobody@example.test", notice, StringComparison.Ordinal);
        Assert.Contains("Status: 5.1.1", notice, StringComparison.Ordinal);
        await postfix.EmptiedAsync(Ct);
        Assert.Single(server.StoredFiles(user));
    }

    /// <summary>Postfix as a host of the internet: TLS because it is offered, SMTPUTF8, 8BITMIME and SIZE, and what the sender wants to be told.</summary>
    [Fact]
    public async Task Postfix_sends_to_port_25_with_tls_smtputf8_and_dsn()
    {
        ExternalProgram.Require("postfix");
        using ScratchFolder folder = new();
        await using InteropServer server = await StartAsync(folder);
        await using PrivatePostfix postfix = await PrivatePostfix.StartAsync(main: Sending(server) + "smtp_tls_security_level = encrypt\n");
        RecipientDsn dsn = RecipientDsn.Default with { Notify = DsnNotify.Success | DsnNotify.Failure };
        Envelope envelope = new(new ReversePath("alice", "example.test")) { SmtpUtf8 = true, Body = BodyType.EightBitMime, Dsn = new(DsnReturn.Headers, "env-1") };
        await SendAsync(postfix, "Subject: gr\u00fc\u00df\r\n\r\n\u00fc\r\n", envelope, new OutgoingRecipient(new("bob", "example.test"), dsn));
        string message = await server.ArrivedAsync("bob", static stored => stored.EndsWith("\n\n\u00c3\u00bc\n", StringComparison.Ordinal), Ct);
        Assert.Contains(" with UTF8SMTPS", message, StringComparison.Ordinal);
        Assert.Contains("Subject: gr\u00c3\u00bc\u00c3\u009f\n", message, StringComparison.Ordinal);

        string notice = await server.ArrivedAsync("alice", static stored => stored.Contains("message/delivery-status", StringComparison.Ordinal) || stored.Contains("message/global-delivery-status", StringComparison.Ordinal), Ct);
        Assert.Contains("Reporting-MTA: dns; mail.example.test", notice, StringComparison.Ordinal); // ours: it was passed on, not answered by Postfix
        Assert.Contains("Original-Envelope-Id: env-1", notice, StringComparison.Ordinal);
        Assert.Contains("Action: delivered", notice, StringComparison.Ordinal);
        await postfix.EmptiedAsync(Ct);
    }

    /// <summary>
    /// Whatever a client tells an old Postfix, which takes a bare LF for a line end, as many messages come here as Postfix says that it took: what is left of a
    /// false end in them is text.
    /// </summary>
    [Fact]
    public async Task No_message_that_postfix_does_not_know_of_comes_from_it()
    {
        ExternalProgram.Require("postfix");
        using ScratchFolder folder = new();
        await using InteropServer server = await StartAsync(folder);
        await using PrivatePostfix postfix = await PrivatePostfix.StartAsync(main: Sending(server) + "smtpd_hard_error_limit = 1000\nsmtpd_error_sleep_time = 0\n");
        int sent = 0;
        foreach (string before in (string[])["\r\n", "\n", "\r", "\r\r\n", "\0\r\n", "\n\r"])
        {
            foreach (string dot in (string[])[".", "..", "\0."])
            {
                foreach (string after in (string[])["\r\n", "\n", "\r", "\r\r\n", "\r\0\n"])
                    sent += await TryAsync(postfix, $"text{before}{dot}{after}");
            }
        }

        await postfix.EmptiedAsync(Ct);
        IReadOnlyList<string> delivered = server.StoredMessages("bob");
        string log = await postfix.LoggedAsync(text => HandedOn().Count(text) + Refused().Count(text) >= sent, Ct);
        int handedOn = HandedOn().Count(log), refused = Refused().Count(log); // those with a CR or NUL alone, which Postfix passes on
        Assert.Equal(handedOn, delivered.Count);
        Assert.Equal(sent, handedOn + refused);
        Assert.InRange(handedOn, 40, sent);
        Assert.All(delivered, static message => Assert.Single(OwnReceived().Matches(message)));
    }

    /// <summary>Sends Postfix a message with a doubtful end in it, and commands behind that.</summary>
    /// <returns>How many messages it took.</returns>
    private static async Task<int> TryAsync(PrivatePostfix postfix, string text)
    {
        await using LineClient client = await LineClient.ConnectAsync(postfix.EndPoint, Ct);
        Task<string> answers = client.ReadToEndAsync(Ct);
        const string envelope = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n";
        string all = $"EHLO client.example.test\r\n{envelope}Subject: x\r\n\r\n{text}{envelope}Subject: hidden\r\n\r\nhidden\r\n.\r\nQUIT\r\n";
        await client.SendAsync(Encoding.Latin1.GetBytes(all), Ct);
        client.HalfClose();
        return TakenByPostfix().Count(await answers);
    }

    private static async Task<InteropServer> StartAsync(ScratchFolder folder)
    {
        InteropServer server = new() { Options = new() { LmtpSocket = folder.File("lmtp") } };
        await server.InitializeAsync();
        return server;
    }

    private static string Sending(InteropServer server)
        => $"virtual_mailbox_domains =\nrelay_domains = example.test\nrelayhost = [127.0.0.1]:{Port(server.Smtp)}\nrelay_transport = smtp\nsmtp_host_lookup = native\n";

    private static Task SendAsync(PrivatePostfix postfix, string text, ReversePath sender, params OutgoingRecipient[] recipients)
        => SendAsync(postfix, text, new Envelope(sender), recipients);

    private static async Task SendAsync(PrivatePostfix postfix, string text, Envelope envelope, params OutgoingRecipient[] recipients)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        await using MailClient client = new(new() { Options = new() { HostName = "client.example.test" }, Time = TimeProvider.System, Loggers = NullLoggerFactory.Instance });
        AttemptReport report = await client.SendAsync(new("mx.example.test", postfix.EndPoint), new()
        {
            Id = new QueueId(1),
            Envelope = envelope,
            Recipients = recipients,
            Octets = octets.Length,
            Open = _ => ValueTask.FromResult<Stream>(new MemoryStream(octets)),
        }, Ct);
        Assert.All(report.Results, static result => Assert.True(result.Status.IsSuccess, result.Status.ToString()));
    }

    private static OutgoingRecipient Recipient(string user) => new(new(user, "example.test"), RecipientDsn.Default);

    private static string Port(int port) => port.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("^Final-Recipient:", RegexOptions.Multiline)]
    private static partial Regex FinalRecipient();

    [GeneratedRegex("^\tby mail\\.example\\.test ", RegexOptions.Multiline)]
    private static partial Regex OwnReceived();

    [GeneratedRegex("to=<bob@example\\.test>.* status=sent ")]
    private static partial Regex HandedOn();

    [GeneratedRegex("to=<bob@example\\.test>.* status=bounced .* said: 550 5\\.6\\.0 ")]
    private static partial Regex Refused();

    [GeneratedRegex("^250 2\\.0\\.0 Ok: queued", RegexOptions.Multiline)]
    private static partial Regex TakenByPostfix();
}
