using FullStack.Smtp;
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

    private static async Task<Envelope> EnvelopeOfAsync(string mail, params string[] recipients)
    {
        await using SmtpConversation conversation = new();
        string all = await conversation.PlayAsync(
            $"EHLO client\r\nMAIL FROM:<s@x.example> {mail}\r\n{string.Concat(recipients.Select(static to => $"RCPT TO:{to}\r\n"))}DATA\r\n.\r\nQUIT\r\n");
        Assert.DoesNotContain("\r\n5", all, StringComparison.Ordinal);
        return Assert.Single(conversation.Sink.Envelopes);
    }
}
