using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Grammar;

namespace FullStack.Unit.Imap.Grammar;

public sealed class ModifiedUtf7Tests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("INBOX", "INBOX")]
    [InlineData("Tom & Jerry", "Tom &- Jerry")]
    [InlineData("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-")]
    [InlineData("Entwürfe", "Entw&APw-rfe")]
    [InlineData("📧", "&2D3c5w-")]
    [InlineData("&", "&-")]
    [InlineData("-&-", "-&--")]
    [InlineData("ü-ü", "&APw--&APw-")]
    [InlineData("\u0001", "&AAE-")]
    public void Known_pairs(string text, string encoded)
    {
        Assert.Equal(encoded, ModifiedUtf7.Encode(text));
        Assert.True(ModifiedUtf7.TryDecode(Encoding.ASCII.GetBytes(encoded), out string? decoded));
        Assert.Equal(text, decoded);
    }

    [Theory]
    [InlineData("&")]
    [InlineData("&APw")]
    [InlineData("a&b")]
    [InlineData("&AGE-")] // ASCII in base64
    [InlineData("&Jjo!-")] // RFC 3501 §5.1.3's own example of what is not permitted
    [InlineData("&U,BTFw-&ZeVnLIqe-")] // "superfluous shift"
    [InlineData("&APx-")] // bits left over
    [InlineData("&AP-")] // half a character
    [InlineData("&APw=-")] // padding
    [InlineData("&AP/-")] // a slash is not in this alphabet
    [InlineData("&2D0-")] // a lone surrogate
    [InlineData("&3Oc-")]
    [InlineData("tab\t")]
    public void Other_spellings_are_refused(string encoded) => Assert.False(ModifiedUtf7.TryDecode(Encoding.ASCII.GetBytes(encoded), out _));

    [Fact]
    public void Eight_bit_octets_are_refused()
    {
        for (int octet = 0x7F; octet <= 0xFF; octet++)
            Assert.False(ModifiedUtf7.TryDecode([(byte)'a', (byte)octet], out _));
    }

    [Fact]
    public void Decoding_undoes_encoding()
    {
        Gen<string> rune = Gen.Choose(1, 0x10FFFF).Where(static r => r is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32);
        Gen<string> ascii = Gen.Choose(0x20, 0x7E).Select(static c => ((char)c).ToString());
        Gen<string> text = Gen.OneOf(rune, ascii, Gen.Constant("&"), Gen.Constant("-"), Gen.Constant("ü")).ListOf().Select(string.Concat);
        Prop.ForAll(text.ToArbitrary(), static text =>
        {
            string encoded = ModifiedUtf7.Encode(text);
            return encoded.All(static c => c is >= ' ' and <= '~')
                && ModifiedUtf7.TryDecode(Encoding.ASCII.GetBytes(encoded), out string? decoded) && decoded == text;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_name_has_one_spelling()
    {
        Gen<byte> octet = Gen.Elements("&-+,/=ABCwxyz019 \u00fc!"u8.ToArray());
        Prop.ForAll(octet.ListOf().Select(static list => list.ToArray()).ToArbitrary(), static octets =>
            !ModifiedUtf7.TryDecode(octets, out string? text) || Ascii.Equals(octets, ModifiedUtf7.Encode(text)))
            .QuickCheckThrowOnFailure();
    }
}
