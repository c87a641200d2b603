using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class SurrogateHeaderTests
{
    [Theory]
    [InlineData("Subject: Grüße\n", "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n")]
    [InlineData("Subject: plain\n", "Subject: plain\r\n")]
    [InlineData("From: Jörg <joerg@example.org>\n", "From: =?utf-8?B?SsO2cmc=?= <joerg@example.org>\r\n")]
    [InlineData("To: a@example.org, jörg@example.org\n", "To: a@example.org, =?utf-8?B?asO2cmdAZXhhbXBsZS5vcmc=?=\r\n <invalid@internationalized-address.invalid>\r\n")]
    [InlineData("Cc: Freunde: a@b, ö@b;, c@d\n", "Cc: Freunde: a@b, =?utf-8?B?w7ZAYg==?=\r\n <invalid@internationalized-address.invalid>;, c@d\r\n")]
    [InlineData("Return-Path: <jörg@example.org>\n", "Return-Path: <invalid@internationalized-address.invalid>\r\n")]
    [InlineData("Content-Disposition: attachment; filename=\"ü;x.txt\"; size=5\n", "Content-Disposition: attachment; size=5\r\n")]
    [InlineData("Content-Type: text/plain; charset=utf-8; name=ü\n", "Content-Type: text/plain; charset=utf-8\r\n")]
    [InlineData("Content-Type: ü/ü\n", "")]
    [InlineData("X-Note: ü\nX-Other: u\n", "X-Other: u\r\n")]
    [InlineData("Subjeçt: x\n", "")]
    [InlineData("X-A: b\n\n", "X-A: b\r\n\r\n")]
    public void What_can_be_shown_is_kept(string header, string expected)
        => Assert.Equal(expected, Encoding.UTF8.GetString(SurrogateHeader.Write(Encoding.UTF8.GetBytes(header))));

    [Fact]
    public void Octets_that_are_no_utf8_stay()
        => Assert.Equal("Subject: Gr\u00FC\r\n", Encoding.Latin1.GetString(SurrogateHeader.Write(Encoding.Latin1.GetBytes("Subject: Gr\u00FC\n"))));

    /// <summary>Whatever comes in, what goes out is ASCII where the input was UTF-8, and has no line but fields.</summary>
    [Fact]
    public void Every_header_becomes_ascii()
        => Prop.ForAll(
            Gen.Elements("Subject", "From", "To", "Content-Type", "Content-Disposition", "X-Y", "Return-Path")
                .SelectMany(static name => ArbMap.Default.GeneratorFor<string>().Select(text => $"{name}: {(text ?? "").ReplaceLineEndings(" ")} ü\n")).ToArbitrary(),
            static field =>
            {
                byte[] octets = Encoding.UTF8.GetBytes(field);
                byte[] written = SurrogateHeader.Write(octets);
                Assert.True(Ascii.IsValid(written), field);
                Assert.Equal([], SurrogateHeader.Write(written).AsSpan().SequenceEqual(written) ? [] : written);
            }).QuickCheckThrowOnFailure();
}
