using System.Text;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using static FullStack.Unit.Smtp.Client.ClientConversation;

namespace FullStack.Unit.Smtp.Client;

/// <summary>What a host offers is used, and what it does not offer is not.</summary>
public sealed class ExtensionTests
{
    private const string Text = "Subject: hi\r\n\r\n.dot\r\n";
    private const string Rest = "\nS: 250 Ok\nC: DATA\nS: 354 go\nC...\nS: 250 Ok\nC: QUIT\nS: 221 bye";

    [Theory]
    [InlineData("SIZE 1000", "MAIL FROM:<alice@example.org> SIZE=21", "RCPT TO:<bob@example.test>")]
    [InlineData("SIZE", "MAIL FROM:<alice@example.org> SIZE=21", "RCPT TO:<bob@example.test>")]
    [InlineData("8bitmime", "MAIL FROM:<alice@example.org> BODY=8BITMIME", "RCPT TO:<bob@example.test>")]
    [InlineData("SMTPUTF8", "MAIL FROM:<alice@example.org> SMTPUTF8", "RCPT TO:<bob@example.test>")]
    [InlineData("DSN", "MAIL FROM:<alice@example.org> RET=HDRS ENVID=a+2Bb+20c", "RCPT TO:<bob@example.test> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;Bob+2Bx@example.test")]
    [InlineData("DELIVERBY", "MAIL FROM:<alice@example.org> BY=600;NT", "RCPT TO:<bob@example.test>")]
    [InlineData("MT-PRIORITY MIXER", "MAIL FROM:<alice@example.org> MT-PRIORITY=-3", "RCPT TO:<bob@example.test>")]
    [InlineData("NO-SOLICITING", "MAIL FROM:<alice@example.org> SOLICIT=org.example:ADV", "RCPT TO:<bob@example.test>")]
    [InlineData("RRVS", "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.test> RRVS=2020-01-02T03:04:05Z;C")]
    [InlineData("REQUIRETLS", "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.test>")]
    [InlineData("XTHING", "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.test>")]
    public async Task Parameters_go_to_hosts_that_offer_them(string keyword, string mail, string rcpt)
    {
        OutgoingMessage message = Message(Text, "bob@example.test") with
        {
            Envelope = new Envelope(new ReversePath("alice", "example.org"))
            {
                Body = BodyType.EightBitMime,
                SmtpUtf8 = true,
                Dsn = new(DsnReturn.Headers, "a+b c"),
                DeliverBy = new(ManualTimeProvider.Start.AddMinutes(10), DeliverByMode.Notify, Trace: true),
                Priority = -3,
                Solicitations = "org.example:ADV",
            },
            Recipients =
            [
                new(PathOf("bob@example.test"), new(DsnNotify.Success | DsnNotify.Failure, new("rfc822", "Bob+x@example.test")))
                {
                    ValidSince = new DateTimeOffset(2020, 1, 2, 4, 4, 5, TimeSpan.FromHours(1)), ValidSinceMayLapse = true,
                },
            ],
        };
        AttemptReport report = await PlayAsync($"S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 {keyword}\nC: {mail}\nS: 250 Ok\nC: {rcpt}{Rest}", message);
        Assert.True(report.Results.Single().Status.IsSuccess);
        Assert.Equal(keyword == "DSN", report.Results.Single().DsnPassedOn);
        Assert.Equal(keyword == "DELIVERBY", report.DeliverByPassedOn);
    }

    [Theory]
    [InlineData("", "alice", "b\u00f6b@example.test", "5.6.7")]
    [InlineData("", "\u00e4lice", "bob@example.test", "5.6.7")]
    [InlineData("SIZE 20", "alice", "bob@example.test", "5.3.4")]
    public async Task What_a_host_cannot_take_is_not_sent(string keyword, string sender, string recipient, string status)
    {
        AttemptReport report = await PlayAsync(
            $"S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 {keyword}\nC: QUIT\nS: 221 bye",
            Message(Encoding.ASCII.GetBytes(Text), new ReversePath(sender, "example.org"), recipient));
        Assert.Equal(status, report.Results.Single().Status.Status.ToString());
        Assert.True(report.Results.Single().Status.IsPermanent);
        Assert.False(report.Results.Single().IsRemote);
        Assert.True(report.TryNextHost);
    }

