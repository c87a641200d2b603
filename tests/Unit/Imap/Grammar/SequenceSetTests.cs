using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Grammar;
using FullStack.Store;

namespace FullStack.Unit.Imap.Grammar;

public sealed class SequenceSetTests
{
    [Theory]
    [InlineData("1", 9u, "1:1")]
    [InlineData("1,3", 9u, "1:1 3:3")]
    [InlineData("2:4", 9u, "2:4")]
    [InlineData("4:2", 9u, "2:4")]
    [InlineData("*", 9u, "9:9")]
    [InlineData("*:4", 9u, "4:9")]
    [InlineData("12:*", 9u, "9:12")]
    [InlineData("5,1:3,2:4", 9u, "1:5")]
    [InlineData("*:*,1", 1u, "1:1")]
    [InlineData("4294967295", 9u, "4294967295:4294967295")]
    public void Sets_name_numbers(string text, uint last, string expected)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadSequenceSet(out SequenceSet? set));
        Assert.True(reader.AtEnd);
        Assert.Equal(expected, string.Join(' ', set.Resolve(last).Select(static r => $"{r.First}:{r.Last}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1:")]
    [InlineData(":1")]
    [InlineData("1,")]
    [InlineData(",1")]
    [InlineData("1:0")]
    [InlineData("01")]
    [InlineData("a")]
    [InlineData("**x,")]
    [InlineData("4294967296")]
    [InlineData("$,1")]
    [InlineData("1:$")]
    [InlineData("$:1")]
    public void Other_text_is_no_set(string text)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.False(reader.TryReadSequenceSet(out _) && reader.AtEnd);
    }

    [Theory]
    [InlineData("$", true, false)]
    [InlineData("1,$", true, true)]
    [InlineData("1", false, true)]
    public void What_was_saved_can_be_named(string text, bool hasSaved, bool hasRanges)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadSequenceSet(out SequenceSet? set) && reader.AtEnd);
        Assert.Equal((hasSaved, hasRanges), (set.HasSaved, set.HasRanges));
    }

    [Fact]
    public void Too_many_ranges_are_refused()
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(string.Join(',', Enumerable.Repeat("1", SequenceSet.MaxRanges + 1))));
        Assert.False(reader.TryReadSequenceSet(out _));
        Assert.Equal(0, reader.Position);
    }

    [Fact]
    public void A_set_holds_what_its_ranges_hold()
    {
        Gen<(uint, uint)> range = from a in Gen.Choose(0, 12) from b in Gen.Choose(0, 12) select ((uint)a, (uint)b);
        Arbitrary<(uint, uint)[]> ranges = range.NonEmptyListOf().Select(static list => list.ToArray()).ToArbitrary();
        Prop.ForAll(ranges, static list =>
        {
            const uint last = 10;
            string text = string.Join(',', list.Select(static r => $"{Written(r.Item1)}:{Written(r.Item2)}"));
            ImapReader reader = new(Encoding.ASCII.GetBytes(text));
            bool read = reader.TryReadSequenceSet(out SequenceSet? set);
            NumberRanges resolved = set!.Resolve(last);
            return read && Enumerable.Range(1, 14).All(n => resolved.Contains((uint)n) == list.Any(r => IsWithin((uint)n, r, last)));
        }).QuickCheckThrowOnFailure();
    }

    private static string Written(uint number) => number == 0 ? "*" : number.ToString();

    private static bool IsWithin(uint number, (uint A, uint B) range, uint last)
    {
        uint a = range.A == 0 ? last : range.A, b = range.B == 0 ? last : range.B;
        return number >= Math.Min(a, b) && number <= Math.Max(a, b);
    }
}
