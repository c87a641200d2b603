using System.Globalization;
using System.Text;
using FullStack.Store.Mbox;

namespace FullStack.Unit.Store.Mbox;

/// <summary>The forms of the line that begins a message, as programs write it.</summary>
public sealed class FromLineTests
{
    [Theory]
    [InlineData("From a@b.test Thu Jan  1 00:00:01 1970", "1970-01-01T00:00:01Z")]
    [InlineData("From a@b.test  Sun Nov 22 00:55:22 2026", "2026-11-22T00:55:22Z")] // Dovecot: two spaces
    [InlineData("From MAILER-DAEMON Sun Nov 22 00:55:22 2026", "2026-11-22T00:55:22Z")]
    [InlineData("From a Sun Nov 22 0:55 2026", "2026-11-22T00:55:00Z")]
    [InlineData("From a Mon Feb 29 23:59:60 2024", "2024-02-29T23:59:59Z")]
    [InlineData("From a Sun Nov 22 00:55:22 MET 2026", "2026-11-22T00:55:22Z")]
    [InlineData("From a Sun Nov 22 00:55:22 EST 2026", "2026-11-22T05:55:22Z")]
    [InlineData("From a Sun Nov 22 00:55:22 MET DST 2026", "2026-11-22T00:55:22Z")]
    [InlineData("From a Sun Nov 22 00:55:22 +0100 2026", "2026-11-21T23:55:22Z")]
    [InlineData("From a Sun Nov 22 00:55:22 2026 -0330", "2026-11-22T04:25:22Z")]
    [InlineData("From a Sun Nov 22 00:55:22 2026 PDT", "2026-11-22T07:55:22Z")]
    [InlineData("From a Sun Nov 22 00:55:22 2026 remote from uucp", "2026-11-22T00:55:22Z")]
    [InlineData("From a Sun Nov 22 00:55:22 2026 GMT remote from uucp", "2026-11-22T00:55:22Z")]
    [InlineData("From \"a b\"@c.test Sun Nov 22 00:55:22 2026", "2026-11-22T00:55:22Z")]
    [InlineData("From  Sun Nov 22 00:55:22 2026", "2026-11-22T00:55:22Z")]
    [InlineData("From a sun nov 22 00:55:22 2026", "2026-11-22T00:55:22Z")]
    public void Line_with_date_separates(string line, string date)
    {
        Assert.True(FromLine.TryParse(Encoding.ASCII.GetBytes(line), out DateTimeOffset found));
        Assert.Equal(DateTimeOffset.Parse(date, CultureInfo.InvariantCulture), found);
    }

    [Theory]
    [InlineData("From")]
    [InlineData("From ")]
    [InlineData("From now on all is well")]
    [InlineData("From a Sun Nov 22 2026")]
    [InlineData("From a Sun Nov 22 00:55:22")]
    [InlineData("From a Sun Nov 31 00:55:22 2026")]
    [InlineData("From a Sun Nov 22 24:55:22 2026")]
    [InlineData("From a Sun Nov 22 00:60:22 2026")]
    [InlineData("From a Sun Nov 22 00:55:22 26")]
    [InlineData("From a Sun Nov 22 00:55:22 2026 and so on")]
    [InlineData("From a Sun Nov 22 00:55:22 2026 remote from")]
    [InlineData("From a Xxx Nov 22 00:55:22 2026")]
    [InlineData("from a Sun Nov 22 00:55:22 2026")]
    [InlineData(">From a Sun Nov 22 00:55:22 2026")]
    [InlineData("From a Sunday November 22 00:55:22 2026")]
    public void Other_line_separates_nothing(string line) => Assert.False(FromLine.TryParse(Encoding.ASCII.GetBytes(line), out _));

    [Theory]
    [InlineData("a@b.test", "From a@b.test Sun Nov  2 04:05:06 2026\n")]
    [InlineData("", "From MAILER-DAEMON Sun Nov  2 04:05:06 2026\n")]
    [InlineData("a b", "From MAILER-DAEMON Sun Nov  2 04:05:06 2026\n")]
    [InlineData("a\nFrom x", "From MAILER-DAEMON Sun Nov  2 04:05:06 2026\n")]
    [InlineData("\u00e4@b.test", "From MAILER-DAEMON Sun Nov  2 04:05:06 2026\n")]
    public void Line_made_is_one_line_that_separates(string sender, string line)
    {
        DateTimeOffset date = new(2026, 11, 2, 5, 5, 6, TimeSpan.FromHours(1));
        line = line.Replace("Sun", "Mon", StringComparison.Ordinal);
        byte[] made = FromLine.Format(sender, date);
        Assert.Equal(line, Encoding.ASCII.GetString(made));
        Assert.True(FromLine.TryParse(made.AsSpan()[..^1], out DateTimeOffset found));
        Assert.Equal(date, found);
    }

    [Fact]
    public void Line_longer_than_any_program_writes_separates_nothing()
    {
        string line = $"From {new string('a', FromLine.MaxOctets)} Sun Nov 22 00:55:22 2026";
        Assert.False(FromLine.TryParse(Encoding.ASCII.GetBytes(line), out _));
        Assert.True(FromLine.TryParse(Encoding.ASCII.GetBytes(line)[..5].Concat(Encoding.ASCII.GetBytes(line[^700..])).ToArray(), out _));
    }
}
