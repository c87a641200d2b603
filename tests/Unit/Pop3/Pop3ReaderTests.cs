using System.Text;
using FullStack.Pop3.Commands;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Unit.Pop3;

public sealed class Pop3ReaderTests
{
    [Theory]
    [InlineData("STAT")]
    [InlineData("stat")]
    [InlineData("LIST")]
    [InlineData("LIST 1")]
    [InlineData("UIDL")]
    [InlineData("UIDL 2147483648")]
    [InlineData("RETR 10")]
    [InlineData("RETR 0010")]
    [InlineData("DELE 99999999999999999999999999999999")]
    [InlineData("TOP 1 0")]
    [InlineData("TOP 1 99999999999999999999999999999999")]
    [InlineData("USER ann@example.test")]
    [InlineData("USER j\u00F6rg")]
    [InlineData("PASS  two words \u00E9 ")]
    [InlineData("NOOP")]
    [InlineData("RSET")]
    [InlineData("CAPA")]
    [InlineData("STLS")]
    [InlineData("QUIT")]
    public void Valid_commands_parse(string line) => Assert.NotNull(Parse(Encoding.UTF8.GetBytes(line)));

    [Theory]
    [InlineData("STAT ")]
    [InlineData("STAT 1")]
    [InlineData("LIST ")]
    [InlineData("LIST 0")]
    [InlineData("LIST 00")]
    [InlineData("LIST -1")]
    [InlineData("LIST +1")]
    [InlineData("LIST 1 ")]
    [InlineData("LIST  1")]
    [InlineData("LIST 1 2")]
    [InlineData("LIST x")]
    [InlineData("UIDL 0")]
    [InlineData("RETR")]
    [InlineData("RETR ")]
    [InlineData("RETR 1x")]
    [InlineData("TOP")]
    [InlineData("TOP 1")]
    [InlineData("TOP 1 ")]
    [InlineData("TOP 1 -1")]
    [InlineData("TOP 0 1")]
    [InlineData("TOP 1 1 1")]
    [InlineData("USER")]
    [InlineData("USER ")]
    [InlineData("USER a b")]
    [InlineData("USER a\tb")]
    [InlineData("PASS")]
    [InlineData("PASS ")]
    [InlineData("PASS a\0b")]
    [InlineData("QUIT now")]
    [InlineData("CAPA x")]
    [InlineData("STLS x")]
    public void Invalid_arguments_do_not(string line) => Assert.Null(Parse(Encoding.UTF8.GetBytes(line)));

    [Theory]
    [InlineData("USER \u00FF")]
    [InlineData("PASS \u00C3(")]
    public void Broken_utf8_does_not_parse(string line) => Assert.Null(Parse(Encoding.Latin1.GetBytes(line)));

    [Fact]
    public void Arguments_come_out_as_sent()
    {
        Assert.Equal(new ListCommand(7), Parse("LIST 7"u8.ToArray()));
        Assert.Equal(new ListCommand((int?)null), Parse("list"u8.ToArray()));
        Assert.Equal(new TopCommand(3, 20), Parse("TOP 3 20"u8.ToArray()));
        Assert.Equal(new RetrCommand(int.MaxValue), Parse("RETR 4294967297"u8.ToArray()));
        Assert.Equal(new PassCommand(" spaces  kept "), Parse("PASS  spaces  kept "u8.ToArray()));
        Assert.Equal(new UserCommand("ann"), Parse("USER ann"u8.ToArray()));
    }

    [Fact]
    public void A_password_is_never_printed() => Assert.DoesNotContain("secret", new PassCommand("secret").ToString(), StringComparison.Ordinal);

    /// <summary>Every octet as a word of one character: a table of exceptions is easy to get wrong.</summary>
    [Fact]
    public void A_name_holds_printable_octets_only()
    {
        for (int octet = 0; octet < 256; octet++)
            Assert.Equal(octet is > 0x20 and < 0x7F, Parse([.. "USER "u8, (byte)octet]) is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("RETRX 1")]
    [InlineData("RET")]
    [InlineData("APOQ a b")]
    [InlineData("R\u00EATR")]
    public void Unknown_verbs_are_not_found(string line)
    {
        Pop3Reader reader = new(Encoding.UTF8.GetBytes(line));
        Assert.Null(Pop3VerbTable.Find(reader.ReadKeyword()));
    }

    [Fact]
    public void No_line_makes_a_parser_throw()
    {
        Random random = new(1939);
        byte[] alphabet = [.. " 0123456789abcXYZ\t\0."u8, 0xFF, 0xC3, 0xA9];
        foreach (Pop3VerbEntry entry in Pop3VerbTable.All)
        {
            for (int i = 0; i < 2000; i++)
            {
                byte[] tail = new byte[random.Next(30)];
                for (int k = 0; k < tail.Length; k++)
                    tail[k] = alphabet[random.Next(alphabet.Length)];
                _ = Parse([.. Encoding.ASCII.GetBytes(entry.Verb.Name), .. tail]);
            }
        }
    }

    private static IPop3Command? Parse(byte[] line)
    {
        Pop3Reader reader = new(line);
        return Pop3VerbTable.Find(reader.ReadKeyword()) is { } entry ? entry.Parse(ref reader) : null;
    }
}
