using System.Globalization;
using System.Text;
using FullStack.Harness;
using FullStack.Smtp;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

/// <summary>What parameters of MAIL and RCPT say is in the envelope that the sink gets.</summary>
public sealed class EnvelopeParameterTests
{
    [Fact]
    public async Task What_the_sender_wants_to_be_told_is_kept_as_it_was_said()
    {
        Envelope envelope = await EnvelopeOfAsync(
            "RET=HDRS ENVID=QQ+3D314+20x",
            "<a@x.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@y.example", "<b@x.example> NOTIFY=NEVER", "<c@x.example> ORCPT=utf-8;jos\\x{E9}\\x{5C}@y.example",
            "<d@x.example> ORCPT=UTF-8;jos\u00e9@y.example", "<e@x.example>");
        Assert.Equal(new MessageDsn(DsnReturn.Headers, "QQ=314 x"), envelope.Dsn);
        Assert.Equal(
            [
                new(DsnNotify.Success | DsnNotify.Delay, new("rfc822", "a+b@y.example")),
                new(DsnNotify.Never, null),
                new(null, new("utf-8", "jos\u00e9\\@y.example")),
                new(null, new("UTF-8", "jos\u00e9@y.example")),
                RecipientDsn.Default,
            ],
            envelope.Recipients.Select(static recipient => recipient.Dsn));
        Assert.False(envelope.Recipients[0].Dsn.Wants(DsnNotify.Failure));
        Assert.False(envelope.Recipients[1].Dsn.Wants(DsnNotify.Failure));
        Assert.True(envelope.Recipients[4].Dsn.Wants(DsnNotify.Failure));
    }

    [Fact]
    public async Task What_was_not_said_is_left_to_this_host()
    {
        Envelope envelope = await EnvelopeOfAsync("", "<a@x.example>");
        Assert.Same(MessageDsn.Default, envelope.Dsn);
        Assert.Same(RecipientDsn.Default, envelope.Recipients[0].Dsn);
    }

    [Fact]
    public async Task Times_are_counted_from_when_they_were_said()
    {
        ManualTimeProvider time = new();
        Envelope envelope = await EnvelopeOfAsync("BY=120;RT MT-PRIORITY=-3", "<a@x.example>");
        Assert.Equal(new DeliverBy(time.GetUtcNow().AddSeconds(120), DeliverByMode.Return, Trace: true), envelope.DeliverBy);
        Assert.Equal(-3, envelope.Priority);
        Assert.Null(envelope.HoldUntil);
        Assert.False(envelope.RequireTls);
        envelope = await EnvelopeOfAsync("BY=-5;N", "<a@x.example>");
        Assert.Equal(new DeliverBy(time.GetUtcNow().AddSeconds(-5), DeliverByMode.Notify, Trace: false), envelope.DeliverBy);
    }

    [Theory]
    [InlineData("HOLDFOR=3600", "2026-03-02T11:00:00Z", "for;3600")]
    [InlineData("HOLDUNTIL=2026-03-03T00:00:00Z", "2026-03-03T00:00:00Z", "until;2026-03-03T00:00:00Z")]
    [InlineData("HOLDFOR=2592000", "2026-04-01T10:00:00Z", "for;2592000")]
    [InlineData("HOLDFOR=60 BY=60;R", "2026-03-02T10:01:00Z", "for;60")]
    public async Task A_message_may_be_held(string mail, string until, string request)
    {
        await using SmtpConversation conversation = new(SmtpRole.Submission, sink: new() { CanHold = true });
        string all = await conversation.PlayAsync($"EHLO client\r\n{Login}MAIL FROM:<s@x.example> {mail}\r\nRCPT TO:<a@x.example>\r\nDATA\r\n.\r\nQUIT\r\n");
        Assert.Contains("250-FUTURERELEASE 2592000 2026-04-01T10:00:00Z\r\n", all, StringComparison.Ordinal);
        Envelope envelope = Assert.Single(conversation.Sink.Envelopes);
        Assert.Equal(DateTimeOffset.Parse(until, CultureInfo.InvariantCulture), envelope.HoldUntil);
        Assert.Equal(request, envelope.HoldRequest);
    }