    [Fact]
    public async Task A_domain_is_told_as_dns_has_it_to_hosts_that_take_no_utf8()
    {
        AttemptReport report = await PlayAsync(
            Plain + "C: MAIL FROM:<alice@xn--mnchen-3ya.example>\nS: 250 Ok\nC: RCPT TO:<bob@xn--bcher-kva.test>" + Rest,
            Message(Encoding.ASCII.GetBytes(Text), new ReversePath("alice", "m\u00fcnchen.example"), "bob@b\u00fccher.test"));
        Assert.True(report.Results.Single().Status.IsSuccess);
    }

    [Fact]
    public async Task A_promise_that_the_host_does_not_make_keeps_the_message_from_it()
    {
        OutgoingMessage message = Message(Text, "bob@example.test");
        foreach ((string keyword, DeliverByMode mode, int minutes, bool sent) in ((string, DeliverByMode, int, bool)[])
            [("XNONE", DeliverByMode.Return, 10, false), ("DELIVERBY 601", DeliverByMode.Return, 10, false), ("DELIVERBY 600", DeliverByMode.Return, 10, true),
                ("DELIVERBY", DeliverByMode.Return, -1, false), ("DELIVERBY", DeliverByMode.Notify, -1, true), ("XNONE", DeliverByMode.Notify, 10, true)])
        {
            message = message with
            {
                Envelope = new Envelope(message.Envelope.Sender) { DeliverBy = new(ManualTimeProvider.Start.AddMinutes(minutes), mode, false) },
            };
            AttemptReport report = await PlayAsync(
                $"S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 {keyword}\n" + (sent ? "C: MAIL *\nS: 250 Ok\nC: RCPT *" + Rest : "C: QUIT\nS: 221 bye"), message);
            Assert.Equal(sent ? "2.0.0" : "5.4.7", report.Results.Single().Status.Status.ToString());
        }
    }

