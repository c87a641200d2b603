using System.Text;
using FullStack.Imap.Server;

namespace FullStack.Unit.Imap.Server;

public sealed class CommandHeadTests
{
    [Theory]
    [InlineData("a NOOP", "a", "NOOP")]
    [InlineData("a1.b noop", "a1.b", "NOOP")]
    [InlineData("] Capability", "]", "CAPABILITY")]
    public void A_tag_and_a_verb_start_a_command(string line, string tag, string verb)
    {
        CommandHead head = Read(line, ImapStates.NotAuthenticated);
        Assert.Null(head.Refusal);
        Assert.Equal(tag, Encoding.ASCII.GetString(head.Tag));
        Assert.Equal(verb, head.Entry!.Verb.Name);
    }

    [Fact]
    public void Uid_commands_have_two_words()
    {
        CommandHead head = Read("a uid Expunge 1", ImapStates.Selected);
        Assert.Equal("UID EXPUNGE", head.Entry!.Verb.Name);
        Assert.Equal("a uid Expunge".Length, head.ArgumentsAt);
    }

    [Theory]
    [InlineData("", "*")]
    [InlineData(" NOOP", "*")]
    [InlineData("+ NOOP", "*")]
    [InlineData("a+ NOOP", "a")]
    [InlineData("* NOOP", "*")]
    [InlineData("a\"b NOOP", "a")]
    [InlineData("a", "a")]
    [InlineData("a ", "a")]
    [InlineData("a  NOOP", "a")]
    [InlineData("a FOO", "a")]
    [InlineData("a UID", "a")]
    [InlineData("a UID ", "a")]
    [InlineData("a UID NOOP", "a")]
    [InlineData("a UID  FETCH 1", "a")]
    [InlineData("a {4}", "a")]
    [InlineData("GET / HTTP/1.1", "GET")]
    public void What_is_no_command_is_bad(string line, string tag)
    {
        CommandHead head = Read(line, ImapStates.Selected);
        Assert.Equal(ImapStatus.Bad, head.Refusal?.Status);
        Assert.Equal(tag, Encoding.ASCII.GetString(head.Tag));
    }

    [Fact]
    public void An_endless_tag_is_not_answered_with()
        => Assert.Equal("*"u8.ToArray(), Read(new string('a', CommandHead.MaxTagOctets + 1) + " NOOP", ImapStates.Selected).Tag);

    [Fact]
    public void Every_verb_is_found_and_bad_outside_its_states()
    {
        foreach (ImapVerbEntry entry in ImapVerbTable.Standard.Entries)
        {
            Assert.True(entry.Verb.Name.Length <= ImapVerbTable.MaxNameOctets, entry.Verb.Name);
            foreach (ImapStates state in new[] { ImapStates.NotAuthenticated, ImapStates.Authenticated, ImapStates.Selected })
            {
                CommandHead head = Read("a " + entry.Verb.Name, state);
                Assert.Equal((entry.Verb.States & state) != 0, head.Refusal is null);
                Assert.True(head.Refusal is null || head.Refusal.Value.Status == ImapStatus.Bad);
            }
        }
    }

    /// <summary>RFC 3501 §7.4.1: "An EXPUNGE response MUST NOT be sent … while responding to a FETCH, STORE, or SEARCH command."</summary>
    [Theory]
    [InlineData("FETCH")]
    [InlineData("STORE")]
    [InlineData("COPY")]
    public void Commands_with_message_numbers_keep_them_stable(string verb)
        => Assert.False(ImapVerbTable.Standard.Entries.Single(entry => entry.Verb.Name == verb).Verb.Has(ImapVerbFlags.MaySendExpunge));

    private static CommandHead Read(string line, ImapStates state) => CommandHead.Read(Encoding.ASCII.GetBytes(line), ImapVerbTable.Standard, state);
}
