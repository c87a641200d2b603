using FullStack.Net;

namespace FullStack.Unit.Net;

public sealed class LoggableTests
{
    [Fact]
    public void Every_octet_becomes_printable_and_lines_cannot_be_forged()
    {
        for (int octet = 0; octet <= 255; octet++)
        {
            string text = Loggable.From([(byte)octet]).ToString();
            Assert.All(text, static c => Assert.InRange(c, ' ', '~'));
            Assert.Equal(octet is >= 0x20 and < 0x7F && octet != '\\' ? 1 : octet == '\\' ? 2 : 4, text.Length);
        }
    }

    [Fact]
    public void Text_is_cut_at_200_characters()
        => Assert.Equal(201, Loggable.From(new string('x', 100_000)).ToString().Length);

    [Theory]
    [InlineData("a\r\nb", "a\\x0d\\x0ab")]
    [InlineData("ü", "ü")]
    [InlineData("\u2028", "\\u2028")]
    [InlineData(null, "")]
    public void Decoded_text_keeps_its_letters(string? text, string expected) => Assert.Equal(expected, Loggable.From(text).ToString());
}
