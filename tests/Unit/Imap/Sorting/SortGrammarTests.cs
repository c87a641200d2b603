using System.Text;
using FullStack.Imap.Commands;
using FullStack.Imap.Grammar;
using FullStack.Imap.Sorting;

namespace FullStack.Unit.Imap.Sorting;

public sealed class SortGrammarTests
{
    [Theory]
    [InlineData("(DATE)", "Date")]
    [InlineData("(reverse Date)", "-Date")]
    [InlineData("(ARRIVAL CC DATE FROM SIZE SUBJECT TO DISPLAYFROM DISPLAYTO)", "Arrival Cc Date From Size Subject To DisplayFrom DisplayTo")]
    [InlineData("(SUBJECT REVERSE DATE)", "Subject -Date")]
    [InlineData("(SUBJECT REVERSE SUBJECT DATE)", "Subject Date")]
    public void Criteria_are_kept_in_order(string text, string expected)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadSortCriteria(out IReadOnlyList<SortCriterion>? criteria) && reader.AtEnd);
        Assert.Equal(expected, string.Join(' ', criteria!.Select(static c => (c.IsReversed ? "-" : "") + c.Key)));
    }

    [Theory]
    [InlineData("()", 1)]
    [InlineData("(DATE", 5)]
    [InlineData("(DATE )", 6)]
    [InlineData("(DATE  SIZE)", 6)]
    [InlineData("(REVERSE)", 1)]
    [InlineData("(REVERSE REVERSE DATE)", 9)]
    [InlineData("(DATES)", 1)]
    [InlineData("DATE", 0)]
    public void Other_text_is_refused(string text, int position)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.False(reader.TryReadSortCriteria(out _));
        Assert.Equal(position, reader.Position);
    }

    [Fact]
    public void Criteria_are_bounded()
    {
        string many(int count) => "(" + string.Join(' ', Enumerable.Repeat("REVERSE DATE", count)) + ")";
        ImapReader most = new(Encoding.ASCII.GetBytes(many(SortGrammar.MaxCriteria))), more = new(Encoding.ASCII.GetBytes(many(SortGrammar.MaxCriteria + 1)));
        Assert.True(most.TryReadSortCriteria(out IReadOnlyList<SortCriterion>? criteria));
        Assert.Single(criteria!);
        Assert.False(more.TryReadSortCriteria(out _));
    }

    [Theory]
    [InlineData(" (DATE) UTF-8 ALL", true)]
    [InlineData(" (DATE) \"UTF-8\" ALL", true)]
    [InlineData(" RETURN (MIN) (DATE) UTF-8 ALL", true)]
    [InlineData(" (DATE) UTF-8 RETURN (MIN) ALL", false)]
    [InlineData(" (DATE) UTF-8", false)]
    [InlineData(" (DATE) ALL", false)]
    [InlineData(" DATE UTF-8 ALL", false)]
    public void The_charset_is_not_optional(string arguments, bool isRead)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(arguments));
        Assert.Equal(isRead, SortCommand.TryParse(ref reader, out _));
    }
}
