using System.Text;
using FullStack.Mime;
using FsCheck;
using FsCheck.Fluent;

namespace FullStack.Unit.Mime;

public sealed class HeaderTranscoderTests
{
    [Theory]
    [InlineData("Subject: plain", "Subject: plain")]
    [InlineData("Subject: =?iso-8859-1?Q?Gr=FC=DFe?= an =?iso-8859-2?B?o/NkvA==?=", "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= an =?utf-8?B?xYHDs2TFug==?=")]
    [InlineData("Subject: =?iso-8859-1?Q?a?= =?iso-8859-1?Q?b_?=|\t=?utf-8?Q?c?= d", "Subject: =?utf-8?Q?ab_c?= d")]
    [InlineData("Subject: =?klingon?Q?x?= =?us-ascii?X?x?= =?x", "Subject: =?klingon?Q?x?= =?us-ascii?X?x?= =?x")]
    [InlineData("From: (=?koi8-r?B?8NLJ18XU?=) <a@b>", "From: (=?utf-8?B?0J/RgNC40LLQtdGC?=) <a@b>")]
    [InlineData("no field at all", "no field at all")]
    [InlineData("Content-Type: text/plain; charset=utf-8;| foo*0*=utf-8'fr'tr%c3;| foo*1*(very)=%a9s_m%c3;| foo*2*=(nasty)%a9chant", "Content-Type: text/plain;| charset=\"utf-8\";| foo*=utf-8'fr'tr%C3%A9s_m%C3%A9chant")]
    [InlineData("Content-Disposition: attachment; filename=\"a*\\\"b\"", "Content-Disposition: attachment; filename=\"a*\\\"b\"")]
    [InlineData("Content-Disposition: attachment; filename*=klingon''%01", "Content-Disposition: attachment;| filename*=klingon''%01")]
    public void Headers_are_converted(string header, string converted)
        => Assert.Equal(OnLines(converted), Transcode(OnLines(header), "utf-8"));

    [Fact]
    public void Long_texts_become_several_words_and_lines()
    {
        string text = string.Concat(Enumerable.Repeat("Привет, мир! ", 20));
        string header = $"Subject: {EncodedWords.Encode(text)}\r\nX: y\r\n\r\n";
        string converted = Transcode(header, "koi8-r");
        Assert.All(converted.Split("\r\n"), static line => Assert.InRange(line.Length, 0, 76));
        Assert.Equal(text.Trim(), HeaderBlock.Parse(Encoding.ASCII.GetBytes(converted)).Find("Subject")!.Text.Trim());
        Assert.EndsWith("\r\nX: y\r\n\r\n", converted, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_word_of_a_charset_with_shifts_stands_for_itself()
    {
        string text = string.Concat(Enumerable.Repeat("日本語", 30));
        string converted = Transcode($"Subject: {EncodedWords.Encode(text)}\r\n\r\n", "iso-2022-jp");
        Assert.Contains("=?iso-2022-jp?B?GyRC", converted, StringComparison.Ordinal);
        Assert.Equal(text, HeaderBlock.Parse(Encoding.ASCII.GetBytes(converted)).Find("Subject")!.Text);
    }

    [Fact]
    public void Long_parameters_become_several_pieces()
    {
        string name = string.Concat(Enumerable.Repeat("Grüße ", 30));
        string header = $"Content-Disposition: attachment; filename*=utf-8''{Uri.EscapeDataString(name)}\r\n\r\n";
        string converted = Transcode(header, "iso-8859-1");
        Assert.All(converted.Split("\r\n"), static line => Assert.InRange(line.Length, 0, 78));
        MessageParser parser = new();
        parser.Push(Encoding.ASCII.GetBytes(converted));
        Assert.Equal(name, parser.Complete().Root.Disposition!.FindParameter("filename"));
    }

    [Fact]
    public void Characters_that_the_charset_lacks_are_an_exception()
        => Assert.Throws<EncoderFallbackException>(() => Transcode("Subject: =?koi8-r?B?8NLJ18XU?=\r\n\r\n", "us-ascii"));

    [Fact]
    public void Any_header_is_converted()
        => Prop.ForAll(
            Gen.ArrayOf(Gen.Elements("=?utf-8?Q?", "=?iso-8859-1*de?b?", "?=", "=FC", "Content-Type: ", "a*0*=x''%f", ";", "\r\n", " ", "\"", "(", "\u00fc", "Subject: ", "*", "'")).ToArbitrary(),
            static pieces => Transcode(string.Concat(pieces), "utf-8").Length >= 0).QuickCheckThrowOnFailure();

    private static string OnLines(string text) => text.Replace("|", "\r\n", StringComparison.Ordinal) + "\r\n\r\n";

    private static string Transcode(string header, string charset)
        => Encoding.Latin1.GetString(HeaderTranscoder.Transcode(Encoding.Latin1.GetBytes(header), Charsets.FindTarget(charset, EncoderFallback.ExceptionFallback)!, charset));
}
