using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Grammar;
using FullStack.Imap.Search;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Mailboxes;
using FullStack.Store.Search;

namespace FullStack.Unit.Imap.Search;

public sealed class SearchEvaluatorTests
{
    /// <summary>An hour and half a second after the message came.</summary>
    private static readonly DateTimeOffset s_now = new(2026, 3, 3, 13, 0, 0, 500, TimeSpan.Zero);

    private const string Header = "Date: Mon, 2 Mar 2026 23:30:00 -0800\nFrom: =?utf-8?q?Andr=C3=A9?= <andre@example.org>\n"
        + "To: Team: b@example.net, c@example.net;\nSubject: =?iso-8859-1?q?Gr=FC=DFe?= from here\nMessage-ID: <1@example.org>\n\nbody\n";

    [Theory]
    [InlineData("ALL", true)]
    [InlineData("SEEN", true)]
    [InlineData("UNSEEN", false)]
    [InlineData("FLAGGED", false)]
    [InlineData("RECENT", true)]
    [InlineData("NEW", false)]
    [InlineData("OLD", false)]
    [InlineData("KEYWORD $junk", true)]
    [InlineData("UNKEYWORD $JUNK", false)]
    [InlineData("KEYWORD Junk", false)]
    [InlineData("LARGER 99", true)]
    [InlineData("LARGER 100", false)]
    [InlineData("SMALLER 101", true)]
    [InlineData("SMALLER 100", false)]
    [InlineData("BEFORE 3-Mar-2026", false)]
    [InlineData("BEFORE 4-Mar-2026", true)]
    [InlineData("ON 3-Mar-2026", true)]
    [InlineData("ON 2-Mar-2026", false)]
    [InlineData("SINCE 3-Mar-2026", true)]
    [InlineData("SINCE 4-Mar-2026", false)]
    [InlineData("4", true)]
    [InlineData("1:3,5:*", false)]
    [InlineData("*", false)]
    [InlineData("999", false)]
    [InlineData("UID 44", true)]
    [InlineData("UID 40:43,45:*", false)]
    [InlineData("UID 1:4294967295", true)]
    [InlineData("$", true)]
    [InlineData("UID $", true)]
    [InlineData("NOT $", false)]
    [InlineData("1:3,$", true)]
    [InlineData("UID 1,$", true)]
    [InlineData("OLDER 3599", true)]
    [InlineData("OLDER 3600", true)]
    [InlineData("OLDER 3601", false)]
    [InlineData("YOUNGER 3599", false)]
    [InlineData("YOUNGER 3600", true)]
    [InlineData("YOUNGER 3601", true)]
    [InlineData("OLDER 4294967295", false)]
    [InlineData("YOUNGER 4294967295", true)]
    [InlineData("MODSEQ 1000", true)]
    [InlineData("MODSEQ 1001", false)]
    [InlineData("NOT SEEN", false)]
    [InlineData("OR UNSEEN 4", true)]
    [InlineData("OR UNSEEN 5", false)]
    [InlineData("SEEN 5", false)]
    [InlineData("NOT (SEEN 5)", true)]
    [InlineData("UNSEEN BODY x", false)]
    [InlineData("OR SEEN BODY x", true)]
    [InlineData("SEEN BODY x", null)]
    [InlineData("NOT BODY x", null)]
    [InlineData("SENTON 2-Mar-2026", null)]
    public void Entries_decide_what_they_can(string search, bool? expected) => Assert.Equal(expected, Matches(search, structure: null));

