using System.Text;
using FullStack.Mime;
using FsCheck;
using FsCheck.Fluent;

namespace FullStack.Unit.Mime;

public sealed class TranscodingStreamTests
{
    /// <summary>Every charset that the framework knows by a name, and that can stand in mail.</summary>
    public static TheoryData<string> AllCharsets
        => [.. CodePagesEncodingProvider.Instance.GetEncodings().Concat(Encoding.GetEncodings()).Select(static info => info.Name).Where(static name => Charsets.Find(name) is not null).Distinct().Order()];

    [Theory]
    [MemberData(nameof(AllCharsets))]
    public async Task Texts_of_every_charset_become_utf8_and_the_same_again(string charset)
    {
        Encoding encoding = Charsets.Find(charset)!;
        string text = WhatItCanSay(encoding);
        byte[] octets = encoding.GetBytes(text);
        Assert.Equal(text, Encoding.UTF8.GetString(await ReadAsync(new TranscodingStream(new MemoryStream(octets), encoding, Encoding.UTF8))));
        if (Charsets.FindTarget(charset, EncoderFallback.ExceptionFallback) is { } target)
            Assert.Equal(encoding.GetString(target.GetBytes("plain words\r\n")), encoding.GetString(await ReadAsync(new TranscodingStream(new MemoryStream("plain words\r\n"u8.ToArray()), Encoding.UTF8, target))));
    }

    [Theory]
    [InlineData("iso-8859-1", 28591)]
    [InlineData("latin1", 28591)]
    [InlineData("us-ascii", 20127)]
    [InlineData("iso-8859-9", 28599)]
    [InlineData("windows-1252", 1252)]
    [InlineData("cp1252", 1252)]
    [InlineData("utf8", 65001)]
    [InlineData("iso-2022-jp", 50220)]
    public void Charsets_to_write_in_are_exact(string name, int codePage) => Assert.Equal(codePage, Charsets.FindTarget(name, EncoderFallback.ExceptionFallback)?.CodePage);

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-32")]
    [InlineData("ibm037")]
    [InlineData("utf-7")]
    [InlineData("klingon")]
    [InlineData("")]
    public void Charsets_in_which_lines_do_not_end_are_not_written(string name) => Assert.Null(Charsets.FindTarget(name, EncoderFallback.ExceptionFallback));

    [Fact]
    public void What_cannot_be_written_is_an_exception_or_the_replacement()
    {
        byte[] text = Encoding.UTF8.GetBytes("Price: 10 €\r\n");
        Encoding strict = Charsets.FindTarget("iso-8859-1", EncoderFallback.ExceptionFallback)!, lenient = Charsets.FindTarget("iso-8859-1", new EncoderReplacementFallback("EUR"))!;
        Assert.Throws<EncoderFallbackException>(() => Read(new TranscodingStream(new MemoryStream(text), Encoding.UTF8, strict)));
        Assert.Equal("Price: 10 EUR\r\n", Encoding.Latin1.GetString(Read(new TranscodingStream(new MemoryStream(text), Encoding.UTF8, lenient))));
    }

    [Fact]
    public void Any_octets_are_converted_as_if_at_once()
        => Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(static octet => (byte)octet)).ToArbitrary(), static octets =>
            Read(new TranscodingStream(new MemoryStream(octets), Charsets.Unlabelled, Encoding.UTF8)).SequenceEqual(Encoding.UTF8.GetBytes(Charsets.Unlabelled.GetString(octets)))).QuickCheckThrowOnFailure();

    private static string WhatItCanSay(Encoding encoding)
    {
        string wanted = string.Concat(Enumerable.Repeat("Plain words, żółć Grüße Привет ελληνικά 日本語 한국어 中文 العربية שלום ไทย\r\n", 400));
        StringBuilder said = new();
        foreach (Rune rune in wanted.EnumerateRunes())
        {
            string character = rune.ToString();
            if (encoding.GetString(encoding.GetBytes(character)) == character)
                said.Append(character);
        }

        return encoding.GetString(encoding.GetBytes(said.ToString()));
    }

    private static byte[] Read(Stream stream)
    {
        using (stream)
        using (MemoryStream all = new())
        {
            stream.CopyTo(all, 7);
            return all.ToArray();
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        await using (stream)
        using (MemoryStream all = new())
        {
            await stream.CopyToAsync(all, 100, TestContext.Current.CancellationToken);
            return all.ToArray();
        }
    }
}
