using System.Net;
using System.Reflection;
using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

public sealed class SmtpReplyTests
{
    private static readonly QueueId s_id = new(1);
    private static readonly DeliveryStatus s_full = new(552, new(5, 2, 2), "The mailbox is full");

    [Fact]
    public void Every_reply_of_the_catalogue_has_an_enhanced_code_of_its_class()
    {
        List<SmtpReply> replies = [.. typeof(SmtpReply).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Select(static property => property.GetValue(null)).OfType<SmtpReply>()];
        Assert.True(replies.Count > 40);
        foreach (SmtpReply reply in replies)
        {
            string text = reply.ToString();
            Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', text[..^2]);
            Assert.InRange(text.Length, 6, 512); // RFC 5321 §4.5.3.1.5
            if (reply.Code / 100 == 3)
                Assert.Null(reply.Status);
            else
                Assert.Equal(reply.Code / 100, reply.Status!.Value.Class);
            Assert.Equal(reply.Code == 421 || reply.Code == 221 || text.Contains("closing", StringComparison.Ordinal), reply.After == AfterReply.Close);
        }
    }

    [Fact]
    public void Each_line_of_a_long_reply_has_the_codes()
        => Assert.Equal("214-2.0.0 a\r\n214 2.0.0 b\r\n", SmtpReply.Help(["a", "b"]).ToString());

    [Fact]
    public void A_refused_connection_hears_why_without_enhanced_code()
        => Assert.Equal("421 mail.example.test too many connections\r\n", SmtpReply.ConnectionRefused("mail.example.test", "too many connections").ToString());

    [Fact]
    public void All_delivered_is_250_with_the_queue_id()
        => Assert.Equal($"250 2.0.0 Ok: queued as {s_id}\r\n", CommitOutcome.ReplyTo(s_id, [DeliveryStatus.Success, DeliveryStatus.Success]).ToString());

    [Fact]
    public void None_delivered_is_the_failure()
        => Assert.Equal("552 5.2.2 The mailbox is full\r\n", CommitOutcome.ReplyTo(s_id, [s_full]).ToString());

    [Fact]
    public void A_failure_that_may_pass_comes_before_one_that_will_not()
        => Assert.Equal(451, CommitOutcome.ReplyTo(s_id, [s_full, DeliveryStatus.LocalError]).Code);

    [Fact]
    public void A_recipient_that_fails_among_others_is_told_to_the_sender()
        => Assert.Equal(
            "552 5.2.2 The mailbox is full (2 of 3 recipients have the message)\r\n",
            CommitOutcome.ReplyTo(s_id, [DeliveryStatus.Success, s_full, DeliveryStatus.Success]).ToString());

    [Theory]
    [InlineData("192.0.2.1", "[192.0.2.1]")]
    [InlineData("::ffff:192.0.2.1", "[192.0.2.1]")]
    [InlineData("2001:db8::1", "[IPv6:2001:db8::1]")]
    [InlineData("fe80::1%3", "[IPv6:fe80::1]")]
    public void Addresses_are_written_as_literals(string address, string expected)
        => Assert.Equal(expected, TraceField.Literal(IPAddress.Parse(address)));

    [Fact]
    public void Dates_are_written_as_in_headers()
        => Assert.Equal("Mon, 2 Mar 2026 09:05:07 +0000", TraceField.Date(new(2026, 3, 2, 10, 5, 7, TimeSpan.FromHours(1))));

    [Fact]
    public void Errors_are_counted_up_to_the_limit_and_recipients_apart()
    {
        ErrorBudget budget = new(new SmtpOptions { MaxErrors = 2, MaxRefusedRecipients = 3 });
        Assert.Same(SmtpReply.UnknownCommand, budget.Count(SmtpReply.UnknownCommand, toRecipient: false));
        Assert.Same(SmtpReply.UnknownParameter, budget.Count(SmtpReply.UnknownParameter, toRecipient: true));
        Assert.Same(SmtpReply.UnknownParameter, budget.Count(SmtpReply.UnknownParameter, toRecipient: true));
        Assert.Same(SmtpReply.Ok, budget.Count(SmtpReply.Ok, toRecipient: false));
        Assert.Same(SmtpReply.TooManyErrors, budget.Count(SmtpReply.UnknownParameter, toRecipient: true));
        Assert.Same(SmtpReply.TooManyErrors, budget.Count(SmtpReply.UnknownCommand, toRecipient: false));
        budget.Reset();
        Assert.Same(SmtpReply.UnknownCommand, budget.Count(SmtpReply.UnknownCommand, toRecipient: false));
    }
}
