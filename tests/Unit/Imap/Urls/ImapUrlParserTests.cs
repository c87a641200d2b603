using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Fetch;
using FullStack.Imap.Urls;
using FullStack.Store;

namespace FullStack.Unit.Imap.Urls;

public sealed class ImapUrlParserTests
{
    private const string Token = "91354a473744909de610943775f92038";

    [Theory]
    [InlineData("imap://joe@example.com/INBOX/;uid=20/;section=1.2", "joe", true, "INBOX", 20u)]
    [InlineData("IMAP://joe;AUTH=*@[::1]:143/a%20b%C3%BC/;UID=1", "joe", true, "a bü", 1u)]
    [InlineData("imap://example.com/INBOX;uidvalidity=7/;uid=20/", null, true, "INBOX", 20u)]
    [InlineData("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER", null, false, "Drafts", 20u)]
    [InlineData(";UID=3/;SECTION=2.MIME/;PARTIAL=1.5", null, false, null, 3u)]
    public void Urls_of_messages_are_read(string text, string? user, bool isAbsolute, string? mailbox, uint uid)
    {
        ImapUrl url = Parse(text);
        Assert.Equal((user, isAbsolute, mailbox, new Uid(uid)), (url.User, url.IsAbsolute, url.Mailbox?.Text, url.Uid));
        Assert.Null(url.Authorization);
    }

    [Fact]
    public void Pieces_of_messages_are_read()
    {
        ImapUrl url = Parse("/x;UIDVALIDITY=9/;UID=3/;SECTION=1.HEADER.FIELDS%20(To%20%22Cc%22)/;PARTIAL=10");
        Assert.Equal(new UidValidity(9), url.UidValidity);
        Assert.Equal([1u], url.Section.Path);
        Assert.Equal(SectionText.HeaderFields, url.Section.Text);
        Assert.Equal(["To", "Cc"], url.Section.FieldNames.Select(Encoding.ASCII.GetString));
        Assert.Equal(new PartialRange(10, long.MaxValue), url.Partial);
    }

    [Theory]
    [InlineData("anonymous", 3, null)]
    [InlineData("authuser", 2, null)]
    [InlineData("user+fred", 1, "fred")]
    [InlineData("submit+fred%40example.test", 0, "fred@example.test")]
    public void Proofs_vouch_for_what_stands_before_them(string access, int kind, string? user)
    {
        string rump = $"imap://joe@example.com/INBOX/;uid=20;EXPIRE=2026-03-02T10:00:00.5+01:00;URLAUTH={access}";
        UrlAuthorization proof = Parse($"{rump}:internal:{Token}").Authorization!;
        Assert.Equal(((UrlAccess)kind, user, rump.Length, "INTERNAL"), (proof.Access, proof.AccessUser, proof.RumpOctets, proof.Mechanism));
        Assert.Equal(Convert.FromHexString(Token), proof.Token);
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 9, 0, 0, 500, TimeSpan.Zero), proof.Expires);
        Assert.Null(Parse(rump).Authorization!.Mechanism);
    }

    [Theory]
    [InlineData("")]
    [InlineData("imap://")]
    [InlineData("imap://joe@/INBOX/;UID=1")]
    [InlineData("imap://joe@example.com")]
    [InlineData("imap://joe@example.com/INBOX")]
    [InlineData("imap://joe@example.com/INBOX?SUBJECT")]
    [InlineData("imap://@example.com/INBOX/;UID=1")]
    [InlineData("//example.com/INBOX/;UID=1")]
    [InlineData("INBOX/;UID=1")]
    [InlineData("/;UID=1")]
    [InlineData("/INBOX;UID=1")]
    [InlineData("/INBOX/;UID=0")]
    [InlineData("/INBOX/;UID=4294967296")]
    [InlineData("/INBOX/;UID=1/;UID=2")]
    [InlineData("/INBOX/;UID=1;SECTION=1")]
    [InlineData("/INBOX/;UID=1/;SECTION=")]
    [InlineData("/INBOX/;UID=1/;SECTION=nonsense")]
    [InlineData("/INBOX/;UID=1/;PARTIAL=")]
    [InlineData("/INBOX/;UID=1/;PARTIAL=1.0")]
    [InlineData("/INBOX/;PARTIAL=1.1/;UID=1")]
    [InlineData("/IN BOX/;UID=1")]
    [InlineData("/IN%BOX/;UID=1")]
    [InlineData("/IN%00BOX/;UID=1")]
    [InlineData("/IN%FFBOX/;UID=1")]
    [InlineData("/INBOX/;UID=1;EXPIRE=2026-03-02T10:00:00Z")]
    [InlineData("/INBOX/;UID=1;EXPIRE=tomorrow;URLAUTH=anonymous")]
    [InlineData("/INBOX/;UID=1;URLAUTH=")]
    [InlineData("/INBOX/;UID=1;URLAUTH=user+")]
    [InlineData("/INBOX/;UID=1;URLAUTH=everybody")]
    [InlineData("/INBOX/;UID=1;URLAUTH=anonymous:internal:91354a473744909de610943775f9203")]
    [InlineData("/INBOX/;UID=1;URLAUTH=anonymous:internal:x1354a473744909de610943775f92038")]
    [InlineData("/INBOX/;UID=1;URLAUTH=anonymous::91354a473744909de610943775f92038")]
    public void Others_are_refused(string text) => Assert.False(ImapUrlParser.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void A_url_has_a_longest_length()
    {
        const string End = "/;UID=1";
        Assert.False(ImapUrlParser.TryParse(Encoding.ASCII.GetBytes("/" + new string('x', ImapUrl.MaxOctets) + End), out _));
    }

    [Fact]
    public void Nothing_throws()
    {
        string[] pieces = ["imap://", "joe", "@", "host", "/", ";", "INBOX", ";UIDVALIDITY=", ";UID=", "1", "/;SECTION=", "2.MIME", "/;PARTIAL=", "0.1", ";EXPIRE=",
            "2026-03-02T10:00:00Z", ";URLAUTH=", "user+", "anonymous", ":", "internal", Token, "%", "%41", "%FF", "[", "]", "\0", " "];
        Prop.ForAll<int[]>(order =>
        {
            string text = string.Concat(order.Select(i => pieces[(int)((uint)i % (uint)pieces.Length)]));
            _ = ImapUrlParser.TryParse(Encoding.UTF8.GetBytes(text), out _);
        }).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(static octets => { _ = ImapUrlParser.TryParse(octets, out _); }).QuickCheckThrowOnFailure();
    }

    private static ImapUrl Parse(string text)
    {
        Assert.True(ImapUrlParser.TryParse(Encoding.UTF8.GetBytes(text), out ImapUrl? url));
        return url;
    }
}
