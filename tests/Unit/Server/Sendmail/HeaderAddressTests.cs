using System.Text;
using FullStack.Server.Cli.Sendmail;

namespace FullStack.Unit.Server.Sendmail;

public sealed class HeaderAddressTests
{
    [Theory]
    [InlineData("To: root\n", "To: root@x.test\n")]
    [InlineData("To: root , joe\n", "To: root@x.test , joe@x.test\n")]
    [InlineData("To: a@b, c\n", "To: a@b, c@x.test\n")]
    [InlineData("To: <joe>, A B <joe.b>\n", "To: <joe@x.test>, A B <joe.b@x.test>\n")]
    [InlineData("To: \"x, y\" <a@b>, \"j k\"\n", "To: \"x, y\" <a@b>, \"j k\"@x.test\n")]
    [InlineData("To: friends: joe, a@b;, jim\n", "To: friends: joe@x.test, a@b;, jim@x.test\n")]
    [InlineData("To: joe (the, \"one\" (here)), jim\n", "To: joe@x.test (the, \"one\" (here)), jim@x.test\n")]
    [InlineData("To: joe,\n\tjim\n", "To: joe@x.test,\n\tjim@x.test\n")]
    [InlineData("To: undisclosed-recipients:;\n", "To: undisclosed-recipients:;\n")]
    [InlineData("To: two words\n", "To: two words\n")]
    [InlineData("To: <>\n", "To: <>\n")]
    [InlineData("To: \n", "To: \n")]
    [InlineData("To: =?utf-8?q?a?= <b>\n", "To: =?utf-8?q?a?= <b@x.test>\n")]
    [InlineData("To: (not closed\n", "To: (not closed\n")]
    [InlineData("To: <@r.test:joe@b>\n", "To: <@r.test:joe@b>\n")]
    public void Addresses_get_their_domain_and_nothing_else_changes(string field, string qualified)
        => Assert.Equal(qualified, Encoding.Latin1.GetString(HeaderAddresses.Qualified(Encoding.Latin1.GetBytes(field), "x.test")));

    [Theory]
    [InlineData("a@b.test, joe", "a@b.test joe@x.test")]
    [InlineData("friends: a@b.test, c@d.test;", "a@b.test c@d.test")]
    [InlineData("=?utf-8?q?x=2C_y?= <a@b.test>", "a@b.test")]
    [InlineData("\"a b\"@c.test", "\"a b\"@c.test")]
    [InlineData("A Name without an address", "")]
    [InlineData("<>", "")]
    public void Lists_are_read_for_their_mailboxes(string list, string mailboxes)
        => Assert.Equal(mailboxes, string.Join(' ', HeaderAddresses.Mailboxes(Encoding.Latin1.GetBytes(list), "x.test").Select(static one => one.ToString())));
}
