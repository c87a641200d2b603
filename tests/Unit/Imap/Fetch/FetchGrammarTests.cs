using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Store;

namespace FullStack.Unit.Imap.Fetch;

public sealed class FetchGrammarTests
{
    [Theory]
    [InlineData("ALL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE")]
    [InlineData("fast", "FLAGS INTERNALDATE RFC822.SIZE")]
    [InlineData("Full", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY")]
    [InlineData("flags", "FLAGS")]
    [InlineData("(UID FLAGS uid)", "UID FLAGS")]
    [InlineData("BODYSTRUCTURE", "BODYSTRUCTURE")]
    [InlineData("(BODY MODSEQ)", "BODY MODSEQ")]
    [InlineData("(saveDate SAVEDATE)", "SAVEDATE")]
    [InlineData("RFC822", "RFC822!")]
    [InlineData("RFC822.HEADER", "RFC822.HEADER")]
    [InlineData("RFC822.TEXT", "RFC822.TEXT!")]
    [InlineData("RFC822.SIZE", "RFC822.SIZE")]
    [InlineData("BODY[]", "BODY[]!")]
    [InlineData("BODY.PEEK[]", "BODY[]")]
    [InlineData("(BODY.PEEK[] BODY[])", "BODY[]!")]
    [InlineData("body[header]", "BODY[HEADER]!")]
    [InlineData("BODY.PEEK[TEXT]<0.2048>", "BODY[TEXT]<0>")]
    [InlineData("(BODY.PEEK[]<0.1> BODY.PEEK[]<0.2>)", "BODY[]<0> BODY[]<0>")]
    [InlineData("BODY.PEEK[4.2.2.1]", "BODY[4.2.2.1]")]
    [InlineData("BODY.PEEK[3.header]", "BODY[3.HEADER]")]
    [InlineData("BODY.PEEK[1.MIME]", "BODY[1.MIME]")]
    [InlineData("BODY.PEEK[HEADER.FIELDS (Date FROM)]", "BODY[HEADER.FIELDS (Date FROM)]")]
    [InlineData("BODY.PEEK[2.Header.Fields.Not (\"a b\" {1}\r\nx)]<5.6>", "BODY[2.HEADER.FIELDS.NOT (\"a b\" x)]<5>")]
    [InlineData("BODY.PEEK[]<9223372036854775807.9223372036854775807>", "BODY[]<9223372036854775807>")]
    public void A_request_names_its_items_as_the_response_does(string text, string expected)
    {
        Assert.True(TryRead(text, out FetchRequest? request, out _));
        IEnumerable<string> names = request!.Items.Select(static item
            => Encoding.ASCII.GetString(item.Name.Span) + (item.SetsSeen ? "!" : ""));
        Assert.Equal(expected, string.Join(' ', names));
        Assert.Equal(expected.Contains('!'), request.SetsSeen);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("()", 1)]
    [InlineData("(FLAGS", 6)]
    [InlineData("(FLAGS )", 7)]
    [InlineData("(FLAGS  UID)", 7)]
    [InlineData("(ALL)", 1)]
    [InlineData("FLAGS UID", 5)]
    [InlineData("FAST FULL", 4)]
    [InlineData("FLAGSX", 0)]
    [InlineData("RFC822.SIZES", 0)]
    [InlineData("BODY[", 5)]
    [InlineData("BODY[1", 6)]
    [InlineData("BODY[0]", 5)]
    [InlineData("BODY[1.]", 7)]
    [InlineData("BODY[1..2]", 7)]
    [InlineData("BODY[MIME]", 5)]
    [InlineData("BODY[HEADERS]", 5)]
    [InlineData("BODY[HEADER.FIELDS]", 18)]
    [InlineData("BODY[HEADER.FIELDS ()]", 20)]
    [InlineData("BODY[HEADER.FIELDS (a b]", 24)]
    [InlineData("BODY[TEXT.1]", 5)]
    [InlineData("BODY[]<0.0>", 10)]
    [InlineData("BODY[]<0>", 8)]
    [InlineData("BODY[]<-1.1>", 7)]
    [InlineData("BODY[]<9223372036854775808.1>", 7)]
    [InlineData("RFC822[]", 0)]
    [InlineData("BODY.PEEK", 0)]
    [InlineData("FLAGS (CHANGEDSINCE 0)", 21)]
    [InlineData("FLAGS (CHANGEDSINCE)", 7)]
    [InlineData("FLAGS (CHANGEDSINCE 5 VANISHED VANISHED)", 31)]
    [InlineData("FLAGS (VANISHED)", 15)]
    [InlineData("FLAGS (CHANGEDSINCE 5 CHANGEDSINCE 6)", 22)]
    [InlineData("FLAGS (PARTIAL 1:2 PARTIAL 1:2)", 19)]
    [InlineData("FLAGS (PARTIAL 0:2)", 15)]
    [InlineData("FLAGS (PARTIAL 1:-2)", 15)]
    [InlineData("FLAGS ()", 7)]
    public void What_the_grammar_does_not_have_is_refused(string text, int position)
    {
        Assert.False(TryRead(text, out _, out int at));
        Assert.Equal(position, at);
    }

    [Fact]
    public void Changedsince_asks_for_mod_sequences_too()
    {
        Assert.True(TryRead("(UID) (CHANGEDSINCE 12345)", out FetchRequest? request, out _));
        Assert.Equal(new ModSeq(12345), request!.ChangedSince);
        Assert.Equal([FetchItem.Uid, FetchItem.ModSeq], request.Items);
    }

    [Fact]
    public void Uid_comes_first_where_a_uid_command_adds_it()
    {
        Assert.True(TryRead("FAST", out FetchRequest? request, out _));
        Assert.Equal(FetchItem.Uid, request!.WithFirst(FetchItem.Uid).Items[0]);
        Assert.Equal(4, request.WithFirst(FetchItem.Uid).WithFirst(FetchItem.Uid).Items.Count);
    }

    [Fact]
    public void More_items_than_the_limit_are_refused()
    {
        string items(int count) => "(" + string.Join(' ', Enumerable.Range(0, count).Select(static i => $"BODY.PEEK[]<{i}.1>")) + ")";
        Assert.True(TryRead(items(FetchGrammar.MaxItems), out _, out _));
        Assert.False(TryRead(items(FetchGrammar.MaxItems + 1), out _, out _));
    }

    [Theory]
    [InlineData("FLAGS", false, false)]
    [InlineData("(UID INTERNALDATE RFC822.SIZE MODSEQ)", false, false)]
    [InlineData("ENVELOPE", true, false)]
    [InlineData("BODYSTRUCTURE", true, false)]
    [InlineData("BODY.PEEK[1]", true, true)]
    [InlineData("RFC822.HEADER", false, true)]
    [InlineData("(UID BODY.PEEK[] BODY[TEXT]<0.5> BODY.PEEK[HEADER.FIELDS (a)])", false, true)]
    [InlineData("(UID BODY.PEEK[] BODY.PEEK[1.MIME])", true, true)]
    public void Files_are_opened_for_octets_only(string text, bool structure, bool content)
    {
        Assert.True(TryRead(text, out FetchRequest? request, out _));
        Assert.Equal((structure, content), ((request!.Needs & (FetchNeeds.Structure | FetchNeeds.Envelope)) != 0, request.Needs.HasFlag(FetchNeeds.Octets)));
    }

    private static bool TryRead(string text, out FetchRequest? request, out int position)
    {
        ImapReader reader = new(Encoding.Latin1.GetBytes(text));
        bool ok = reader.TryReadFetchRequest(out request) && reader.TryReadEnd();
        position = reader.Position;
        return ok;
    }
}
