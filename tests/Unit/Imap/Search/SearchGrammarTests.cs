using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Search;
using FullStack.Store.Mailboxes;
using FullStack.Store.Search;

namespace FullStack.Unit.Imap.Search;

public sealed class SearchGrammarTests
{
    [Theory]
    [InlineData("ALL", "All")]
    [InlineData("seen unSeen", "(Seen !Seen)")]
    [InlineData("ANSWERED DELETED DRAFT FLAGGED", "(Answered Deleted Draft Flagged)")]
    [InlineData("UNANSWERED UNDELETED UNDRAFT UNFLAGGED", "(!Answered !Deleted !Draft !Flagged)")]
    [InlineData("NEW OLD RECENT", "((Recent !Seen) !Recent Recent)")]
    [InlineData("KEYWORD $Junk UNKEYWORD work", "(#$Junk !#work)")]
    [InlineData("FROM a TO b CC c BCC d SUBJECT e", "(From:a To:b Cc:c Bcc:d Subject:e)")]
    [InlineData("BODY \"two words\" TEXT {3}\r\nabc", "(Body:two words Text:abc)")]
    [InlineData("HEADER X-Spam \"\"", "Header[X-Spam]:")]
    [InlineData("BEFORE 1-Feb-1994 ON \"01-feb-1994\" SINCE 31-DEC-2026", "(Before 1994-02-01 On 1994-02-01 Since 2026-12-31)")]
    [InlineData("SENTBEFORE 1-Feb-1994 SENTON 1-Feb-1994 SENTSINCE 29-Feb-2024",
        "(sent Before 1994-02-01 sent On 1994-02-01 sent Since 2024-02-29)")]
    [InlineData("LARGER 4294967295 SMALLER 0", "(>4294967295 <0)")]
    [InlineData("1:3,5 UID 7:*", "(n u)")]
    [InlineData("* 2:*", "(n n)")]
    [InlineData("NOT NOT SEEN", "!!Seen")]
    [InlineData("OR SEEN (FLAGGED DRAFT)", "Seen|(Flagged Draft)")]
    [InlineData("OR OR SEEN DRAFT NOT FLAGGED", "Seen|Draft|!Flagged")]
    [InlineData("((SEEN))", "Seen")]
    [InlineData("(SEEN (DRAFT)) DELETED", "((Seen Draft) Deleted)")]
    [InlineData("$ UID $", "(n u)")]
    [InlineData("1:3,7,$", "n")]
    [InlineData("OLDER 1 YOUNGER 4294967295", "(older1 younger4294967295)")]
    [InlineData("SAVEDBEFORE 1-Feb-1994 SAVEDON 1-Feb-1994 SAVEDSINCE 1-Feb-1994 SAVEDATESUPPORTED",
        "(saved Before 1994-02-01 saved On 1994-02-01 saved Since 1994-02-01 All)")]
    [InlineData("MODSEQ 0", "m0")]
    [InlineData("MODSEQ \"/flags/\\\\draft\" all 620162338", "m620162338")]
    [InlineData("CHARSET utf-8 SUBJECT {2}\r\n\u00c3\u00a9", "Subject:\u00e9")]
    [InlineData("CHARSET ISO-8859-1 SUBJECT {1}\r\n\u00e9", "Subject:\u00e9")]
    [InlineData("SUBJECT {2}\r\n\u00c3\u00a9", "Subject:\u00e9")]
    public void A_search_is_read_as_a_tree(string text, string expected)
    {
        Assert.True(Read(" " + text, out SearchProgram? program, out _));
        Assert.Equal(expected, Shown(program!.Key!));
        Assert.Equal(text.Contains("MODSEQ", StringComparison.Ordinal), program.UsesModSeq);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(" ", 1)]
    [InlineData(" SEEN ", 6)]
    [InlineData(" SEEN  DRAFT", 6)]
    [InlineData(" SEENX", 1)]
    [InlineData(" ()", 2)]
    [InlineData(" (SEEN", 6)]
    [InlineData(" SEEN)", 5)]
    [InlineData(" NOT", 4)]
    [InlineData(" OR SEEN", 8)]
    [InlineData(" FROM", 5)]
    [InlineData(" FROM (", 6)]
    [InlineData(" HEADER From", 12)]
    [InlineData(" KEYWORD \\Seen", 9)]
    [InlineData(" BEFORE 30-Feb-2026", 8)]
    [InlineData(" BEFORE 1-Foo-2026", 8)]
    [InlineData(" BEFORE 1-Feb-26", 8)]
    [InlineData(" BEFORE 001-Feb-2026", 8)]
    [InlineData(" BEFORE \"1-Feb-2026", 8)]
    [InlineData(" ON 0-Feb-2026", 4)]
    [InlineData(" LARGER -1", 8)]
    [InlineData(" LARGER", 7)]
    [InlineData(" 0", 1)]
    [InlineData(" 1:", 1)]
    [InlineData(" UID 0", 5)]
    [InlineData(" UID ALL", 5)]
    [InlineData(" MODSEQ -1", 8)]
    [InlineData(" MODSEQ \"/flags/\\\\draft\" some 1", 25)]
    [InlineData(" RETURN (SAVED) ALL", 9)]
    [InlineData(" RETURN (PARTIAL 1:10 ALL) ALL", 22)]
    [InlineData(" RETURN (ALL PARTIAL 1:10) ALL", 13)]
    [InlineData(" RETURN (PARTIAL 1:10 PARTIAL 1:10) ALL", 22)]
    [InlineData(" RETURN (PARTIAL 0:10) ALL", 9)]
    [InlineData(" RETURN (PARTIAL 1:-10) ALL", 9)]
    [InlineData(" RETURN (PARTIAL -1:10) ALL", 9)]
    [InlineData(" RETURN (PARTIAL 1:*) ALL", 9)]
    [InlineData(" RETURN (PARTIAL 1) ALL", 9)]
    [InlineData(" RETURN (PARTIAL) ALL", 9)]
    [InlineData(" OLDER 0", 7)]
    [InlineData(" OLDER -1", 7)]
    [InlineData(" YOUNGER 4294967296", 9)]
    [InlineData(" $,1", 2)]
    [InlineData(" UID $:3", 6)]
    [InlineData(" RETURN (MIN ALL", 16)]
    [InlineData(" RETURN () ", 11)]
    [InlineData(" RETURN MIN ALL", 8)]
    [InlineData(" CHARSET", 1)]
    [InlineData(" CHARSET utf-8", 14)]
    [InlineData(" CHARSET utf-8 SUBJECT {1}\r\n\u00e9", 23)]
    public void What_the_grammar_does_not_have_is_refused(string text, int position)
    {
        Assert.False(Read(text, out _, out int at));
        Assert.Equal(position, at);
    }

