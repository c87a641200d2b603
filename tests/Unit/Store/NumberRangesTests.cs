using FsCheck;
using FsCheck.Fluent;
using FullStack.Store;

namespace FullStack.Unit.Store;

public sealed class NumberRangesTests
{
    private static readonly Arbitrary<uint[]> s_numbers = Gen.Choose(1, 12).Select(static n => (uint)n).ListOf().Select(static list => list.ToArray()).ToArbitrary();

    [Fact]
    public void An_intersection_has_what_both_have()
        => Prop.ForAll(s_numbers, s_numbers, static (one, other) =>
        {
            NumberRanges both = NumberRanges.From(one).Intersect(NumberRanges.From(other));
            return Enumerable.Range(1, 14).All(n => both.Contains((uint)n) == (one.Contains((uint)n) && other.Contains((uint)n)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_complement_has_what_the_set_has_not()
        => Prop.ForAll(s_numbers, static numbers =>
        {
            NumberRanges set = NumberRanges.From(numbers), others = set.Complement();
            return Enumerable.Range(1, 14).All(n => others.Contains((uint)n) != set.Contains((uint)n))
                && others.CountNumbers() + set.CountNumbers() == uint.MaxValue;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_ends_count()
    {
        Assert.True(NumberRanges.All.Complement().IsEmpty);
        Assert.Equal(NumberRanges.All, NumberRanges.Empty.Complement());
        Assert.Equal([new NumberRange(1, uint.MaxValue - 1)], NumberRanges.From([uint.MaxValue]).Complement());
    }
}
