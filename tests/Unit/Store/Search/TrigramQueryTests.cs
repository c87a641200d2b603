using FullStack.Store.Search;

namespace FullStack.Unit.Store.Search;

public sealed class TrigramQueryTests
{
    [Theory]
    [InlineData("ab", null)]
    [InlineData("", null)]
    [InlineData("abc", "\"ABC\"")]
    [InlineData("abcd", "\"ABC\" AND \"BCD\"")]
    [InlineData("aaaa", "\"AAA\"")]
    [InlineData("a\"b\"", "\"A\"\"B\" AND \"\"\"B\"\"\"")]
    [InlineData("é", null)] // two code points once it is decomposed
    [InlineData("éa", "\"E\u0301A\"")]
    [InlineData("🙂🙂", null)]
    [InlineData("🙂🙂x", "\"🙂🙂X\"")]
    [InlineData("ab\0cd", null)]
    public void Texts_are_asked_for_by_their_trigrams(string needle, string? expected)
        => Assert.Equal(expected, TrigramQuery.For(new(TextField.Body, "", new(needle))));

    [Fact]
    public void Half_a_surrogate_pair_is_asked_for_by_nothing()
        => Assert.Null(TrigramQuery.For(new(TextField.Body, "", new(new string(['a', '\ud800', 'b', 'c', 'd'])))));

    [Theory]
    [InlineData("List-Id", "", "\"LIS\" AND \"IST\" AND \"ST-\" AND \"T-I\" AND \"-ID\" AND \"ID:\"")]
    [InlineData("X", "", null)]
    [InlineData("X", "abc", "\"ABC\"")]
    [InlineData("", "abc", "\"ABC\"")]
    [InlineData("Nämé", "abc", "\"ABC\"")]
    public void Fields_are_asked_for_by_their_names_too(string field, string needle, string? expected)
        => Assert.Equal(expected, TrigramQuery.For(new(TextField.Header, field, new(needle))));

    [Fact]
    public void A_long_text_is_asked_for_by_some_of_its_trigrams()
    {
        string query = TrigramQuery.For(new(TextField.Body, "", new(string.Concat(Enumerable.Range(0, 1000)))))!;
        Assert.InRange(query.Split(" AND ").Length, 10, 24);
    }
}
