using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Queue.Aliases;
using FullStack.Queue.Masquerading;
using FullStack.Smtp;

namespace FullStack.Unit.Queue.Masquerading;

/// <summary>What a table, domains and exceptions make of an address.</summary>
public sealed class MasqueradeTableTests
{
    private const string Text = """
        # what the house is called outside

        ann@pc1.lan          ann.lee@example.org
        "b ob"@pc1.lan	bob@example.org
        root@pc1.lan         root@pc1.lan
        @pc1.lan             @example.org
        @all.lan             office@example.org
        @.deep.lan           @Example.COM
        j\u00fcrgen@b\u00fccher.lan   jurgen@b\u00fccher.example
        keep@pc2.lan         @example.org
        """;

    private static readonly Masquerade s_masquerade = new(
        new()
        {
            Table = Read(Text.Replace("\\u00fc", "\u00fc", StringComparison.Ordinal), []),
            Domains = ["!lab.example.net", "example.net", "xn--bcher-kva.test"],
            ExceptUsers = ["root"],
        },
        "+");

    [Theory]
    [InlineData("ann@pc1.lan", "ann.lee@example.org")]
    [InlineData("ANN@PC1.LAN", "ann.lee@example.org")]
    [InlineData("ann+list@pc1.lan", "ann.lee+list@example.org")]
    [InlineData("\"b ob\"@pc1.lan", "bob@example.org")]
    [InlineData("root@pc1.lan", null)]
    [InlineData("joe+x@pc1.lan", "joe+x@example.org")]
    [InlineData("\"jo e\"@pc1.lan", "\"jo e\"@example.org")]
    [InlineData("joe@all.lan", "office@example.org")]
    [InlineData("joe@a.deep.lan", "joe@example.com")]
    [InlineData("joe@a.b.deep.lan", "joe@example.com")]
    [InlineData("joe@deep.lan", null)]
    [InlineData("joe@xdeep.lan", null)]
    [InlineData("j\u00fcrgen@b\u00fccher.lan", "jurgen@xn--bcher-kva.example")]
    [InlineData("j\u00fcrgen@xn--bcher-kva.lan", "jurgen@xn--bcher-kva.example")]
    [InlineData("keep@pc2.lan", "keep@example.org")]
    [InlineData("other@pc2.lan", null)]
    [InlineData("joe@pc1.example.net", "joe@example.net")]
    [InlineData("j\u00fcrgen@pc1.example.net", "j\u00fcrgen@example.net")]
    [InlineData("joe@example.net", null)]
    [InlineData("joe@xexample.net", null)]
    [InlineData("joe@a.lab.example.net", null)]
    [InlineData("joe@lab.example.net", null)]
    [InlineData("Root@pc1.example.net", null)]
    [InlineData("joe@pc.b\u00fccher.test", "joe@xn--bcher-kva.test")]
    [InlineData("joe@[192.0.2.1]", null)]
    public void An_address_is_called_outside(string address, string? outside)
    {
        Assert.True(MailboxAddress.TryParse(address, out MailboxAddress? parsed));
        Assert.Equal(outside, s_masquerade.OutsideOf(parsed)?.ToString());
    }

    [Theory]
    [InlineData("ann@pc1.lan\n", "1: expected white space and what ann@pc1.lan is called outside, found nothing")]
    [InlineData("\nann bob@example.org\n", "2: expected an address, @domain or @.domain, found 'ann'")]
    [InlineData("ann@pc1.lan bob\n", "1: expected an address or @domain, all of its local part ASCII, found 'bob'")]
    [InlineData("ann@pc1.lan j\u00fcrgen@example.org\n", "1: expected an address or @domain, all of its local part ASCII, found 'j\u00fcrgen@example.org'")]
    [InlineData("ann@pc1.lan bob@example.org carol@example.org\n", "1: expected an address or @domain, all of its local part ASCII, found 'bob@example.org carol@example.org'")]
    [InlineData("@a.lan @b.test\n@A.lan @c.test\n", "2: @A.lan is there twice")]
    [InlineData(" ann@pc1.lan bob@example.org\n", "1: expected an address at the start of the line, found white space")]
    [InlineData("@ @b.test\n", "1: expected an address, @domain or @.domain, found '@'")]
    public void A_mistake_is_told_with_its_line(string text, string problem)
    {
        List<AliasProblem> problems = [];
        Read(text, problems);
        Assert.Equal([$"/outside:{problem}"], problems.Select(static one => one.ToString()));
    }

    [Fact]
    public void Anything_can_be_read_and_has_bounded_problems()
    {
        Gen<string> piece = Gen.Elements("ann", "@", ".lan", "pc1.lan", " ", "\t", "\n", "\r\n", "#", "\"", "\\", "\0", "\ud800", "b\u00fccher", "xn--", "<", "[", "example.org");
        Prop.ForAll(piece.ListOf().ToArbitrary(), pieces =>
        {
            string text = string.Concat(pieces);
            List<AliasProblem> problems = [];
            return Read(text, problems).Count + problems.Count <= text.Split('\n', '\r').Length;
        }).QuickCheckThrowOnFailure();
        List<AliasProblem> many = [];
        Read(new StringBuilder().Insert(0, "x\n", 5000).ToString(), many);
        Assert.Equal(100, many.Count);
    }

    private static MasqueradeTable Read(string text, List<AliasProblem> problems) => MasqueradeTable.Read("/outside", text, problems);
}
