using System.Text;
using FullStack.Imap.Server;

namespace FullStack.Unit.Imap.Server;

public sealed class LiteralMarkTests
{
    [Theory]
    [InlineData("a LOGIN {5}", 8, 5L, true)]
    [InlineData("a LOGIN {5+}", 8, 5L, false)]
    [InlineData("{0}", 0, 0L, true)]
    [InlineData("x \"a{1}\" {12}", 9, 12L, true)]
    [InlineData("x \"a\\\"\" {12}", 8, 12L, true)]
    [InlineData("{4294967296+}", 0, 4294967296L, false)]
    [InlineData("{99999999999999999999999999}", 0, long.MaxValue, true)]
    public void Announcements_are_found(string line, int start, long octets, bool synchronizing)
        => Assert.Equal(new LiteralMark(start, octets, synchronizing), LiteralMark.Of(Encoding.ASCII.GetBytes(line)));

    [Theory]
    [InlineData("~{3}", 0, 3L, true)]
    [InlineData("a APPEND b ~{3+}", 11, 3L, false)]
    public void A_tilde_makes_a_literal8(string line, int start, long octets, bool synchronizing)
        => Assert.Equal(new LiteralMark(start, octets, synchronizing, IsBinary: true), LiteralMark.Of(Encoding.ASCII.GetBytes(line)));

    [Theory]
    [InlineData("")]
    [InlineData("}")]
    [InlineData("{}")]
    [InlineData("{+}")]
    [InlineData("5}")]
    [InlineData("{5} ")]
    [InlineData("{-5}")]
    [InlineData("{5-}")]
    [InlineData("{5++}")]
    [InlineData("a \"b{5}")]
    [InlineData("a \"b\\\"{5}")]
    public void Other_line_ends_announce_nothing(string line) => Assert.Null(LiteralMark.Of(Encoding.ASCII.GetBytes(line)));
}
