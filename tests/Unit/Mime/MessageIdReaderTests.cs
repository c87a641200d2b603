using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class MessageIdReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("<a@b>", "a@b")]
    [InlineData("<a@b><c@d>", "a@b c@d")]
    [InlineData("  <a@b>\t<c@d> (comment) <e@f>", "a@b c@d e@f")]
    [InlineData("<\"a\"@b>", "a@b")]
    [InlineData("<\"a\\b\"@c>", "ab@c")]
    [InlineData("<a @ b>", "a@b")]
    [InlineData("a@b", "")]
    [InlineData("<a>", "")]
    [InlineData("<>", "")]
    [InlineData("<@>", "")]
    [InlineData("<a@b", "")]
    [InlineData("<a@b <c@d>", "c@d")]
    [InlineData("<<a@b>", "a@b")]
    [InlineData("Your message of Monday <a@b> from x@y", "a@b")]
    [InlineData("<A@b><a@B>", "A@b a@B")]
    public void Ids_are_found_and_made_alike(string field, string expected) => Assert.Equal(expected, string.Join(' ', Read(field)));

    [Fact]
    public void No_id_is_longer_than_the_limit()
    {
        string longest = new string('a', MessageIdReader.MaxOctets - 2) + "@b";
        Assert.Equal([longest], Read($"<{longest}>"));
        Assert.Equal(["c@d"], Read($"<a{longest}> <c@d>"));
    }

    [Theory]
    [InlineData("<")]
    [InlineData("<a@")]
    [InlineData("<\\<")]
    [InlineData("\\")]
    [InlineData("<\"")]
    public void What_never_ends_is_read_once(string piece)
        => Assert.Empty(Read(new StringBuilder().Insert(0, piece, 1_000_000 / piece.Length).ToString()));

    private static List<string> Read(string field)
    {
        List<string> ids = [];
        MessageIdReader reader = new(Encoding.Latin1.GetBytes(field));
        byte[] id = new byte[MessageIdReader.MaxOctets];
        while (reader.TryRead(id, out int length))
            ids.Add(Encoding.Latin1.GetString(id, 0, length));
        return ids;
    }
}
