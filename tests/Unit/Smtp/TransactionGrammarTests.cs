using System.Text;
using FullStack.Smtp.Grammar;

namespace FullStack.Unit.Smtp;

public sealed class TransactionGrammarTests
{
    [Theory]
    [InlineData("<12345@claremont.edu>", true)]
    [InlineData("<a.b!#$%&'*+-^_`{|}~@c>", true)]
    [InlineData("<>", false)]
    [InlineData("<@a>", false)]
    [InlineData("<a@>", false)]
    [InlineData("<a>", false)]
    [InlineData("a@b", false)]
    [InlineData("<a@b", false)]
    [InlineData("<.a@b>", false)]
    [InlineData("<a.@b>", false)]
    [InlineData("<a@b..c>", false)]
    [InlineData("<a@b@c>", false)]
    [InlineData("<a@b/c>", false)]
    [InlineData("<a@\u00e9>", false)]
    public void A_name_is_two_tokens(string text, bool isOne) => Assert.Equal(isOne, TransactionGrammar.IsTransaction(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Each_octet_is_in_an_atom_or_not()
    {
        for (int octet = 0; octet < 256; octet++)
        {
            bool isAtom = octet is > 0x20 and < 0x7F && !"()<>@,;:\\\"/[]?=.".Contains((char)octet, StringComparison.Ordinal);
            Assert.Equal(isAtom, TransactionGrammar.IsTransaction([(byte)'<', (byte)octet, (byte)'@', (byte)'a', (byte)'>']));
        }
    }

    [Theory]
    [InlineData(80, true)]
    [InlineData(81, false)]
    public void It_has_eighty_octets_at_most(int octets, bool isOne)
        => Assert.Equal(isOne, TransactionGrammar.IsTransaction(Encoding.ASCII.GetBytes($"<{new string('x', octets - 4)}@a>")));
}