    [Theory]
    [InlineData("HOLDFOR=0", 501)]
    [InlineData("HOLDFOR=060", 501)]
    [InlineData("HOLDFOR=-1", 501)]
    [InlineData("HOLDFOR=1000000000", 501)]
    [InlineData("HOLDFOR=2592001", 501)]
    [InlineData("HOLDFOR", 501)]
    [InlineData("HOLDFOR=1 HOLDFOR=1", 501)]
    [InlineData("HOLDFOR=1 HOLDUNTIL=2026-03-03T00:00:00Z", 501)]
    [InlineData("HOLDUNTIL=2026-03-03T00:00:00Z HOLDFOR=1", 501)]
    [InlineData("HOLDUNTIL=2026-04-01T10:00:01Z", 501)]
    [InlineData("HOLDUNTIL=2026-03-02T10:00:00Z", 501)]
    [InlineData("HOLDUNTIL=2026-03-03T01:00:00+01:00", 501)]
    [InlineData("HOLDUNTIL=tomorrow", 501)]
    [InlineData("HOLDFOR=61 BY=60;R", 501)]
    [InlineData("HOLDFOR=1 BY=0;N", 501)]
    public async Task A_message_is_not_held_for_ever(string mail, int code)
    {
        await using SmtpConversation conversation = new(SmtpRole.Submission, sink: new() { CanHold = true });
        string all = await conversation.PlayAsync($"EHLO client\r\n{Login}MAIL FROM:<s@x.example> {mail}\r\nQUIT\r\n");
        Assert.Contains($"\r\n{code} 5.5.4 ", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SmtpRole.Relay, true)]
    [InlineData(SmtpRole.Lmtp, true)]
    [InlineData(SmtpRole.Submission, false)]
    public async Task Messages_are_held_only_for_our_own_users_and_where_they_can_be_kept(SmtpRole role, bool canHold)
    {
        await using SmtpConversation conversation = new(role, sink: new() { CanHold = canHold });
        string hello = role == SmtpRole.Lmtp ? "LHLO client\r\n" : role == SmtpRole.Submission ? $"EHLO client\r\n{Login}" : "EHLO client\r\n";
        string all = await conversation.PlayAsync($"{hello}MAIL FROM:<s@x.example> HOLDFOR=60\r\nQUIT\r\n");
        Assert.DoesNotContain("FUTURERELEASE", all, StringComparison.Ordinal);
        Assert.Contains("\r\n555 5.5.4 ", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TLS-Required: No\r\n\r\n", true)]
    [InlineData("Subject: x\r\ntls-required:\r\n no \r\nTo: y\r\n\r\nbody\r\n", true)]
    [InlineData("TLS-Required: No\r\n", true)]
    [InlineData("TLS-Required: No", true)]
    [InlineData("TLS-Required: Yes\r\n\r\n", false)]
    [InlineData("TLS-Required: No way\r\n\r\n", false)]
    [InlineData("X: y\r\n\r\nTLS-Required: No\r\n", false)]
    [InlineData("", false)]
    public async Task The_header_says_whether_policies_for_tls_may_be_passed_over(string message, bool expected)
    {
        for (int cut = 1; cut < 40; cut += 13)
        {
            await using SmtpConversation conversation = new();
            string chunk = $"BDAT {message.Length} LAST\r\n{message}";
            await conversation.PlayAsync($"EHLO client\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\n{chunk}QUIT\r\n", cut);
            Assert.Equal(expected, Assert.Single(conversation.Sink.Envelopes).TlsOptional);
        }
    }

    [Theory]
    [InlineData("2026-03-02T10:00:00Z", "2026-03-02T10:00:00.0000000+00:00")]
    [InlineData("2026-03-02t10:00:00z", "2026-03-02T10:00:00.0000000+00:00")]
    [InlineData("2026-03-02T10:00:00.25Z", "2026-03-02T10:00:00.2500000+00:00")]
    [InlineData("2026-03-02T10:00:00.123456789123Z", "2026-03-02T10:00:00.1234567+00:00")]
    [InlineData("2026-03-02T10:00:00+01:30", "2026-03-02T08:30:00.0000000+00:00")]
    [InlineData("2026-03-02T10:00:00-23:59", "2026-03-03T09:59:00.0000000+00:00")]
    [InlineData("2024-02-29T23:59:60Z", "2024-03-01T00:00:00.0000000+00:00")]
    [InlineData("0002-01-01T00:00:00+01:00", "0001-12-31T23:00:00.0000000+00:00")]
    [InlineData("0001-01-01T00:00:00+01:00", null)]
    [InlineData("9999-01-01T00:00:00Z", null)]
    [InlineData("0000-01-01T00:00:00Z", null)]
    [InlineData("2026-02-29T10:00:00Z", null)]
    [InlineData("2026-00-01T10:00:00Z", null)]
    [InlineData("2026-13-01T10:00:00Z", null)]
    [InlineData("2026-01-00T10:00:00Z", null)]
    [InlineData("2026-01-01T24:00:00Z", null)]
    [InlineData("2026-01-01T10:60:00Z", null)]
    [InlineData("2026-01-01T10:00:61Z", null)]
    [InlineData("2026-01-01T10:00:00", null)]
    [InlineData("2026-01-01T10:00:00.Z", null)]
    [InlineData("2026-01-01T10:00:00+1:00", null)]
    [InlineData("2026-01-01T10:00:00+24:00", null)]
    [InlineData("2026-01-01 10:00:00Z", null)]
    [InlineData("2026-01-01T10:00:00Zx", null)]
    [InlineData("+026-01-01T10:00:00Z", null)]
    public void Dates_are_read_strictly(string text, string? expected)
        => Assert.Equal(expected, InternetDate.TryRead(Encoding.ASCII.GetBytes(text), out DateTimeOffset time) ? time.ToString("O", CultureInfo.InvariantCulture) : null);

    private static string Login => $"AUTH PLAIN {Convert.ToBase64String("\0alice@example.test\0secret"u8)}\r\n";

    private static async Task<Envelope> EnvelopeOfAsync(string mail, params string[] recipients)
    {
        await using SmtpConversation conversation = new();
        string all = await conversation.PlayAsync(
            $"EHLO client\r\nMAIL FROM:<s@x.example> {mail}\r\n{string.Concat(recipients.Select(static to => $"RCPT TO:{to}\r\n"))}DATA\r\n.\r\nQUIT\r\n");
        Assert.DoesNotContain("\r\n5", all, StringComparison.Ordinal);
        return Assert.Single(conversation.Sink.Envelopes);
    }
}
