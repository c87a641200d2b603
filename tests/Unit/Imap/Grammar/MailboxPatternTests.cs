using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Grammar;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Imap.Grammar;

public sealed class MailboxPatternTests
{
    [Theory]
    [InlineData("", "*", "a.b", true)]
    [InlineData("", "%", "a", true)]
    [InlineData("", "%", "a.b", false)]
    [InlineData("", "%.%", "a.b", true)]
    [InlineData("", "a.%", "a", false)]
    [InlineData("", "a%", "a", true)]
    [InlineData("a.", "%", "a.b", true)]
    [InlineData("a.", "%", "b", false)]
    [InlineData("", "inbox", "INBOX", true)]
    [InlineData("", "InB%", "INBOX", true)]
    [InlineData("", "archive", "Archive", false)]
    [InlineData("", "Archive", "Archive", true)]
    [InlineData("", "*c", "a.b.c", true)]
    [InlineData("", "%c", "a.b.c", false)]
    [InlineData("", "%%%*%%", "a.b.c", true)]
    [InlineData("", "Entw&APw-rfe", "Entwürfe", true)]
    [InlineData("", "Entw*", "Entwürfe", true)]
    [InlineData("", "&AGE-", "a", false)]
    [InlineData("", "", "a", false)]
    public void Patterns_match_names(string reference, string pattern, string name, bool expected)
    {
        Assert.True(MailboxName.TryParse(name, out MailboxName? mailbox));
        MailboxPattern matcher = new(Encoding.ASCII.GetBytes(reference), Encoding.ASCII.GetBytes(pattern), utf8: false);
        Assert.Equal(expected, matcher.Matches(mailbox));
    }

    [Fact]
    public void Endless_patterns_cost_nothing_and_match_nothing()
    {
        Assert.True(MailboxName.TryParse(new string('a', MailboxName.MaxOctets), out MailboxName? mailbox));
        MailboxPattern matcher = new([], Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*a%a", 15_000)) + "b"), utf8: false);
        Assert.False(matcher.Matches(mailbox));
    }

    [Fact]
    public void Agrees_with_the_obvious_matcher()
    {
        Gen<string> name = Gen.Elements('a', 'b', '.').NonEmptyListOf().Select(static c => new string([.. c.Take(10)]));
        Gen<string> pattern = Gen.Elements('a', 'b', '.', '*', '%').ListOf().Select(static c => new string([.. c.Take(10)]));
        Prop.ForAll(name.ToArbitrary(), pattern.ToArbitrary(), static (name, pattern) =>
            !MailboxName.TryParse(name, out MailboxName? mailbox)
            || new MailboxPattern([], Encoding.ASCII.GetBytes(pattern), utf8: false).Matches(mailbox) == ObviousMatch(pattern, name))
            .QuickCheckThrowOnFailure();
    }

    private static bool ObviousMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.IsEmpty)
            return name.IsEmpty;
        if (pattern[0] is not ('*' or '%'))
            return !name.IsEmpty && name[0] == pattern[0] && ObviousMatch(pattern[1..], name[1..]);
        return ObviousMatch(pattern[1..], name)
            || (!name.IsEmpty && (pattern[0] == '*' || name[0] != '.') && ObviousMatch(pattern, name[1..]));
    }
}
