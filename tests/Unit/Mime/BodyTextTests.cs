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
        using StreamReader reader = new(
            BodyText.DecodeTransfer(new DribblingStream(Samples.Octets(latin1), 1), encoding), BodyText.EncodingFor(charset));
        Assert.Equal(expected, reader.ReadToEnd());
    }
}
