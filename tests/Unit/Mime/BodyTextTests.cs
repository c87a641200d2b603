using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class BodyTextTests
{
    [Theory]
    [InlineData("base64", "SGVsbG8=", "Hello")]
    [InlineData("BASE64", "SGVs\r\nbG8=\r\n", "Hello")]
    [InlineData("base64", "SGVsbG8", "Hello")]
    [InlineData("base64", "SG VsbG8=SGk=", "HelloHi")]
    [InlineData("base64", "S-G*V!s", "Hel")]
    [InlineData("base64", "====", "")]
    [InlineData("base64", "S", "")]
    [InlineData("quoted-printable", "a=3Db=3d", "a=b=")]
    [InlineData("quoted-printable", "soft=\r\nbreak=\nhere", "softbreakhere")]
    [InlineData("quoted-printable", "blank= \t\r\nline", "blankline")]
    [InlineData("quoted-printable", "a=ZZ=4G=", "a=ZZ=4G")]
    [InlineData("quoted-printable", "==41", "=A")]
    [InlineData("quoted-printable", "a=4", "a=4")]
    [InlineData("quoted-printable", "a= x", "a= x")]
    [InlineData("7bit", "a=3D", "a=3D")]
    [InlineData("x-unknown", "a=3D", "a=3D")]
    public async Task Transfer_encodings_are_undone_at_any_cut(string encoding, string encoded, string expected)
    {
        for (int piece = 1; piece <= encoded.Length; piece++)
        {
            using Stream stream = BodyText.DecodeTransfer(new DribblingStream(Samples.Octets(encoded), piece), encoding);
            using MemoryStream decoded = new();
            await stream.CopyToAsync(decoded, TestContext.Current.CancellationToken);
            Assert.Equal(expected, Encoding.Latin1.GetString(decoded.ToArray()));
        }
    }

    [Fact]
    public void Base64_of_all_lengths_comes_back()
    {
        byte[] octets = Enumerable.Range(0, 60_000).Select(i => (byte)(i * 7 + (i >> 8))).ToArray();
        foreach (int length in (int[])[0, 1, 2, 3, 1000, 16383, 60_000])
        {
            byte[] encoded = Encoding.ASCII.GetBytes(Convert.ToBase64String(octets, 0, length, Base64FormattingOptions.InsertLineBreaks));
            using Stream stream = BodyText.DecodeTransfer(new MemoryStream(encoded), "base64");
            using MemoryStream decoded = new();
            stream.CopyTo(decoded);
            Assert.Equal(octets[..length], decoded.ToArray());
        }
    }

    [Theory]
    [InlineData("utf-8", "7bit", "caf\u00c3\u00a9", "café")]
    [InlineData("iso-8859-1", "quoted-printable", "caf=E9", "café")]
    [InlineData("us-ascii", "8bit", "caf\u00e9 \u00c3\u00a9", "café é")]
    [InlineData(null, "8bit", "\u0093x\u0094", "“x”")]
    [InlineData("x-unknown", "8bit", "a", "a")]
    public void Text_is_read_in_its_charset(string? charset, string encoding, string latin1, string expected)
    {
        using TextReader reader = BodyText.DecodeText(new DribblingStream(Samples.Octets(latin1), 1), encoding, charset);
        Assert.Equal(expected, reader.ReadToEnd());
    }

    [Theory]
    [InlineData("WORLD", "hello world", true)]
    [InlineData("", "", true)]
    [InlineData("x", "", false)]
    [InlineData("ÉCOLE", "école", true)]
    [InlineData("e\u0301cole", "École", true)]
    [InlineData("ecole", "école", false)]
    [InlineData("ответ", "ОТВЕТ", true)]
    [InlineData("\u01C6", "\u01C4", true)]
    // RFC 5051 §2 (2): U+01C4 becomes D z caron, but z caron alone Z caron.
    [InlineData("\u01C4", "D\u017E", false)]
    [InlineData("𐐨", "𐐀", true)]
    [InlineData("ＡＢＣ", "abc", true)]
    [InlineData("ﬁ", "fi", false)]
    [InlineData("\uFFFE\uFFFF\uD83F\uDFFE", "\uFFFE\uFFFF\uD83F\uDFFE", true)]
    [InlineData("ａｂｃ", "ABC", true)]
    [InlineData("\u10D0", "\u10D0", true)]
    public async Task Needles_are_found_in_text_and_at_any_cut_of_a_stream(string needle, string text, bool expected)
    {
        SearchNeedle compiled = new(needle);
        Assert.Equal(expected, compiled.Matches(text));
        byte[] octets = Encoding.UTF8.GetBytes(text);
        for (int piece = 1; piece <= octets.Length + 1; piece++)
            Assert.Equal(expected, await compiled.MatchesAsync(new DribblingStream(octets, piece), Encoding.UTF8, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_needle_is_found_wherever_it_lies_in_a_long_body()
    {
        SearchNeedle needle = new("nädel🙂");
        foreach (int before in (int[])[0, 1, 1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024, 16_380, 50_000])
        {
            MimePart part = Samples.Parse("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n").Root;
            byte[] body = Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('n', before) + "NÄDEL🙂" + new string('n', 3000))));
            Assert.True(await TextSearch.MatchesBodyAsync(needle, part, new MemoryStream(body), TestContext.Current.CancellationToken));
            Assert.False(await TextSearch.MatchesBodyAsync(new SearchNeedle("nadel"), part, new MemoryStream(body), TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Gives a few octets at a time.</summary>
    private sealed class DribblingStream(byte[] octets, int piece) : MemoryStream(octets)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(piece, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(piece, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => ValueTask.FromResult(base.Read(buffer.Span[..Math.Min(piece, buffer.Length)]));
    }
}
