using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class AddressListTests
{
    [Theory]
    // RFC 5322 §3.4
    [InlineData("a@b", """((NIL NIL "a" "b"))""")]
    [InlineData("<a@b>", """((NIL NIL "a" "b"))""")]
    [InlineData("Foo Bar <a@b>", """(("Foo Bar" NIL "a" "b"))""")]
    [InlineData("\"Foo, Bar\" <a@b>", """(("Foo, Bar" NIL "a" "b"))""")]
    [InlineData("\"a\\\"b\" <x@y>", """(("a\"b" NIL "x" "y"))""")]
    [InlineData("\"\" <a@b>", """((NIL NIL "a" "b"))""")]
    [InlineData("\"a b\"@c", """((NIL NIL "a b" "c"))""")]
    [InlineData("a@[192.0.2.1]", """((NIL NIL "a" "[192.0.2.1]"))""")]
    [InlineData("<a@[IPv6:2001:db8::1]>", """((NIL NIL "a" "[IPv6:2001:db8::1]"))""")]
    [InlineData("a@b, c@d", """((NIL NIL "a" "b")(NIL NIL "c" "d"))""")]
    [InlineData("=?utf-8?q?caf=C3=A9?= <x@y>", """(("=?utf-8?q?caf=C3=A9?=" NIL "x" "y"))""")]
    [InlineData("Foo \"Bar\"  baz <x@y>", """(("Foo Bar baz" NIL "x" "y"))""")]
    [InlineData("\"long\r\n folded\" name\r\n here <a\r\n @b\r\n  .c>", """(("long folded name here" NIL "a" "b.c"))""")]
    // Comments: the last one behind an address without angles is its name.
    [InlineData("a@b (Foo Bar)", """(("Foo Bar" NIL "a" "b"))""")]
    [InlineData("a@b (x (y) \\) z)", """(("x (y) ) z" NIL "a" "b"))""")]
    [InlineData("(c) a@b", """((NIL NIL "a" "b"))""")]
    [InlineData("<a@b> (Foo)", """((NIL NIL "a" "b"))""")]
    [InlineData("Foo (c) Bar <a@b> (d)", """(("Foo Bar" NIL "a" "b"))""")]
    [InlineData("a(c)@b", """(("c" NIL "a" "b"))""")]
    [InlineData("a@(c)b", """(("c" NIL "a" "b"))""")]
    [InlineData("a@b (x), c@d (y)", """(("x" NIL "a" "b")("y" NIL "c" "d"))""")]
    [InlineData("a@b ()", """((NIL NIL "a" "b"))""")]
    [InlineData("(only a comment)", "NIL")]
    // Groups
    [InlineData("grp: a@b, c@d;", """((NIL NIL "grp" NIL)(NIL NIL "a" "b")(NIL NIL "c" "d")(NIL NIL NIL NIL))""")]
    [InlineData("\"q g\" (c):;", """((NIL NIL "q g" NIL)(NIL NIL NIL NIL))""")]
    [InlineData("undisclosed-recipients:", """((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))""")]
    [InlineData("g: a@b;, x@y", """((NIL NIL "g" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL)(NIL NIL "x" "y"))""")]
    [InlineData("g: Foo <a@b>", """((NIL NIL "g" NIL)("Foo" NIL "a" "b")(NIL NIL NIL NIL))""")]
    // Obsolete forms, RFC 5322 §4.4
    [InlineData("a . b @ c . d", """((NIL NIL "a.b" "c.d"))""")]
    [InlineData("\"a\" . \"b\" @ c", """((NIL NIL "a.b" "c"))""")]
    [InlineData("<@r1,@r2:a@b>", """((NIL "@r1,@r2" "a" "b"))""")]
    [InlineData("Foo <@r:a@b>", """(("Foo" "@r" "a" "b"))""")]
    [InlineData(",, a@b,, c@d,", """((NIL NIL "a" "b")(NIL NIL "c" "d"))""")]
    [InlineData("J. R. Foo <x@y>", """(("J. R. Foo" NIL "x" "y"))""")]
    public void Legal_lists_are_read(string value, string expected) => Assert.Equal(expected, Dump(value));

    [Theory]
    [InlineData("", "NIL")]
    [InlineData(" ", "NIL")]
    [InlineData(";", "NIL")]
    [InlineData("Foo", """((NIL NIL "Foo" ""))""")]
    [InlineData("Foo Bar", """(("Foo Bar" NIL "" ""))""")]
    [InlineData("\"Foo\"", """(("Foo" NIL "" ""))""")]
    [InlineData("<>", """((NIL NIL "" ""))""")]
    [InlineData("<Foo>", """((NIL NIL "Foo" ""))""")]
    [InlineData("a@", """((NIL NIL "a" ""))""")]
    [InlineData("@b", """((NIL NIL "" "b"))""")]
    [InlineData("a@b; c@d", """((NIL NIL "a" "b")(NIL NIL "c" "d"))""")]
    [InlineData("a@b c@d", """((NIL NIL "a" "b"))""")]
    [InlineData("<a@b@c>", """((NIL NIL "a@b" "c"))""")]
    [InlineData("a@b <a@b>", """(("a@b" NIL "a" "b"))""")]
    [InlineData("Foo <x@y", """(("Foo" NIL "x" "y"))""")]
    [InlineData("x@y>", """((NIL NIL "x" "y"))""")]
    [InlineData("\"open <x@y>", """(("open <x@y>" NIL "" ""))""")]
    [InlineData("x@y (open", """(("open" NIL "x" "y"))""")]
    [InlineData("a@[1.2", """((NIL NIL "a" "[1.2"))""")]
    [InlineData("Foo [x] <a@b>", """(("Foo [x]" NIL "a" "b"))""")]
    [InlineData("caf\u00e9 <a@b>", "((\"caf\u00e9\" NIL \"a\" \"b\"))")]
    [InlineData("a..b.@c", """((NIL NIL "a..b." "c"))""")]
    [InlineData("a: b: c@d;;", """((NIL NIL "a" NIL)("b" NIL "c" "d")(NIL NIL NIL NIL))""")]
    [InlineData("\\", """((NIL NIL "\\" ""))""")]
    public void Broken_lists_are_read_as_far_as_they_go(string value, string expected) => Assert.Equal(expected, Dump(value));

    [Fact]
    public void Entries_are_bounded()
    {
        IReadOnlyList<MessageAddress> addresses = AddressList.Parse(Encoding.ASCII.GetBytes("g:" + string.Concat(Enumerable.Repeat("a@b,", 20_000))));
        Assert.InRange(addresses.Count, 9_000, MimeLimits.Addresses);
        Assert.True(addresses[^1].IsGroupEnd);
    }

    [Theory]
    [InlineData(null, "a@b", "a@b")]
    [InlineData("Foo Bar", "a@b", "Foo Bar <a@b>")]
    [InlineData("Bar, Foo", "a@b", "\"Bar, Foo\" <a@b>")]
    [InlineData("a\"\\b", "a@b", "\"a\\\"\\\\b\" <a@b>")]
    [InlineData("J. R.", "a@b", "\"J. R.\" <a@b>")]
    [InlineData("Émile", "a@b", "=?utf-8?B?w4ltaWxl?= <a@b>")]
    [InlineData("a\r\nBcc: x@y", "a@b", "=?utf-8?B?YQ0KQmNjOiB4QHk=?= <a@b>")]
    public void Formatted_addresses_read_back(string? name, string address, string expected)
    {
        string formatted = AddressList.Format(name, address);
        Assert.Equal(expected, formatted);
        MessageAddress read = Assert.Single(AddressList.Parse(Encoding.UTF8.GetBytes(formatted)));
        Assert.Equal("a", Encoding.UTF8.GetString(read.Mailbox!.Value.Span));
        Assert.Equal(name, read.Name is { } octets ? EncodedWords.Decode(octets.Span) : null);
    }

    private static string Dump(string value) => StructureDump.Addresses(AddressList.Parse(Encoding.Latin1.GetBytes(value)));
}
