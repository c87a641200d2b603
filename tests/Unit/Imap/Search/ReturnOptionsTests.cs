using FullStack.Imap.Grammar;
using FullStack.Imap.Search;
using FullStack.Store.Search;

namespace FullStack.Unit.Imap.Search;

public sealed class ReturnOptionsTests
{
    [Theory]
    [InlineData(1, 3, false, "1 2 3")]
    [InlineData(3, 1, false, "1 2 3")]
    [InlineData(4, 400, false, "4 5")]
    [InlineData(5, uint.MaxValue, false, "5")]
    [InlineData(6, 7, false, "")]
    [InlineData(1, 1, true, "5")]
    [InlineData(1, 2, true, "4 5")]
    [InlineData(4, uint.MaxValue, true, "1 2")]
    [InlineData(uint.MaxValue, 6, true, "")]
    public void A_window_counts_from_either_end(uint first, uint second, bool fromEnd, string expected)
    {
        int[] found = [1, 2, 3, 4, 5];
        (int start, int length) = new ResultRange(first, second, fromEnd).Within(found.Length);
        Assert.Equal(expected, string.Join(' ', found.Skip(start).Take(length)));
    }

    [Fact]
    public void Nothing_lies_in_a_window_on_nothing()
    {
        Assert.Equal((0, 0), new ResultRange(1, 10, FromEnd: false).Within(0));
        Assert.Equal((0, 0), new ResultRange(1, 10, FromEnd: true).Within(0));
    }

    /// <summary>The tables of RFC 5182 §2.4 and RFC 9394 §3.2.</summary>
    [Theory]
    [InlineData(SearchReturn.Save, false, "1 2 3 4 5")]
    [InlineData(SearchReturn.Save | SearchReturn.Min, false, "1")]
    [InlineData(SearchReturn.Save | SearchReturn.Max, false, "5")]
    [InlineData(SearchReturn.Save | SearchReturn.Min | SearchReturn.Max, false, "1 5")]
    [InlineData(SearchReturn.Save | SearchReturn.All | SearchReturn.Min, false, "1 2 3 4 5")]
    [InlineData(SearchReturn.Save | SearchReturn.Count, false, "1 2 3 4 5")]
    [InlineData(SearchReturn.Save, true, "2 3")]
    [InlineData(SearchReturn.Save | SearchReturn.Min, true, "1 2 3")]
    [InlineData(SearchReturn.Save | SearchReturn.Max, true, "5 2 3")]
    [InlineData(SearchReturn.Save | SearchReturn.Count, true, "1 2 3 4 5")]
    internal void What_is_returned_is_saved(SearchReturn items, bool partial, string expected)
        => Assert.Equal(expected, string.Join(' ', new ReturnOptions(items, partial ? new(2, 3, FromEnd: false) : null).Returned([1, 2, 3, 4, 5])));

    [Theory]
    [InlineData(SearchReturn.Min, false, SearchExtent.First)]
    [InlineData(SearchReturn.Max | SearchReturn.Save, false, SearchExtent.Last)]
    [InlineData(SearchReturn.Min | SearchReturn.Max, false, SearchExtent.FirstAndLast)]
    [InlineData(SearchReturn.Min | SearchReturn.Count, false, SearchExtent.All)]
    [InlineData(SearchReturn.Min, true, SearchExtent.All)]
    [InlineData(SearchReturn.Save, false, SearchExtent.All)]
    internal void No_more_is_looked_for_than_is_asked(SearchReturn items, bool partial, SearchExtent expected)
        => Assert.Equal(expected, new ReturnOptions(items, partial ? new(2, 3, FromEnd: false) : null).Extent);
}
