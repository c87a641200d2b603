using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class FoldedTextTests
{
    /// <summary>RFC 5051 §2 has the order of the octets in UTF-8, which is not that of UTF-16.</summary>
    [Fact]
    public void Texts_are_in_the_order_of_their_code_points()
    {
        string[] texts = ["", "A", "AA", "B", "Z", "\u00c6", "\u4e2d", "\ue000", "\ufffd", "\U00010000", "\U0001f600", "\U0001f600a"];
        foreach (string one in texts)
        {
            foreach (string other in texts)
            {
                int expected = Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));
                Assert.Equal(Math.Sign(expected), Math.Sign(new FoldedText(one).CompareTo(new(other))));
            }
        }
    }

    [Theory]
    [InlineData("stra\u00dfe", "STRA\u00dfE")]
    [InlineData("\u00e9", "E\u0301")]
    public void Case_and_composition_do_not_count(string one, string other)
    {
        Assert.Equal(0, new FoldedText(one).CompareTo(new(other)));
        Assert.Equal(new FoldedText(one), new FoldedText(other));
        Assert.Equal(new FoldedText(one).GetHashCode(), new FoldedText(other).GetHashCode());
    }
}
