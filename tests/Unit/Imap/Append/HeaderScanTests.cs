using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Append;

namespace FullStack.Unit.Imap.Append;

public sealed class HeaderScanTests
{
    [Theory]
    [InlineData("Subject: plain\r\n\r\ngrüße", false)]
    [InlineData("Subject: grüße\r\n\r\n", true)]
    [InlineData("Subject: \U0001F600\n\nx", true)]
    [InlineData("\r\nSubject: grüße\r\n", false)]
    public void Utf8_counts_in_the_header_only(string message, bool found) => Assert.Equal(found, Scan(Encoding.UTF8.GetBytes(message), 7).HasUtf8);

    [Theory]
    [InlineData("Subject: gr\u00fc\u00dfe\r\n\r\n")]
    [InlineData("Subject: \u00c3\r\n\r\n")]
    [InlineData("Subject: x\u00a0\u00c3\u00bc\r\n\r\n")]
    public void Other_octets_are_8_bit_and_no_utf8(string latin1)
    {
        HeaderScan scan = Scan(Encoding.Latin1.GetBytes(latin1), 3);
        Assert.Equal((true, false), (scan.Has8Bit, scan.HasUtf8));
    }

    [Fact]
    public void Pieces_of_any_size_give_the_same()
        => Prop.ForAll<byte[], PositiveInt>(static (octets, size) =>
        {
            HeaderScan whole = Scan(octets, Math.Max(1, octets.Length)), cut = Scan(octets, size.Get);
            return whole.Has8Bit == cut.Has8Bit && whole.HasUtf8 == cut.HasUtf8;
        }).QuickCheckThrowOnFailure();

    private static HeaderScan Scan(byte[] octets, int size)
    {
        HeaderScan scan = new();
        foreach (byte[] piece in octets.Chunk(size))
            scan.Push(piece);
        return scan;
    }
}
