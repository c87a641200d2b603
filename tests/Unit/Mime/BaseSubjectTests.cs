using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class BaseSubjectTests
{
    [Theory]
    [InlineData("", "", false)]
    [InlineData("hello", "hello", false)]
    [InlineData("  hello \t world  ", "hello world", false)]
    [InlineData("Re: hello", "hello", true)]
    [InlineData("re:hello", "hello", true)]
    [InlineData("RE : hello", "hello", true)]
    [InlineData("Fw: hello", "hello", true)]
    [InlineData("FWD: hello", "hello", true)]
    [InlineData("Re: Fwd: re: hello", "hello", true)]
    [InlineData("Re[2]: hello", "hello", true)]
    [InlineData("Re [2] : hello", "hello", true)]
    [InlineData("[list] hello", "hello", false)]
    [InlineData("[list] Re: hello", "hello", true)]
    [InlineData("Re: [list] Re: [other] hello", "hello", true)]
    [InlineData("[a] [b] [c] hello", "hello", false)]
    [InlineData("[a][b]", "[b]", false)]
    [InlineData("[a]", "[a]", false)]
    [InlineData("Re: [a]", "[a]", true)]
    [InlineData("Re:", "", true)]
    [InlineData("Re", "Re", false)]
    [InlineData("Ref: hello", "Ref: hello", false)]
    [InlineData("Regarding: hello", "Regarding: hello", false)]
    [InlineData("hello (fwd)", "hello", true)]
    [InlineData("hello (FWD) (fwd) ", "hello", true)]
    [InlineData("(fwd)", "", true)]
    [InlineData("[fwd: hello]", "hello", true)]
    [InlineData("[FWD: Re: hello (fwd)]", "hello", true)]
    [InlineData("[fwd: [fwd: hello]]", "hello", true)]
    [InlineData("[fwd: hello] and more", "and more", false)]
    [InlineData("[fwd:]", "", true)]
    [InlineData("[fwd:", "[fwd:", false)]
    [InlineData("[", "[", false)]
    [InlineData("[]", "[]", false)]
    [InlineData("[] x", "x", false)]
    [InlineData("[[a] x", "[[a] x", false)]
    [InlineData("a] x", "a] x", false)]
    [InlineData("Re: a [b]", "a [b]", true)]
    [InlineData("Aw: hello", "Aw: hello", false)]
    public void What_others_put_around_a_subject_is_removed(string subject, string expected, bool isReply)
        => Assert.Equal(new BaseSubject(expected, isReply), BaseSubject.Of(subject));

    [Fact]
    public void Encoded_words_are_decoded_first()
        => Assert.Equal(new BaseSubject("Gr\u00fc\u00dfe", true), BaseSubject.Of("=?utf-8?q?Re=3A_Gr=C3=BC=C3=9Fe?="u8));

    /// <summary>The base of a base is itself, but for a last blob that was spared.</summary>
    [Theory]
    [InlineData("[a]")]
    [InlineData("Re: ")]
    [InlineData("[fwd: ")]
    [InlineData("(fwd)")]
    [InlineData("[")]
    [InlineData("re[a]")]
    [InlineData("fwd")]
    [InlineData("[a] re: ")]
    public void A_million_of_them_take_no_longer_than_reading_them(string piece)
    {
        string text = new StringBuilder().Insert(0, piece, 1_000_000 / piece.Length).ToString();
        BaseSubject once = BaseSubject.Of(text);
        Assert.True(once.Text.Length <= text.Length);
        Assert.Equal(once.Text, BaseSubject.Of(once.Text).Text);
    }
}
