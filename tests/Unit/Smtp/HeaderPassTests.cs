using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

public sealed class HeaderPassTests
{
    private const string All = "Date: D\r\nFrom: F\r\nMessage-ID: M\r\n";

    private static readonly HeaderCompletion s_completion = new("D", "F", "M");

    [Theory]
    [InlineData("Subject: x\r\n\r\nbody\r\n", "Subject: x\r\n" + All + "\r\nbody\r\n")]
    [InlineData("subject: x\r\n folded: y\r\n\r\nDate: no\r\n", "subject: x\r\n folded: y\r\n" + All + "\r\nDate: no\r\n")]
    [InlineData("DATE: x\r\n\r\n", "DATE: x\r\nFrom: F\r\nMessage-ID: M\r\n\r\n")]
    [InlineData("From : x\r\nmessage-id\t: y\r\n\r\n", "From : x\r\nmessage-id\t: y\r\nDate: D\r\n\r\n")]
    [InlineData("Date: 1\r\nFrom: 2\r\nMessage-Id: 3\r\n\r\nb\r\n", "Date: 1\r\nFrom: 2\r\nMessage-Id: 3\r\n\r\nb\r\n")]
    [InlineData("X: 1\r\n\tDate: 2\r\n\r\n", "X: 1\r\n\tDate: 2\r\n" + All + "\r\n")]
    [InlineData("", All)]
    [InlineData("\r\nbody\r\n", All + "\r\nbody\r\n")]
    [InlineData("X: 1\r\n", "X: 1\r\n" + All)]
    [InlineData("no header here\r\n", All + "\r\nno header here\r\n")]
    [InlineData(" leading space\r\n", All + "\r\n leading space\r\n")]
    [InlineData("X: 1\r\nno field\r\nDate: 2\r\n", "X: 1\r\n" + All + "\r\nno field\r\nDate: 2\r\n")]
    [InlineData("From me Mon Mar 2\r\nX: 1\r\n\r\n", "From me Mon Mar 2\r\nX: 1\r\n" + All + "\r\n")]
    [InlineData("Date: 1\r\nFrom: 2\r\nMessage-Id: 3\r\nno field\r\n", "Date: 1\r\nFrom: 2\r\nMessage-Id: 3\r\nno field\r\n")]
    public void Missing_fields_are_added_at_the_end_of_the_header(string message, string expected)
    {
        for (int cut = 1; cut <= message.Length + 1; cut++)
            Assert.Equal(expected, Run(message, cut, s_completion, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    [InlineData("no header\r\n")]
    [InlineData("X: 1\r\nno field\r\n: x\r\n")]
    [InlineData("X\r\n")]
    [InlineData("\r\r\n")]
    [InlineData("a b: c\r\n\r\nbody")]
    [InlineData("X: \u00e9\r\n\u00e9: y\r\n\r\n\r\n")]
    public void Without_completion_everything_passes_as_it_came(string message)
    {
        for (int cut = 1; cut <= message.Length + 1; cut++)
            Assert.Equal(message, Run(message, cut, completion: null, out _));
    }

    [Fact]
    public void A_name_without_end_is_no_field_and_is_not_gathered()
    {
        string message = new string('n', 5000) + ": x\r\n\r\n";
        Assert.Equal(All + "\r\n" + message, Run(message, 100, s_completion, out _));
        Assert.Equal(message, Run(message, 1, completion: null, out _));
    }

    [Fact]
    public void Received_fields_are_counted_in_the_header_only()
    {
        Run("Received: a\r\n\tb\r\nX-Received: no\r\nRECEIVED : c\r\n Received: no\r\n\r\nReceived: no\r\n", 4, completion: null, out int received);
        Assert.Equal(2, received);
    }

    private static string Run(string message, int cut, HeaderCompletion? completion, out int received)
    {
        SubmittedHeader? submitted = completion is null ? null : new(new() { ForeignFrom = ForeignFrom.Allow }, completion);
        (string passed, HeaderPass pass) = HeaderPassing.Run(message, cut, submitted, static _ => new(DeliveryStatus.Success));
        received = pass.ReceivedFields;
        return passed;
    }
}
