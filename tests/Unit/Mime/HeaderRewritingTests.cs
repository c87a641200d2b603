using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

/// <summary>Addresses in a header change; all else stays octet for octet, whatever the sizes of pieces.</summary>
public sealed class HeaderRewritingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Fields as they come, and as they are when each address of lan has become one of example.org.</summary>
    public static TheoryData<string, string> Fields => new()
    {
        { "From: ann@pc1.lan\r\n", "From: ann@example.org\r\n" },
        { "FROM : Ann <ann@pc1.lan>\r\n", "FROM : Ann <ann@example.org>\r\n" },
        { "From: \"Ann, of pc1 <ann@pc1.lan>\" <ann@pc1.lan>\r\n", "From: \"Ann, of pc1 <ann@pc1.lan>\" <ann@example.org>\r\n" },
        { "From: =?utf-8?Q?Ann=40pc1.lan?= <ann@pc1.lan>\r\n", "From: =?utf-8?Q?Ann=40pc1.lan?= <ann@example.org>\r\n" },
        { "From: ann@pc1.lan (Ann @ home, ann@pc1.lan (really))\r\n", "From: ann@example.org (Ann @ home, ann@pc1.lan (really))\r\n" },
        { "From: (a\\)@x.lan) ann@pc1.lan\r\n", "From: (a\\)@x.lan) ann@example.org\r\n" },
        { "From: \"ann o'dell\"@pc1.lan, <\"b\\\"ob\"@pc1.lan>\r\n", "From: \"ann o'dell\"@example.org, <\"b\\\"ob\"@example.org>\r\n" },
        { "From: Ann\r\n <ann@pc1.lan>,\r\n\t\"Bob\" <bob@pc1.lan>\r\n", "From: Ann\r\n <ann@example.org>,\r\n\t\"Bob\" <bob@example.org>\r\n" },
        { "From: ann . lee (x) @ pc1 . lan\r\n", "From: ann.lee@example.org\r\n" },
        { "From: ann@\r\n pc1.lan\r\n", "From: ann@example.org\r\n" },
        { "Reply-To: Staff: ann@pc1.lan, Bob <bob@pc1.lan>;, joe@example.net\r\n", "Reply-To: Staff: ann@example.org, Bob <bob@example.org>;, joe@example.net\r\n" },
        { "Reply-To: Nobody:;\r\n", "Reply-To: Nobody:;\r\n" },
        { "Sender: <@relay.lan,@other.lan:ann@pc1.lan>\r\n", "Sender: <@relay.lan,@other.lan:ann@example.org>\r\n" },
        { "From: J\u00fcrgen <j\u00fcrgen@pc1.lan>\r\n", "From: J\u00fcrgen <j\u00fcrgen@example.org>\r\n" },
        { "From: ann@[192.0.2.1], bob@pc1.lan\r\n", "From: ann@[192.0.2.1], bob@example.org\r\n" },
        { "Resent-From: ann@pc1.lan\r\nResent-Sender: bob@pc1.lan\r\n", "Resent-From: ann@example.org\r\nResent-Sender: bob@example.org\r\n" },
        { "Disposition-Notification-To: ann@pc1.lan\r\nReturn-Receipt-To: ann@pc1.lan\r\nErrors-To: a@pc1.lan\r\n", "Disposition-Notification-To: ann@example.org\r\nReturn-Receipt-To: ann@example.org\r\nErrors-To: a@example.org\r\n" },
        { "To: ann@pc1.lan\r\nSubject: ann@pc1.lan\r\nX-From: ann@pc1.lan\r\nMessage-ID: <1@pc1.lan>\r\n", "To: ann@pc1.lan\r\nSubject: ann@pc1.lan\r\nX-From: ann@pc1.lan\r\nMessage-ID: <1@pc1.lan>\r\n" },
        { "From: ann\r\nReply-To: <>, \"@pc1.lan\", @pc1.lan, ann@, a\"b@pc1.lan\r\n", "From: ann\r\nReply-To: <>, \"@pc1.lan\", @pc1.lan, ann@, a\"b@pc1.lan\r\n" },
        { "From ann@pc1.lan Mon Jan  1 00:00:00 2024\r\nFrom: ann@pc1.lan\r\n", "From ann@pc1.lan Mon Jan  1 00:00:00 2024\r\nFrom: ann@example.org\r\n" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task An_address_changes_and_nothing_around_it(string fields, string expected)
    {
        const string body = "\r\nFrom: ann@pc1.lan\r\n\r\nReply-To: bob@pc1.lan\r\n";
        Assert.Equal(expected + body, await RewriteAsync(fields + body));
        Assert.Equal(expected, await RewriteAsync(fields));
    }

    [Fact]
    public async Task Recipients_change_where_that_is_wanted()
    {
        const string message = "To: ann@pc1.lan\r\nCc: a: bob@pc1.lan;\r\nResent-To: c@pc1.lan\r\nBcc: d@pc1.lan\r\nFrom: e@pc1.lan\r\n\r\n";
        Assert.Equal(message.Replace("pc1.lan", "example.org", StringComparison.Ordinal).Replace("e@example.org", "e@pc1.lan", StringComparison.Ordinal), await RewriteAsync(message, recipients: true));
    }

    [Theory]
    [InlineData("not a field\r\nFrom: ann@pc1.lan\r\n\r\n")]
    [InlineData("\r\nFrom: ann@pc1.lan\r\n")]
    [InlineData("")]
    [InlineData("DKIM-Signature: v=1; d=lan\r\nFrom: ann@pc1.lan\r\n\r\n")]
    [InlineData("From: ann@pc1.lan\r\ndkim-signature : v=1; d=lan\r\n\r\n")]
    public async Task What_is_body_or_signed_stays(string message)
        => Assert.Null(await HeaderRewriting.PlanAsync(StreamOf(message), Change, null, Ct));

    [Fact]
    public async Task A_field_that_is_too_long_stays()
    {
        string pad = string.Concat(Enumerable.Repeat("\r\n a@pc1.lan,", 7000));
        string message = $"Reply-To:{pad} z@pc1.lan\r\nFrom: ann@pc1.lan\r\n\r\nbody";
        Assert.Equal(message.Replace("From: ann@pc1.lan", "From: ann@example.org", StringComparison.Ordinal), await RewriteAsync(message));
    }

    [Fact]
    public async Task A_signed_body_stays_octet_for_octet()
    {
        string body = "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b\r\n\r\n--b\r\nFrom: ann@pc1.lan\r\n\r\ntext\r\n--b--\r\n";
        Assert.Equal("From: ann@example.org\r\n" + body, await RewriteAsync("From: ann@pc1.lan\r\n" + body));
    }

    /// <summary>Whatever comes: its length is what was promised, in pieces of any size, and nothing changes where no address does.</summary>
    [Fact]
    public void Anything_comes_out_with_the_length_that_was_planned()
    {
        Gen<string> piece = Gen.Elements("From", "To", ":", ": ", "\r\n", "\r\n ", "\n", "\r", "ann@pc1.lan", "<", ">", "(", ")", "\"", "\\", ",", ";", "@", ".", "[", "]", " ", "x", "\u00e9", "\0", "DKIM-Signature:");
        Prop.ForAll(piece.ListOf().ToArbitrary(), pieces =>
        {
            string message = string.Concat(pieces);
            string other = RewriteAsync(message).GetAwaiter().GetResult();
            return other == message || other.Contains("@example.org", StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }

    private static string? Change(string localPart, string domain) => domain.EndsWith(".lan", StringComparison.Ordinal)
        ? localPart.AsSpan().ContainsAny(" \"") ? $"\"{localPart.Replace("\"", "\\\"", StringComparison.Ordinal)}\"@example.org" : $"{localPart}@example.org" : null;

    private static Stream StreamOf(string message) => new MemoryStream(Encoding.UTF8.GetBytes(message));

    /// <summary>The message with other addresses, the same in pieces of any size.</summary>
    private static async Task<string> RewriteAsync(string message, bool recipients = false)
    {
        HeaderRewriting? rewriting = await HeaderRewriting.PlanAsync(StreamOf(message), recipients ? null : Change, recipients ? Change : null, default);
        if (rewriting is null)
            return message;
        byte[]? first = null;
        foreach (int most in (ReadOnlySpan<int>)[1 << 20, 1, 7])
        {
            using MemoryStream result = new();
            using Stream changed = rewriting.Apply(new DribblingStream(Encoding.UTF8.GetBytes(message), most));
            changed.CopyTo(result);
            first ??= result.ToArray();
            Assert.Equal(first, result.ToArray());
        }

        Assert.Equal(Encoding.UTF8.GetByteCount(message) + rewriting.Growth, first!.Length);
        return Encoding.UTF8.GetString(first);
    }
}
