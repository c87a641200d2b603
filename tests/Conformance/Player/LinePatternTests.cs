using FullStack.Harness.Transcripts;

namespace FullStack.Conformance.Player;

public sealed class LinePatternTests
{
    [Theory]
    [InlineData("a OK *", "a OK done", true)]
    [InlineData("a OK *", "a OK", false)]
    [InlineData("* 3 EXPUNGE", "* 3 EXPUNGE", true)]
    [InlineData("* 3 EXPUNGE", "x 3 EXPUNGE", false)]
    [InlineData("* OK [PERMANENTFLAGS (*\\*)] *", "* OK [PERMANENTFLAGS (\\Seen \\*)] Limited", true)]
    [InlineData("* OK [PERMANENTFLAGS (*\\*)] *", "* OK [PERMANENTFLAGS (\\Seen)] Limited", false)]
    [InlineData("*", "", true)]
    [InlineData("250 (.)", "250 (.)", true)]
    [InlineData("250 (.)", "250 (x)", false)]
    [InlineData("${repeat 3 *}", "***", true)]
    [InlineData("${repeat 3 *}", "abc", false)]
    public void A_star_is_a_run_except_untagged_and_after_a_backslash(string pattern, string line, bool matches)
        => Assert.Equal(matches, new LinePattern().TryMatch(pattern, line));

    [Fact]
    public void A_name_captures_first_and_compares_afterwards()
    {
        LinePattern patterns = new();
        Assert.True(patterns.TryMatch("a OK [APPENDUID ${validity} ${uid}] *", "a OK [APPENDUID 17 4] done"));
        Assert.Equal("fetch 4 of 17", patterns.Expand("fetch ${uid} of ${validity}"));
        Assert.True(patterns.TryMatch("* 1 FETCH (UID ${uid})", "* 1 FETCH (UID 4)"));
        Assert.False(patterns.TryMatch("* 1 FETCH (UID ${uid})", "* 1 FETCH (UID 44)"));
    }

    [Fact]
    public void A_name_twice_in_one_pattern_means_the_same_text()
    {
        Assert.True(new LinePattern().TryMatch("${x} and ${x}", "a and a"));
        Assert.False(new LinePattern().TryMatch("${x} and ${x}", "a and b"));
    }

    [Fact]
    public void A_captured_star_is_no_wildcard()
    {
        LinePattern patterns = new();
        patterns.Set("flag", "*");
        Assert.False(patterns.TryMatch("<${flag}>", "<abc>"));
        Assert.True(patterns.TryMatch("<${flag}>", "<*>"));
    }

    [Fact]
    public void An_unknown_name_cannot_be_sent()
        => Assert.Throws<FormatException>(() => new LinePattern().Expand("a fetch ${uid9}"));
}
