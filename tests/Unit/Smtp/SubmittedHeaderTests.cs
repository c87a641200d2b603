using System.Text;
using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

/// <summary>What submission makes of a header, wherever it is cut. The account is me@x.test, which also owns also@x.test.</summary>
public sealed class SubmittedHeaderTests
{
    private const string Rest = "Date: D\r\nMessage-ID: M\r\n";

    [Theory]
    [InlineData("From: me@x.test\r\n" + Rest + "\r\nb\r\n", "From: me@x.test\r\n" + Rest + "\r\nb\r\n")]
    [InlineData("Sender: also@x.test\r\nFrom: you@x.test\r\n" + Rest + "\r\n", "From: you@x.test\r\n" + Rest + "Sender: also@x.test\r\n\r\n")]
    [InlineData("Sender:\r\n also@x.test\r\n\t(me)\r\nFrom: you@x.test\r\n" + Rest + "\r\n", "From: you@x.test\r\n" + Rest + "Sender:\r\n also@x.test\r\n\t(me)\r\n\r\n")]
    [InlineData("Sender: you@x.test\r\nFrom: you@x.test\r\n" + Rest + "\r\n", "From: you@x.test\r\n" + Rest + "Sender: F\r\n\r\n")]
    [InlineData("Sender: you@x.test\r\nFrom: me@x.test\r\n" + Rest + "\r\n", "From: me@x.test\r\n" + Rest + "\r\n")]
    [InlineData("From: me@x.test, also@x.test\r\n" + Rest + "\r\n", "From: me@x.test, also@x.test\r\n" + Rest + "Sender: F\r\n\r\n")]
    [InlineData("From: you@x.test\r\n" + Rest, "From: you@x.test\r\n" + Rest + "Sender: F\r\n")]
    [InlineData("From: you@x.test\r\n" + Rest + "no field\r\n", "From: you@x.test\r\n" + Rest + "Sender: F\r\n\r\nno field\r\n")]
    [InlineData("From: you@x.test\r\n" + Rest + "Bcc: a\r\nno field\r\n", "From: you@x.test\r\n" + Rest + "Sender: F\r\n\r\nno field\r\n")]
    [InlineData("From: you@x.test\r\n" + Rest + "Sender: me@x.test\r\n\r\nSender: b\r\n", "From: you@x.test\r\n" + Rest + "Sender: me@x.test\r\n\r\nSender: b\r\n")]
    [InlineData("Resent-From: me@x.test\r\nFrom: you@x.test\r\n" + Rest + "\r\n", "Resent-From: me@x.test\r\nFrom: you@x.test\r\n" + Rest + "\r\n")]
    [InlineData("", "Date: D\r\nFrom: F\r\nMessage-ID: M\r\n")]
    public void A_sender_is_named_where_from_names_somebody_else(string message, string expected)
        => Assert.All(Cuts(message), cut => Assert.Equal(expected, Run(message, cut, new() { ForeignFrom = ForeignFrom.AddSender })));

    [Theory]
    [InlineData("Bcc: a\r\nFrom: me@x.test\r\n" + Rest + "\r\nBcc: b\r\n", "From: me@x.test\r\n" + Rest + "\r\nBcc: b\r\n")]
    [InlineData("From: me@x.test\r\n" + Rest + "BCC : a,\r\n b\r\n\tc\r\n\r\n", "From: me@x.test\r\n" + Rest + "\r\n")]
    [InlineData("From: me@x.test\r\n" + Rest + "Bcc: a", "From: me@x.test\r\n" + Rest)]
    [InlineData("resent-bcc:\r\nBcc:\r\nFrom: me@x.test\r\nBcc-: a\r\n" + Rest + "bcc:x\r\nSubject: Bcc: y\r\n\r\n", "From: me@x.test\r\nBcc-: a\r\n" + Rest + "Subject: Bcc: y\r\n\r\n")]
    public void Blind_copies_are_left_out(string message, string expected)
        => Assert.All(Cuts(message), cut => Assert.Equal(expected, Run(message, cut, new())));

    [Fact]
    public void What_was_left_out_is_known_as_it_came()
    {
        SubmittedHeader header = new(new(), new("D", "F", "M"));
        HeaderPassing.Run("Bcc : a,\r\n b\r\nX: y\r\nResent-Bcc: c\r\n\r\nBcc: d\r\n", 3, header, Owns);
        Assert.Equal("Bcc: a,\r\n b\r\nResent-Bcc: c\r\n", Encoding.ASCII.GetString(header.Hidden.Span));
    }

    [Theory]
    [InlineData("From: you@x.test")]
    [InlineData("From: me@x.test, you@x.test")]
    [InlineData("From: me@x.test <you@x.test>")]
    [InlineData("From: \"me@x.test\" <you@x.test>")]
    [InlineData("From: me")]
    [InlineData("From: me@")]
    [InlineData("From: <>")]
    [InlineData("From:")]
    [InlineData("From: me@x.test\r\nSender: you@x.test")]
    [InlineData("Resent-From: you@x.test\r\nResent-From: me@x.test\r\nFrom: me@x.test")]
    [InlineData("From: me@x.test\r\nFrom: me@x.test")]
    [InlineData("From: \u00e9@x.test")] // no UTF-8
    public void Whose_from_is_somebody_else_s_is_refused(string fields)
    {
        string message = fields + "\r\n\r\n";
        Assert.All(Cuts(message), cut => Assert.StartsWith("550 5.", Run(message, cut, new()), StringComparison.Ordinal));
    }

    [Fact]
    public void A_from_too_long_to_be_read_is_nobody_s()
        => Assert.StartsWith("550 5.7.1", Run($"From: {new string(' ', 20_000)}me@x.test\r\n\r\n", 1000, new()), StringComparison.Ordinal);

    [Fact]
    public void Where_nobody_can_say_whose_it_is_the_message_may_come_again()
    {
        (string passed, _) = HeaderPassing.Run("From: me@x.test\r\n\r\n", 100, new(new(), new("D", "F", "M")), static _ => new(DeliveryStatus.LocalError));
        Assert.StartsWith("451 4.3.0", passed, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Cuts(string message) => Enumerable.Range(1, message.Length + 1);

    private static string Run(string message, int cut, SubmissionOptions options)
        => HeaderPassing.Run(message, cut, new(options, new("D", "F", "M")), Owns).Passed;

    private static ValueTask<DeliveryStatus> Owns(MailboxAddress address)
        => new(address is { LocalPart: "me" or "also", Domain: "x.test" } ? DeliveryStatus.Success : new(553, new(5, 7, 1), "no"));
}