    [Theory]
    [InlineData("SENTON 2-Mar-2026", true)]
    [InlineData("SENTON 3-Mar-2026", false)]
    [InlineData("SENTBEFORE 3-Mar-2026", true)]
    [InlineData("SENTSINCE 2-Mar-2026", true)]
    [InlineData("FROM ANDR\u00c9", true)]
    [InlineData("FROM Andre\u0301", true)]
    [InlineData("FROM andre@EXAMPLE", true)]
    [InlineData("FROM b@example.net", false)]
    [InlineData("FROM \"\"", true)]
    [InlineData("TO team", true)]
    [InlineData("TO c@example.net", true)]
    [InlineData("CC \"\"", false)]
    [InlineData("SUBJECT gr\u00fc\u00dfe", true)]
    [InlineData("SUBJECT \"from here\"", true)]
    [InlineData("SUBJECT =?ISO-8859-1?", false)]
    [InlineData("HEADER message-id 1@example", true)]
    [InlineData("HEADER message-id 2@example", false)]
    [InlineData("HEADER in-reply-to \"\"", false)]
    [InlineData("HEADER X-Other \"\"", null)]
    [InlineData("OR FROM nobody BODY x", null)]
    [InlineData("FROM nobody BODY x", false)]
    public void Structures_decide_what_envelopes_hold(string search, bool? expected)
        => Assert.Equal(expected, Matches("CHARSET utf-8 " + search, Parse(Header)));

    [Theory]
    [InlineData("SENTBEFORE 1-Jan-2100")]
    [InlineData("SENTSINCE 1-Jan-1970")]
    public void A_message_without_a_date_was_sent_on_no_day(string search)
    {
        Assert.Equal(false, Matches(search, Parse("Subject: x\n\n")));
        Assert.Equal(true, Matches("NOT " + search, Parse("Date: yesterday\n\n")));
    }

    [Fact]
    public void A_message_was_sent_on_the_day_that_it_says_whatever_its_zone()
        => Assert.Equal(true, Matches("SENTON 21-Aug-2002", Parse("Date: Wed, 21 Aug 2002 20:31:57 -1600\n\n")));

    [Fact]
    public void More_knowledge_never_changes_an_outcome()
        => Prop.ForAll<bool, bool, byte>(static (first, second, shape) =>
        {
            MessageQuery one = new MessageQuery.Contains(TextField.Body, "", new("a")), two = new MessageQuery.Contains(TextField.Body, "", new("b"));
            QueryPlan plan = new((shape % 4) switch
            {
                0 => new MessageQuery.And([one, two]),
                1 => new MessageQuery.Or(one, new MessageQuery.Not(two)),
                2 => new MessageQuery.Not(new MessageQuery.Or(one, two)),
                _ => new MessageQuery.And([new MessageQuery.Not(one), new MessageQuery.Or(two, one)]),
            });
            MessageFacts message = Facts(2);
            bool? nothing = plan.Matches(message);
            message.SetFound(0, first);
            bool? half = plan.Matches(message);
            message.SetFound(1, second);
            bool? all = plan.Matches(message);
            return nothing is null && all is not null && (half is null || half == all);
        }).QuickCheckThrowOnFailure();

    private static bool? Matches(string search, MimeMessage? structure)
    {
        ImapReader reader = new(Encoding.UTF8.GetBytes(" " + Literals(search)));
        Assert.True(reader.TryReadSearchProgram(out SearchProgram? program));
        QueryPlan plan = new(program.Key!.Resolve(new(9, new Uid(90), UidSet.Of(new Uid(43), new Uid(44)), s_now)));
        MessageFacts message = Facts(plan.Texts.Count);
        if (structure is not null)
        {
            message.Envelope = structure.Root.Envelope;
            EnvelopeTexts.Resolve(plan.Texts, message);
        }

        return plan.Matches(message);
    }

    /// <summary>Words with 8-bit characters as the literals that the grammar wants for them.</summary>
    private static string Literals(string search) => string.Join(' ', search.Split(' ').Select(static word
        => Ascii.IsValid(word) ? word : $"{{{Encoding.UTF8.GetByteCount(word)}}}\r\n{word}"));

    private static MessageFacts Facts(int texts)
    {
        MessageEntry entry = new()
        {
            Uid = new(44),
            ModSeq = new(1000),
            Flags = SystemFlags.Seen | SystemFlags.Draft,
            Keywords = ["$Junk"],
            WireOctets = 100,
            InternalDate = new(2026, 3, 3, 12, 0, 0, TimeSpan.Zero),
        };
        return new(4, entry, isRecent: true, texts);
    }

    private static MimeMessage Parse(string message)
    {
        MessageParser parser = new();
        parser.Push(Encoding.Latin1.GetBytes(message));
        return parser.Complete();
    }
}