    [Theory]
    [InlineData("RETURN () ALL", 4)]
    [InlineData("RETURN (ALL) ALL", 4)]
    [InlineData("return (min MAX count) ALL", 11)]
    [InlineData("RETURN (COUNT) CHARSET utf-8 ALL", 8)]
    [InlineData("RETURN (SAVE) ALL", 16)]
    [InlineData("RETURN (SAVE min) ALL", 17)]
    [InlineData("ALL", 0)]
    public void Return_options_are_kept(string text, int expected)
    {
        Assert.True(Read(" " + text, out SearchProgram? program, out _));
        Assert.Equal((SearchReturn)expected, program!.Return.Items);
    }

    [Theory]
    [InlineData("PARTIAL 1:500", 1, 500, false)]
    [InlineData("partial 500:1 min", 500, 1, false)]
    [InlineData("COUNT PARTIAL -1:-4294967295", 1, uint.MaxValue, true)]
    public void A_window_is_kept_as_written(string option, uint first, uint second, bool fromEnd)
    {
        Assert.True(Read($" RETURN ({option}) ALL", out SearchProgram? program, out _));
        Assert.Equal(new ResultRange(first, second, fromEnd), program!.Return.Partial);
    }

    [Fact]
    public void A_charset_nobody_knows_is_no_syntax_error()
    {
        Assert.True(Read(" RETURN (SAVE) CHARSET x-klingon SUBJECT x", out SearchProgram? program, out _));
        Assert.Null(program!.Key);
        Assert.True(program.Return.Has(SearchReturn.Save));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        string nested(int depth) => " " + string.Concat(Enumerable.Repeat("NOT ", depth)) + "SEEN";
        Assert.True(Read(nested(SearchKeyParser.MaxDepth), out _, out _));
        Assert.False(Read(nested(SearchKeyParser.MaxDepth + 1), out _, out _));
        Assert.False(Read(" " + new string('(', 60_000), out _, out _));
        Assert.False(Read(" " + string.Concat(Enumerable.Repeat("OR ", 20_000)), out _, out _));
    }

    [Fact]
    public void Keys_are_bounded()
    {
        string many(int count) => string.Concat(Enumerable.Repeat(" SEEN", count));
        Assert.True(Read(many(SearchKeyParser.MaxKeys), out _, out _));
        Assert.False(Read(many(SearchKeyParser.MaxKeys + 1), out _, out _));
    }

    [Fact]
    public void Texts_are_bounded()
    {
        string many(int count) => string.Concat(Enumerable.Repeat(" BODY x", count));
        Assert.True(Read(many(SearchKeyParser.MaxTexts), out _, out _));
        Assert.False(Read(many(SearchKeyParser.MaxTexts + 1), out _, out _));
    }

    private static bool Read(string text, out SearchProgram? program, out int position)
    {
        ImapReader reader = new(Encoding.Latin1.GetBytes(text));
        bool isRead = reader.TryReadSearchProgram(out program);
        position = reader.Position;
        return isRead;
    }

    private static string Shown(SearchKey key) => key switch
    {
        SearchKey.And and => "(" + string.Join(' ', and.Keys.Select(Shown)) + ")",
        SearchKey.Or or => Shown(or.Left) + "|" + Shown(or.Right),
        SearchKey.Not not => "!" + Shown(not.Key),
        SearchKey.Numbers => "n",
        SearchKey.Uids => "u",
        SearchKey.Saved saved => $"saved {saved.Order} {saved.Date:yyyy-MM-dd}",
        SearchKey.Older older => "older" + older.Seconds,
        SearchKey.Younger younger => "younger" + younger.Seconds,
        SearchKey.Test test => Shown(test.Query),
        _ => key.ToString(),
    };

    private static string Shown(MessageQuery query) => query switch
    {
        MessageQuery.Everything => "All",
        MessageQuery.Flagged { Flags: SystemFlags flags } => flags.ToString(),
        MessageQuery.Recent => "Recent",
        MessageQuery.Keyword keyword => "#" + keyword.Name,
        MessageQuery.Larger larger => ">" + larger.Octets,
        MessageQuery.Smaller smaller => "<" + smaller.Octets,
        MessageQuery.Arrived arrived => $"{arrived.Order} {arrived.Date:yyyy-MM-dd}",
        MessageQuery.Sent sent => $"sent {sent.Order} {sent.Date:yyyy-MM-dd}",
        MessageQuery.ChangedSince since => "m" + since.ModSeq,
        MessageQuery.Contains { Field: TextField.Header } text => $"Header[{text.FieldName}]:{text.Needle.Text}",
        MessageQuery.Contains text => $"{text.Field}:{text.Needle.Text}",
        _ => query.ToString(),
    };
}
