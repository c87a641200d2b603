using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Mime;

namespace FullStack.Unit.Imap.Fetch;

public sealed class SectionLocatorTests
{
    /// <summary>The example of RFC 3501 §6.4.5, in short: parts 1, 2, 3 (a message with 3.1, 3.2) and 4 with 4.1 and 4.2 (a message).</summary>
    private const string Complex = """
        Subject: outer
        Content-Type: multipart/mixed; boundary=a

        --a

        one
        --a
        Content-Type: application/octet-stream

        two
        --a
        Content-Type: message/rfc822

        Subject: three
        Content-Type: multipart/mixed; boundary=b

        --b

        three-one
        --b
        Content-Type: application/octet-stream

        three-two
        --b--
        --a
        Content-Type: multipart/mixed; boundary=c

        --c
        Content-Type: image/gif

        four-one
        --c
        Content-Type: message/rfc822

        Subject: four-two

        four-two-one
        --c--
        --a--

        """;

    [Theory]
    [InlineData("HEADER", "Subject: outer\nContent-Type: multipart/mixed; boundary=a\n\n")]
    [InlineData("1", "one")]
    [InlineData("1.MIME", "\n")]
    [InlineData("2", "two")]
    [InlineData("2.MIME", "Content-Type: application/octet-stream\n\n")]
    [InlineData("3.MIME", "Content-Type: message/rfc822\n\n")]
    [InlineData("3.HEADER", "Subject: three\nContent-Type: multipart/mixed; boundary=b\n\n")]
    [InlineData("3.1", "three-one")]
    [InlineData("3.2", "three-two")]
    [InlineData("3.2.MIME", "Content-Type: application/octet-stream\n\n")]
    [InlineData("4.1", "four-one")]
    [InlineData("4.1.MIME", "Content-Type: image/gif\n\n")]
    [InlineData("4.2", "Subject: four-two\n\nfour-two-one")]
    [InlineData("4.2.HEADER", "Subject: four-two\n\n")]
    [InlineData("4.2.TEXT", "four-two-one")]
    [InlineData("4.2.1", "four-two-one")]
    [InlineData("4.2.1.MIME", "Subject: four-two\n\n")]
    [InlineData("5", null)]
    [InlineData("1.1", null)]
    [InlineData("1.HEADER", null)]
    [InlineData("4.HEADER", null)]
    [InlineData("4.TEXT", null)]
    [InlineData("4.2.2", null)]
    [InlineData("4.2.1.1", null)]
    [InlineData("4294967295", null)]
    public void Part_numbers_name_parts(string section, string? expected) => Assert.Equal(expected, Located(Complex, section));

    [Theory]
    [InlineData("", "Subject: x\n\nbody\n")]
    [InlineData("TEXT", "body\n")]
    [InlineData("1", "body\n")]
    [InlineData("1.MIME", "Subject: x\n\n")]
    [InlineData("1.HEADER", null)]
    [InlineData("1.1", null)]
    [InlineData("2", null)]
    public void A_message_of_one_part_has_part_1(string section, string? expected)
        => Assert.Equal(expected, Located("Subject: x\n\nbody\n", section));

    [Theory]
    [InlineData("1", "Subject: inner\n\nbody\n")]
    [InlineData("1.HEADER", "Subject: inner\n\n")]
    [InlineData("1.1", "body\n")]
    [InlineData("1.2", null)]
    [InlineData("HEADER", "Content-Type: message/rfc822\n\n")]
    public void A_message_that_is_a_message_has_the_parts_of_the_one_inside(string section, string? expected)
        => Assert.Equal(expected, Located("Content-Type: message/rfc822\n\nSubject: inner\n\nbody\n", section));

    [Fact]
    public void Wire_octets_count_every_line_end_as_two()
    {
        MimeMessage message = Parse("Subject: x\n\none\ntwo\n");
        Assert.Equal(new SectionSpan(12, 8, 10), SectionLocator.Find(message, BodySection.MessageText));
        Assert.Equal(new SectionSpan(0, 12, 14), SectionLocator.Find(message, BodySection.MessageHeader));
        Assert.Equal(new SectionSpan(0, 20, 24), SectionLocator.Find(message, BodySection.WholeMessage));
    }

    private static string? Located(string message, string section)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes($"BODY.PEEK[{section}]"));
        Assert.True(reader.TryReadFetchRequest(out FetchRequest? request));
        SectionSpan? span = SectionLocator.Find(Parse(message), ((SectionItem)request.Items[0]).Section);
        return span is { } found ? message.Substring((int)found.StoredOffset, (int)found.StoredOctets) : null;
    }

    private static MimeMessage Parse(string message)
    {
        MessageParser parser = new();
        parser.Push(Encoding.ASCII.GetBytes(message));
        return parser.Complete();
    }
}
