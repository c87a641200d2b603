using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Resync;
using FullStack.Store;

namespace FullStack.Unit.Imap.Resync;

public sealed class QResyncParameterTests
{
    [Theory]
    [InlineData("QRESYNC (1 2)", "1 2 -")]
    [InlineData("qresync (67890007 20050715194045000 41,43:211,214:541)", "67890007 20050715194045000 41:41,43:211,214:541")]
    [InlineData("QRESYNC (1 2 5:3 (1:3 4,6,9))", "1 2 3:5 (1:3 4:4,6:6,9:9)")]
    [InlineData("QRESYNC (1 2 (1 4))", "1 2 - (1:1 4:4)")]
    [InlineData("QRESYNC (1 2 1:4294967295)", "1 2 1:4294967295")]
    public void A_client_says_what_it_knows(string text, string expected)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(QResyncParameter.TryRead(ref reader, out QResyncParameter? read) && reader.AtEnd);
        string match = read!.MatchNumbers.IsEmpty ? "" : $" ({Shown(read.MatchNumbers)} {Shown(read.MatchUids)})";
        Assert.Equal(expected, $"{read.UidValidity.Value} {read.Since.Value} {(read.Known is null ? "-" : Shown(read.Known))}{match}");
    }

    [Theory]
    [InlineData("QRESYNC")]
    [InlineData("QRESYNC ()")]
    [InlineData("QRESYNC (1)")]
    [InlineData("QRESYNC (0 1)")]
    [InlineData("QRESYNC (1 0)")]
    [InlineData("QRESYNC (1 9223372036854775808)")]
    [InlineData("QRESYNC (1 2 *)")]
    [InlineData("QRESYNC (1 2 1:*)")]
    [InlineData("QRESYNC (1 2 $)")]
    [InlineData("QRESYNC (1 2 1:3 ())")]
    [InlineData("QRESYNC (1 2 1:3 (1:3))")]
    [InlineData("QRESYNC (1 2 1:3 (1:3 1:4))")]
    [InlineData("QRESYNC (1 2 1:3 (1:3 1:3)")]
    [InlineData("QRESYNC (1 2 1:3 4:5)")]
    [InlineData("QRESYNC (1 2 )")]
    public void Other_text_is_refused(string text)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.False(QResyncParameter.TryRead(ref reader, out _));
    }

    private static string Shown(NumberRanges numbers) => string.Join(',', numbers.Select(static range => $"{range.First}:{range.Last}"));
}
