using System.Globalization;
using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class TextDecodingTests
{
    [Theory]
    [InlineData("plain", "plain")]
    // The examples of RFC 2047 §8
    [InlineData("(=?ISO-8859-1?Q?a?=)", "(a)")]
    [InlineData("=?ISO-8859-1?Q?a?= b", "a b")]
    [InlineData("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab")]
    [InlineData("=?ISO-8859-1?Q?a?=  \r\n =?ISO-8859-1?Q?b?=", "ab")]
    [InlineData("=?ISO-8859-1?Q?a_b?=", "a b")]
    [InlineData("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b")]
    [InlineData("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore")]
    [InlineData("=?utf-8?B?w6k=?=", "é")]
    [InlineData("=?utf-8?b?w6k?=", "é")]
    // A character split between two words, forbidden by §5 and frequent
    [InlineData("=?utf-8?Q?=C3?= =?UTF-8?Q?=A9?=", "é")]
    [InlineData("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本")]
    [InlineData("=?gb2312?q?=B4=F2=D4=EC?=", "打造")]
    [InlineData("=?koi8-r?B?79TXxdQ=?=", "Ответ")]
    [InlineData("=?unknown-x?Q?a?=", "=?unknown-x?Q?a?=")]
    [InlineData("=?utf-8?X?a?=", "=?utf-8?X?a?=")]
    [InlineData("=?utf-8?Q?open", "=?utf-8?Q?open")]
    [InlineData("=?", "=?")]
    [InlineData("=??=?utf-8?Q?=41?=", "=??A")]
    [InlineData("=?utf-8?Q?=4?=", "=4")]
    [InlineData("=?utf-8?Q?two words?=", "two words")]
    [InlineData("x=?utf-8?Q?y?=z", "xyz")]
    [InlineData("caf\u00c3\u00a9", "café")]
    [InlineData("caf\u00e9 \u0080", "café €")]
    public void Encoded_words_are_decoded(string latin1, string expected) => Assert.Equal(expected, EncodedWords.Decode(Samples.Octets(latin1)));

    [Theory]
    [InlineData("plain ascii", "plain ascii")]
    [InlineData("Re: café today", "Re: =?utf-8?B?Y2Fmw6k=?= today")]
    [InlineData("a =?b", "a =?utf-8?B?PT9i?=")]
    public void Text_is_encoded_where_it_needs_it(string text, string expected)
    {
        Assert.Equal(expected, EncodedWords.Encode(text));
        Assert.Equal(text, EncodedWords.Decode(Encoding.ASCII.GetBytes(expected)));
    }

    [Fact]
    public void Long_text_is_encoded_in_words_of_75_that_split_no_character()
    {
        string text = string.Concat(Enumerable.Repeat("日本語🙂", 30));
        string encoded = EncodedWords.Encode(text);
        Assert.All(encoded.Split(' '), word => Assert.True(word.Length <= 75));
        Assert.All(encoded.Split(' '), word => Assert.DoesNotContain('\uFFFD', EncodedWords.Decode(Encoding.ASCII.GetBytes(word))));
        Assert.Equal(text, EncodedWords.Decode(Encoding.ASCII.GetBytes(encoded)));
    }

    [Theory]
    [InlineData("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00")]
    [InlineData("21 Nov 97 09:55 -0600", "1997-11-21T09:55:00-06:00")]
    [InlineData("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", null)]
    [InlineData("Thu, 13\r\n Feb\r\n 1969 23:32 -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30")]
    [InlineData("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06+00:00")]
    [InlineData("Tue, 1 Jul 2003 10:52:37 EDT", "2003-07-01T10:52:37-04:00")]
    [InlineData("Sat Nov 21 21:41:00 2026", "2026-11-21T21:41:00+00:00")]
    [InlineData("Wed,29 May 2002 17:55:32 +0800", "2002-05-29T17:55:32+08:00")]
    [InlineData("21-Nov-2026 21:41:00 +0100", "2026-11-21T21:41:00+01:00")]
    [InlineData("2026-11-21T21:41:00Z", "2026-11-21T21:41:00+00:00")]
    [InlineData("2026-11-21 21:41:00.123+02:00", "2026-11-21T21:41:00+02:00")]
    [InlineData("1 January 2020 1:02:03 pm", "2020-01-01T13:02:03+00:00")]
    [InlineData("31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59+00:00")]
    [InlineData("1 Jan 102 00:00:00 +0000", "2002-01-01T00:00:00+00:00")]
    [InlineData("Sun, 28 Jul 0102 12:29:29 -0900", "2002-07-28T12:29:29-09:00")]
    [InlineData("1 Jan 0202 00:00:00", null)]
    [InlineData("Mon, 29 Jul 2002 12:52:55 -1900", "2002-07-30T07:52:55+00:00")]
    [InlineData("1 Jan 2020 00:00:00 GMT+0100", "2020-01-01T00:00:00+01:00")]
    [InlineData("1 Jan 2020 00:00:00 Q", "2020-01-01T00:00:00+00:00")]
    [InlineData("30 Feb 2020 00:00:00 +0000", null)]
    [InlineData("1 Jan 2020", null)]
    [InlineData("1 Jan 2020 25:00:00", null)]
    [InlineData("", null)]
    [InlineData("(((", null)]
    public void Dates_are_read(string text, string? expected)
    {
        bool read = MessageDate.TryParse(Samples.Octets(text), out DateTimeOffset date);
        Assert.Equal(expected is not null, read);
        if (expected is not null)
            Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture).ToString("O"), date.ToString("O"));
    }

    [Fact]
    public void A_date_is_known_as_it_was_written()
    {
        Assert.True(MessageDate.TryParseWritten("Wed, 21 Aug 2002 20:31:57 -1600"u8, out DateTime written));
        Assert.Equal(new DateTime(2002, 8, 21, 20, 31, 57), written);
        Assert.False(MessageDate.TryParseWritten("Wed, 32 Aug 2002 20:31:57 -1600"u8, out _));
    }

    [Theory]
    [InlineData("2026-11-21T21:41:00+00:00", "Sat, 21 Nov 2026 21:41:00 +0000")]
    [InlineData("2026-01-02T03:04:05-03:30", "Fri, 2 Jan 2026 03:04:05 -0330")]
    public void Dates_are_written(string date, string expected)
    {
        DateTimeOffset value = DateTimeOffset.Parse(date, CultureInfo.InvariantCulture);
        Assert.Equal(expected, MessageDate.Format(value));
        Assert.True(MessageDate.TryParse(Encoding.ASCII.GetBytes(expected), out DateTimeOffset read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("UTF8")]
    [InlineData("us-ascii")]
    [InlineData("ISO-8859-1")]
    [InlineData("\"iso-8859-15\"")]
    [InlineData("koi8-r")]
    [InlineData("big5")]
    [InlineData("gbk")]
    [InlineData("euc-kr")]
    [InlineData("shift_jis")]
    [InlineData("iso-2022-jp")]
    [InlineData("windows-1258")]
    [InlineData("tis-620")]
    public void Charsets_of_mail_are_known(string name) => Assert.NotNull(Charsets.Find(Samples.Octets(name)));

    [Theory]
    [InlineData("")]
    [InlineData("utf-7")]
    [InlineData("x-unknown")]
    [InlineData("caf\u00e9")]
    [InlineData("a\0b")]
    public void Other_charsets_are_not(string name) => Assert.Null(Charsets.Find(Samples.Octets(name)));

    [Fact]
    public void Fields_are_written_folded_and_without_line_ends_inside()
    {
        string field = HeaderWriter.Text("Subject", string.Concat(Enumerable.Repeat("word ", 40)) + "\r\nBcc: x@y");
        Assert.EndsWith("\r\n", field);
        Assert.All(field[..^2].Split("\r\n"), line => Assert.True(line.Length <= 78));
        HeaderField read = Assert.Single(HeaderBlock.Parse(Encoding.ASCII.GetBytes(field)).Fields);
        Assert.Equal("Subject", read.Name);
        Assert.Contains("Bcc: x@y", read.Text);
    }

    [Fact]
    public void Message_ids_differ()
    {
        DateTimeOffset now = new(2026, 11, 21, 21, 41, 0, TimeSpan.Zero);
        string first = HeaderWriter.MessageId(now, "example.test");
        Assert.Matches(@"^Message-ID: <20261121214100\.[0-9a-f]{20}@example\.test>\r\n$", first);
        Assert.NotEqual(first, HeaderWriter.MessageId(now, "example.test"));
    }
}
