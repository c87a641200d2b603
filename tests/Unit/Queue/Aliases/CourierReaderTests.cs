using FullStack.Queue.Aliases;

namespace FullStack.Unit.Queue.Aliases;

public sealed class CourierReaderTests
{
    [Theory]
    [InlineData("./Maildir/", "/home/alice/Maildir/")]
    [InlineData("./Maildir/.List/\n", "/home/alice/Maildir/.List/")]
    [InlineData("/var/mail/alice", "/var/mail/alice")]
    [InlineData("&bob@example.org", "bob@example.org")]
    [InlineData("!bob", "bob")]
    [InlineData("bob, carol@example.org\n\ndora", "bob carol@example.org dora")]
    [InlineData("# comment\n| /usr/bin/maildrop -d \"x\"\n./Maildir", "\"|/usr/bin/maildrop -d \"x\"\" /home/alice/Maildir")]
    [InlineData("|one \\\ntwo\nbob", "\"|one two\" bob")]
    [InlineData("# nothing\n", "")]
    public void Instructions_are_read(string text, string targets)
    {
        List<AliasProblem> problems = [];
        Assert.Equal(targets, string.Join(' ', CourierReader.Read("/home/alice/.courier", text, "/home/alice", problems)));
        Assert.Equal([], problems);
    }

    /// <summary>They are kept one within the other, and what is written down of a recipient is only so deep.</summary>
    [Fact]
    public void Programs_after_each_other_are_counted()
    {
        string text = string.Concat(Enumerable.Repeat("|one\n&bob\n", CourierReader.MaxChained));
        List<AliasProblem> problems = [];
        Assert.Equal(2 * CourierReader.MaxChained, CourierReader.Read("/home/alice/.courier", text, "/home/alice", problems).Count);
        Assert.Equal([], problems);
        CourierReader.Read("/home/alice/.courier", text + "./Maildir/\n|two\n", "/home/alice", problems);
        Assert.Equal((2 * CourierReader.MaxChained) + 1, Assert.Single(problems).Line);
    }

    [Theory]
    [InlineData("\n|\n", 2)]
    [InlineData("||dynamic", 1)]
    [InlineData("bob\n\"|program\"", 2)]
    [InlineData("|a \\\nb\n<x", 3)]
    public void Mistakes_are_told_with_their_line(string text, int line)
    {
        List<AliasProblem> problems = [];
        CourierReader.Read("/home/alice/.courier", text, "/home/alice", problems);
        Assert.Equal(line, Assert.Single(problems).Line);
    }
}
