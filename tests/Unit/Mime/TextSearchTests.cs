using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class TextSearchTests
{
    [Theory]
    [InlineData("WORLD", "hello world", true)]
    [InlineData("", "", true)]
    [InlineData("x", "", false)]
    [InlineData("stra\u00dfe", "STRA\u00dfE", true)]
    [InlineData("ÉCOLE", "école", true)]
    [InlineData("e\u0301cole", "École", true)]
    [InlineData("ecole", "école", false)]
    [InlineData("ответ", "ОТВЕТ", true)]
    [InlineData("\u03c3\u03c2", "\u03a3\u03a3", true)]
    [InlineData("\u01C6", "\u01C4", true)]
    // RFC 5051 §2 (2): U+01C4 becomes D z caron, but z caron alone Z caron.
    [InlineData("\u01C4", "D\u017E", false)]
    [InlineData("𐐨", "𐐀", true)]
    [InlineData("ＡＢＣ", "abc", true)]
    [InlineData("ﬁ", "fi", false)]
    [InlineData("\uFFFE\uFFFF\uD83F\uDFFE", "\uFFFE\uFFFF\uD83F\uDFFE", true)]
    [InlineData("ａｂｃ", "ABC", true)]
    [InlineData("\u10D0", "\u10D0", true)]
    public void Needles_are_found_in_text_and_at_any_cut_of_a_stream(string needle, string text, bool expected)
    {
        SearchNeedle compiled = new(needle);
        Assert.Equal(expected, compiled.IsIn(new(text)));
        byte[] octets = Encoding.UTF8.GetBytes(text);
        for (int piece = 1; piece <= octets.Length + 1; piece++)
        {
            IReadOnlyList<int> found = Find([compiled], new(new DribblingStream(octets, piece), Encoding.UTF8));
            Assert.Equal(expected ? [0] : [], found);
        }
    }

    [Fact]
    public void A_lone_surrogate_matches_itself_and_harms_nothing()
    {
        string text = new(['\ud800', 'x', '\udc00']); // attributes cannot hold them
        Assert.True(new SearchNeedle("X").IsIn(new(text)));
        Assert.True(new SearchNeedle(text).IsIn(new(text)));
    }

    [Fact]
    public void A_needle_is_found_wherever_it_lies_in_a_whole_body()
    {
        SearchNeedle[] needles = [new("nädel🙂"), new("nadel"), new("")];
        MimePart part = Samples.Parse("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n").Root;
        foreach (int before in (int[])[0, 1, 1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024, 16_380, 34_800, 34_816, 50_000])
        {
            string text = new string('n', before) + "NÄDEL🙂" + new string('n', 3000);
            byte[] body = Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
            Assert.Equal([0, 2], Find(needles, new(part, new MemoryStream(body))));
        }
    }

    [Fact]
    public void A_body_is_read_no_further_than_to_the_last_find()
    {
        byte[] octets = Encoding.ASCII.GetBytes("one two" + new string('x', 1 << 20));
        using MemoryStream stream = new(octets);
        using BodyTextReader reader = new(stream, Encoding.UTF8);
        Assert.Equal([0, 1], Find([new("TWO"), new("ONE")], reader));
        Assert.InRange(stream.Position, 1, 200_000);
    }

    [Fact]
    public void A_stream_is_searched_as_its_text_would_be()
        => Prop.ForAll<NonNull<string>, NonNull<string>, PositiveInt>(static (needle, text, piece) =>
        {
            // A needle of the text's own letters, and one that may not be there; lone surrogates are no UTF-8.
            string clean = new([.. text.Get.Where(static c => !char.IsSurrogate(c))]), whole = string.Concat(Enumerable.Repeat(clean, 3000));
            string other = new([.. needle.Get.Where(static c => !char.IsSurrogate(c))]);
            SearchNeedle[] needles = [new(other), new(clean[(clean.Length / 2)..] + clean), new(clean + "\u0001\u0002")];
            FoldedText folded = new(whole);
            int[] expected = [.. Enumerable.Range(0, 3).Where(i => needles[i].IsIn(folded))];
            DribblingStream stream = new(Encoding.UTF8.GetBytes(whole), 100 * piece.Get);
            return expected.SequenceEqual(Find(needles, new(stream, Encoding.UTF8)));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("Subject", "Subject: plain", true)]
    [InlineData("Subject: grüße", "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=", true)]
    [InlineData("utf", "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=", false)]
    [InlineData("one two", "X-Folded: one\r\n two", true)]
    [InlineData("twothree", "X-Folded: two\r\n three", false)]
    public void Header_lines_are_searched_decoded(string needle, string header, bool expected)
    {
        bool[] found = [false];
        TextSearch.FindInLines([new(needle)], Encoding.UTF8.GetBytes(header + "\r\n\r\n"), found);
        Assert.Equal(expected, found[0]);
    }

    private static IReadOnlyList<int> Find(IReadOnlyList<SearchNeedle> needles, BodyTextReader reader)
    {
        using NeedleWindow window = new(needles);
        char[] text = new char[BodyTextReader.LeastUnits + 1000];
        for (int units = -1; units != 0 && window.IsSearching; window.Push(text.AsSpan(0, units)))
            units = reader.Read(text);
        return window.Complete();
    }
}
