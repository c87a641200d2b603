using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Search;

namespace FullStack.Unit.Imap.Search;

public sealed class SearchTextsTests
{
    [Theory]
    [InlineData("hello", "HELLO")]
    [InlineData("stra\u00dfe", "STRA\u00dfE")]
    [InlineData("caf\u00e9", "CAFE\u0301")]
    [InlineData("\uff26ull", "full")]
    [InlineData("\u03c3\u03c2", "\u03a3\u03a3")]
    public void Case_and_composition_do_not_count(string one, string other) => Assert.Equal(CaseFolding.Fold(one), CaseFolding.Fold(other));

    [Fact]
    public void A_lone_surrogate_is_no_character()
        => Assert.Equal("\ufffdX\ufffd", CaseFolding.Fold(new string(['\ud800', 'x', '\udc00']))); // attributes cannot hold them

    [Fact]
    public void Folding_takes_any_text()
        => Prop.ForAll<string>(static text => CaseFolding.Fold(CaseFolding.Fold(text ?? "")) is not null).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(8189)]
    [InlineData(8190)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(20000)]
    public async Task A_text_is_found_wherever_it_lies(int at)
    {
        SearchTexts texts = new([Body(0, "needle"), Body(1, "absent"), Body(2, "x")]);
        using StringReader text = new(new string('x', at) + "NeEdLe" + new string('y', 10));
        Assert.Equal([2, 0], await texts.FindAsync(text, [0, 1, 2], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Only_the_keys_asked_for_are_looked_for()
    {
        SearchTexts texts = new([Body(0, "a"), Body(1, "b")]);
        using StringReader text = new("ab");
        Assert.Equal([1], await texts.FindAsync(text, [1], TestContext.Current.CancellationToken));
    }

    private static SearchKey.Contains Body(int slot, string wanted) => new(slot, SearchField.Body, "", wanted);
}
