using FullStack.Harness.Documents;

namespace FullStack.Interop.Documentation;

/// <summary>What counts as printed as the page shows it.</summary>
public sealed class ExpectedOutputTests
{
    [Theory]
    [InlineData("one\ntwo\n", "one\ntwo\n", null)]
    [InlineData("one   two\n", "one two\n\n", null)]
    [InlineData("one ... four\n", "one two three four\n", null)]
    [InlineData("... four\n", "one four\n", null)]
    [InlineData("...\nlast\n", "first\nsecond\nlast\n", null)]
    [InlineData("first\n...\n", "first\n", null)]
    [InlineData("", "\n", null)]
    [InlineData("", "something\n", "(nothing more, but there is: something)")]
    [InlineData("one\n", "one\ntwo\n", "(nothing more, but there is: two)")]
    [InlineData("one\ntwo\n", "one\n", "two")]
    [InlineData("one.two\n", "one-two\n", "one.two")]
    [InlineData("...\nlast\n", "first\nsecond\n", "last")]
    [InlineData("ok ...\n", "not ok at all\n", "ok ...")]
    public void Dots_stand_for_what_is_different_and_all_else_for_itself(string expected, string printed, string? difference)
        => Assert.Equal(difference, ExpectedOutput.Difference(expected, printed));
}
