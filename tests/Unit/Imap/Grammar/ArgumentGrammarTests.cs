using System.Globalization;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Imap.Grammar;

/// <summary>Flags, mailbox names and dates as commands carry them.</summary>
public sealed class ArgumentGrammarTests
{
    [Theory]
    [InlineData("()", SystemFlags.None, "")]
    [InlineData("(\\Seen)", SystemFlags.Seen, "")]
    [InlineData("(\\sEEN \\DELETED \\Answered \\Flagged \\Draft)",
        SystemFlags.Seen | SystemFlags.Deleted | SystemFlags.Answered | SystemFlags.Flagged | SystemFlags.Draft, "")]
    [InlineData("($Junk work $JUNK)", SystemFlags.None, "$Junk work")]
    public void Flag_lists_are_read(string text, SystemFlags system, string keywords)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadFlagList(out MessageFlags? flags));
        Assert.True(reader.AtEnd);
        Assert.Equal(system, flags.System);
        Assert.Equal(keywords, string.Join(' ', flags.Keywords));
    }

    [Theory]
    [InlineData("(\\Recent)")]
    [InlineData("(\\Foo)")]
    [InlineData("(\\)")]
    [InlineData("(\\*)")]
    [InlineData("( \\Seen)")]
    [InlineData("(\\Seen )")]
    [InlineData("(\\Seen  a)")]
    [InlineData("(a]b)")]
    [InlineData("(a")]
    [InlineData("a")]
    public void Other_flag_lists_are_not(string text)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.False(reader.TryReadFlagList(out _));
        Assert.Equal(0, reader.Position);
    }

    [Fact]
    public void Keywords_are_bounded()
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes($"({new string('k', FlagGrammar.MaxKeywordOctets + 1)})"));
        Assert.False(reader.TryReadFlagList(out _));
        string many = string.Join(' ', Enumerable.Range(0, FlagGrammar.MaxKeywords + 2).Select(static i => $"k{i}"));
        reader = new(Encoding.ASCII.GetBytes($"({many})"));
        Assert.False(reader.TryReadFlagList(out _));
    }

    [Theory]
    [InlineData("inbox", "INBOX")]
    [InlineData("\"inBOX\"", "INBOX")]
    [InlineData("{5}\r\nInbox", "INBOX")]
    [InlineData("Entw&APw-rfe", "Entwürfe")]
    [InlineData("\"a b\"", "a b")]
    [InlineData("a]b", "a]b")]
    [InlineData("INBOX.x", "x")]
    public void Mailbox_names_are_read(string text, string expected)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadMailbox(out MailboxArgument mailbox));
        Assert.Equal(expected, mailbox.Name?.Text);
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("\"a\tb\"")]
    [InlineData("&AGE-")]
    public void Impossible_names_are_read_as_none(string text)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadMailbox(out MailboxArgument mailbox));
        Assert.Null(mailbox.Name);
    }

    [Fact]
    public void Eight_bits_in_a_name_are_an_error_of_syntax()
    {
        ImapReader reader = new([.. "{2}\r\n"u8, 0xC3, 0xBC]);
        Assert.False(reader.TryReadMailbox(out _));
        Assert.Equal(0, reader.Position);
    }

    [Fact]
    public void A_new_mailbox_may_end_in_the_separator()
    {
        ImapReader reader = new("a.b."u8);
        Assert.True(reader.TryReadNewMailbox(out MailboxArgument mailbox));
        Assert.Equal("a.b", mailbox.Name?.Text);
    }

    [Theory]
    [InlineData("\"17-Jul-1996 02:44:25 -0700\"", "1996-07-17T02:44:25-07:00")]
    [InlineData("\" 1-jan-2026 00:00:00 +0000\"", "2026-01-01T00:00:00+00:00")]
    [InlineData("\"29-Feb-2024 23:59:60 +0530\"", "2024-02-29T23:59:59+05:30")]
    [InlineData("\"01-DEC-2026 12:00:00 +1400\"", "2026-12-01T12:00:00+14:00")]
    public void Dates_are_read(string text, string expected)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadDateTime(out DateTimeOffset date));
        Assert.True(reader.AtEnd);
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), date);
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture).Offset, date.Offset);
    }

    [Theory]
    [InlineData("\"1-Jan-2026 00:00:00 +0000\"")]
    [InlineData("\"30-Feb-2026 00:00:00 +0000\"")]
    [InlineData("\"00-Jan-2026 00:00:00 +0000\"")]
    [InlineData("\"01-Foo-2026 00:00:00 +0000\"")]
    [InlineData("\"01-Jan-0000 00:00:00 +0000\"")]
    [InlineData("\"01-Jan-0001 00:00:00 +1400\"")]
    [InlineData("\"31-Dec-9999 23:59:59 -1400\"")]
    [InlineData("\"01-Jan-2026 24:00:00 +0000\"")]
    [InlineData("\"01-Jan-2026 00:60:00 +0000\"")]
    [InlineData("\"01-Jan-2026 00:00:61 +0000\"")]
    [InlineData("\"01-Jan-2026 00:00:00 +1401\"")]
    [InlineData("\"01-Jan-2026 00:00:00 0000\"")]
    [InlineData("\"01-Jan-2026 00:00:00 +00:0\"")]
    [InlineData("\"01-Jan-2026 00:00:00 +0000")]
    [InlineData("01-Jan-2026 00:00:00 +0000")]
    [InlineData("")]
    public void Other_dates_are_not(string text)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.False(reader.TryReadDateTime(out _));
        Assert.Equal(0, reader.Position);
    }
}
