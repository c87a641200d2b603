using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

/// <summary>What the reader spares the charset's decoder must not change the text.</summary>
public sealed class BodyTextReaderTests
{
    [Theory]
    [InlineData("utf-8")]
    [InlineData("us-ascii")]
    [InlineData("iso-8859-1")]
    [InlineData("koi8-r")]
    [InlineData("gb2312")]
    [InlineData("shift_jis")]
    [InlineData("euc-kr")]
    [InlineData("iso-2022-jp")]
    [InlineData("utf-16")]
    [InlineData("ibm037")]
    public void Text_is_that_of_the_charset_however_it_comes(string charset)
        => Prop.ForAll<byte[], PositiveInt, PositiveInt>((sample, piece, length) =>
        {
            Encoding encoding = BodyText.EncodingFor(charset);
            byte[] octets = Mixed(sample, length.Get * 50);
            Decoder decoder = encoding.GetDecoder();
            char[] expected = new char[decoder.GetCharCount(octets, flush: true)];
            decoder.GetChars(octets, expected, flush: true);
            return expected.AsSpan().SequenceEqual(Read(octets, encoding, piece.Get));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("grüße, naïve café “quoted” — dash", "utf-8")]
    [InlineData("Съешь ещё этих мягких французских булок, да выпей чаю", "koi8-r")]
    [InlineData("日本語のテキスト and some English", "shift_jis")]
    [InlineData("日本語のテキスト and some English", "iso-2022-jp")]
    public void Characters_cut_anywhere_come_out_whole(string sentence, string charset)
    {
        Encoding encoding = BodyText.EncodingFor(charset);
        string text = string.Concat(Enumerable.Repeat(sentence + " plain ASCII\r\n", 200));
        byte[] octets = encoding.GetBytes(text);
        foreach (int piece in (int[])[1, 2, 3, 7, 255, 256, 257, 1000, 100_000])
            Assert.Equal(text, new string(Read(octets, encoding, piece)));
    }

    /// <summary>Runs of ASCII between what was drawn, so that both ways are taken many times.</summary>
    private static byte[] Mixed(byte[] sample, int length)
    {
        List<byte> octets = [];
        for (int i = 0; octets.Count < length; i++)
        {
            octets.AddRange(sample);
            octets.AddRange(Enumerable.Repeat((byte)('a' + (i % 26)), i * 37 % 300));
            octets.Add((byte)' ');
        }

        return [.. octets];
    }

    private static ReadOnlySpan<char> Read(byte[] octets, Encoding encoding, int piece)
    {
        using BodyTextReader reader = new(new DribblingStream(octets, piece), encoding);
        List<char> text = [];
        char[] room = new char[BodyTextReader.LeastUnits + piece % 500];
        while (reader.Read(room) is var units and > 0)
            text.AddRange(room[..units]);
        return text.ToArray();
    }
}
