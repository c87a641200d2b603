using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

/// <summary>Whether all headers of a message are ASCII is told without parsing more than it takes; the parser says the same.</summary>
public sealed class AsciiHeadersTests
{
    [Theory]
    [InlineData("Subject: x\n\nplain\n", true)]
    [InlineData("Subject: x\n\nk\u00f6rper\n--b\nX: \u00e4\n\n", true)]
    [InlineData("Subject: \u00fc\n\nplain\n", false)]
    [InlineData("Subject: \u00fc", false)]
    [InlineData("\n\u00fc", true)]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n\u00fc\n--b\nX-Note: \u00e4\n\ntext\n--b--\n", false)]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n\u00fc\n--b\nX-Note: a\n\n\u00fc\n--b--\nX: \u00fc\n\n", true)]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\u00fc\n--b\nX-Note: \u00e4", false)]
    [InlineData("Content-Type: multipart/mixed\n\n--b\nX-Note: \u00e4\n\ntext\n--b--\n", true)]
    [InlineData("Content-Type: message/rfc822\n\nSubject: \u00fc\n\nplain\n", false)]
    [InlineData("Content-Type: message/rfc822\n\nSubject: x\n\nk\u00f6rper\n", true)]
    [InlineData("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nSubject: \u00fc\n\nplain\n", true)]
    [InlineData("Content-Type: text/plain; charset=utf-8\n\nk\u00f6rper\n", true)]
    [InlineData("content-type :\ttext/html\n\nk\u00f6rper\n", true)]
    [InlineData("Content-Type:\n multipart/mixed; boundary=b\n\n--b\nX: \u00fc\n\n", false)]
    [InlineData("CONTENT-TYPE: MULTIPART/mixed; boundary=b\n\n--b\nX: \u00fc\n\n", false)]
    [InlineData("Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n--b\nX: \u00fc\n\n", true)]
    [InlineData("Content-Type: text/plain;\n name=\u00fc\n\nplain\n", false)]
    public void Only_octets_of_headers_count(string mail, bool areAscii)
    {
        foreach (string form in (string[])[mail, mail.Replace("\n", "\r\n", StringComparison.Ordinal)])
        {
            byte[] octets = Encoding.UTF8.GetBytes(form);
            MessageParser parser = new();
            parser.Push(octets);
            parser.Complete();
            Assert.Equal(areAscii, !parser.HasEightBitHeader);
            Assert.Equal(areAscii, MessageParser.HasAsciiHeaders(octets));
        }
    }

    /// <summary>Of pieces put together in any order, always the same ones.</summary>
    [Fact]
    public void Whatever_a_message_is_made_of_the_parser_says_the_same()
    {
        string[] pieces = ["Subject: x\n", "X: \u00e4\n", "\n", "\r\n", "\r", "--b\n", "--b--\n", "--b", "\u00fc\n", "text\n", " folded\n", "Content-Type: multipart/mixed; boundary=b\n", "Content-Type: text/plain\n",
            "content-type: message/rfc822\n", "Content-Type:\n", " multipart/digest; boundary=\"b\"\n", "Content-Type", ": text/html\n", "Content-Types: text/plain\n"];
        Random random = new(1854);
        int ascii = 0;
        for (int n = 0; n < 20_000; n++)
        {
            byte[] octets = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(10)).Select(_ => pieces[random.Next(pieces.Length)])));
            MessageParser parser = new();
            parser.Push(octets);
            parser.Complete();
            Assert.True(parser.HasEightBitHeader != MessageParser.HasAsciiHeaders(octets), Encoding.UTF8.GetString(octets));
            ascii += parser.HasEightBitHeader ? 0 : 1;
        }

        Assert.InRange(ascii, 1000, 19_000);
    }

    [Fact]
    public void A_message_cut_anywhere_is_told_as_the_parser_tells_it()
    {
        byte[] whole = Encoding.UTF8.GetBytes(
            "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n\u00fc\n--b\nContent-Type: message/rfc822\n\nX: y\n\n\u00e4\n--b\n\n\u00e4\n--b\nX: \u00e4\n\n\u00e4\n--b--\n\u00e4");
        for (int length = 0; length <= whole.Length; length++)
        {
            MessageParser parser = new();
            parser.Push(whole.AsSpan(0, length));
            parser.Complete();
            Assert.Equal(!parser.HasEightBitHeader, MessageParser.HasAsciiHeaders(whole.AsSpan(0, length)));
        }
    }
}