    [Fact]
    public async Task Eight_bits_are_converted_for_a_host_that_takes_seven()
    {
        OutgoingMessage message = Message("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\u00fcn\r\n", "bob@example.test");
        message = message with { Envelope = new Envelope(message.Envelope.Sender) { Body = BodyType.EightBitMime } };
        await using ScriptedHost host = new(Plain + "C: MAIL FROM:<alice@example.org>\nS: 250 Ok\nC: RCPT *" + Rest);
        await using ClientConversation conversation = new(host);
        await conversation.SendAsync(message);
        Assert.EndsWith("Content-Transfer-Encoding: quoted-printable\r\n\r\ngr=FCn\r\n", host.Messages.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Subject: gr\u00fcn\r\n\r\nx\r\n", BodyType.EightBitMime, false, "5.6.3")]
    [InlineData("Subject: gr\u00fcn\r\n\r\nx\r\n", BodyType.SevenBit, true, "5.6.7")]
    [InlineData("Subject: gr\u00fcn\r\n\r\nx\r\n", BodyType.SevenBit, false, "2.0.0")]
    public async Task A_header_cannot_be_converted(string text, BodyType body, bool utf8, string status)
    {
        OutgoingMessage message = Message(text, "bob@example.test");
        message = message with { Envelope = new Envelope(message.Envelope.Sender) { Body = body, SmtpUtf8 = utf8 } };
        AttemptReport report = await PlayAsync(Plain + (status == "2.0.0" ? "C: MAIL *\nS: 250 Ok\nC: RCPT *" + Rest : "C: QUIT\nS: 221 bye"), message);
        Assert.Equal(status, report.Results.Single().Status.Status.ToString());
    }

    [Theory]
    [InlineData("CHUNKING", "C: BDAT 8\nC+8\nS: 250 Ok\nC: BDAT 8\nC+8\nS: 250 Ok\nC: BDAT 5 LAST\nC+5\nS: 250 2.6.0 all")]
    [InlineData("CHUNKING\nS: 250 PIPELINING", "C: BDAT 8\nC+8\nC: BDAT 8\nC+8\nC: BDAT 5 LAST\nC+5\nS: 250 Ok\nS: 250 Ok\nS: 250 2.6.0 all")]
    public async Task Chunks_go_to_hosts_that_take_them(string keywords, string chunks)
    {
        string offer = keywords.Contains('\n', StringComparison.Ordinal) ? "S: 250-" + keywords : "S: 250 " + keywords;
        await using ScriptedHost host = new($"S: 220 mx\nC: EHLO *\nS: 250-mx\n{offer}\nC: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\n{chunks}\nC: QUIT\nS: 221 bye");
        await using ClientConversation conversation = new(host, new SmtpClientOptions { HostName = "client.example.test", MaxIdle = 0, ChunkOctets = 8 });
        OutgoingMessage message = Message(Text, "bob@example.test");
        AttemptReport report = await conversation.SendAsync(message with { Open = static _ => ValueTask.FromResult<Stream>(new EightAtOnce(Encoding.ASCII.GetBytes(Text))) });
        Assert.Equal("all", report.Results.Single().Status.Text);
        Assert.Equal(Text, string.Concat(host.Messages));
    }

    [Fact]
    public async Task A_refused_chunk_ends_the_attempt_and_the_connection()
    {
        AttemptReport report = await PlayAsync(
            "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 CHUNKING\nC: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: BDAT 21 LAST\nC+21\nS: 554 5.6.0 no\nC: QUIT\nS: 221 bye",
            Message(Text, "bob@example.test"));
        Assert.Equal("5.6.0", report.Results.Single().Status.Status.ToString());
    }

    [Fact]
    public async Task Binary_octets_go_as_they_are_to_hosts_that_take_them_and_only_to_those()
    {
        const string text = "MIME-Version: 1.0\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\n\r.";
        OutgoingMessage message = Message(text, "bob@example.test");
        message = message with { Envelope = new Envelope(message.Envelope.Sender) { Body = BodyType.BinaryMime } };
        await using ScriptedHost host = new(
            "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250-CHUNKING\nS: 250-8BITMIME\nS: 250 BINARYMIME\nC: MAIL FROM:<alice@example.org> BODY=BINARYMIME\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\n"
            + $"C: BDAT {text.Length} LAST\nC+{text.Length}\nS: 250 Ok\nC: QUIT\nS: 221 bye");
        await using ClientConversation conversation = new(host);
        await conversation.SendAsync(message);
        Assert.Equal(text, host.Messages.Single());

        await using ScriptedHost other = new("S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 8BITMIME\nC: MAIL FROM:<alice@example.org> BODY=8BITMIME\nS: 250 Ok\nC: RCPT *" + Rest);
        await using ClientConversation second = new(other);
        await second.SendAsync(message);
        Assert.EndsWith("Content-Transfer-Encoding: base64\r\n\r\nAAoNLg==\r\n", other.Messages.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_that_a_host_announces_are_kept()
    {
        const string hello = "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 LIMITS RCPTMAX=2 MAILMAX=2 RCPTDOMAINMAX=2 OTHER=1\n";
        const string message = "DATA\nS: 354 go\nC...\nS: 250 Ok\n";
        AttemptReport report = await PlayAsync(
            hello + "C: MAIL *\nS: 250 Ok\nC: RCPT TO:<a@one.test>\nS: 250 Ok\nC: RCPT TO:<b@two.test>\nS: 250 Ok\nC: " + message
            + "C: MAIL *\nS: 250 Ok\nC: RCPT TO:<c@one.test>\nS: 250 Ok\nC: " + message + "C: QUIT\nS: 221 bye\n@connection\n"
            + hello + "C: MAIL *\nS: 250 Ok\nC: RCPT TO:<d@three.test>\nS: 250 Ok\nC: " + message + "C: QUIT\nS: 221 bye",
            Message(Text, "a@one.test", "b@two.test", "d@three.test", "c@one.test"));
        Assert.All(report.Results, static result => Assert.True(result.Status.IsSuccess));
    }

    [Fact]
    public async Task Lmtp_answers_for_each_recipient_over_a_unix_socket()
    {
        using ScratchFolder folder = new();
        await using ScriptedHost host = new(
            "S: 220 mx LMTP\nC: LHLO client.example.test\nS: 250-mx\nS: 250-PIPELINING\nS: 250 DSN\nC: MAIL *\nC: RCPT TO:<a@example.test>\nC: RCPT TO:<b@example.test>\nC: RCPT TO:<c@example.test>\nC: DATA\n"
            + "S: 250 Ok\nS: 250 Ok\nS: 550 5.1.1 nobody\nS: 250 Ok\nS: 354 go\nC...\nS: 250 2.1.5 in\nS: 452 4.2.2 full\nC: QUIT\nS: 221 bye",
            path: folder.File("lmtp"));
        await using ClientConversation conversation = new(host) { Host = new RemoteHost("localhost", host.EndPoint) { Protocol = RemoteProtocol.Lmtp } };
        AttemptReport report = await conversation.SendAsync(Message(Text, "a@example.test", "b@example.test", "c@example.test"));
        Assert.Equal([(250, true), (550, false), (452, false)], report.Results.Select(static result => (result.Status.Code, result.DsnPassedOn)));
    }

    private sealed class EightAtOnce(byte[] octets) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => ValueTask.FromResult(Read(buffer.Span[..Math.Min(8, buffer.Length)]));
    }
}
