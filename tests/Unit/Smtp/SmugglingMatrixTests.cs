using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

/// <summary>Nothing but CRLF.CRLF ends a message, on no listener, wherever packets are cut; what looks like an end to others never leaves as it came.</summary>
/// <remarks>RFC 5321 §4.1.1.4, §2.3.8: servers that took other line ends for one made two messages of what their neighbour took for one.</remarks>
public sealed class SmugglingMatrixTests
{
    private const string Smuggled = "MAIL FROM:<smuggled@x.example>\r\nRCPT TO:<victim@x.example>\r\nDATA\r\nSubject: smuggled\r\n";

    /// <summary>What other servers have taken for the end of a message.</summary>
    private static readonly string[] s_ends =
    [
        "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r.\n", "\r\r\n.\n", "\r\n.\r\r\n", "\r\n.\0\r\n", "\r\n\0.\r\n", "\n\r.\r\n", "\r\n.\n\r\n",
    ];

    public static TheoryData<SmtpRole, BareLineEnds> Listeners => new()
    {
        { SmtpRole.Relay, BareLineEnds.Refuse },
        { SmtpRole.Relay, BareLineEnds.Normalise },
        { SmtpRole.Submission, BareLineEnds.Refuse },
        { SmtpRole.Submission, BareLineEnds.Normalise },
        { SmtpRole.Lmtp, BareLineEnds.Refuse },
        { SmtpRole.Lmtp, BareLineEnds.Normalise },
    };

    [Theory]
    [MemberData(nameof(Listeners))]
    public async Task One_message_stays_one(SmtpRole role, BareLineEnds bareLineEnds)
    {
        foreach (string end in s_ends)
        {
            string body = $"Subject: outer\r\n\r\nx{end}{Smuggled}";
            for (int cut = 0; cut <= end.Length + 2; cut++)
                await PlayAsync(role, bareLineEnds, body, body.IndexOf('x', StringComparison.Ordinal) + cut, end);
        }
    }

    private static async Task PlayAsync(SmtpRole role, BareLineEnds bareLineEnds, string body, int cut, string end)
    {
        SmtpOptions options = new() { HostName = "mail.example.test", RelayBareLineEnds = bareLineEnds, SubmissionBareLineEnds = bareLineEnds };
        await using SmtpConversation conversation = new(role, options);
        string login = role == SmtpRole.Submission ? $"AUTH PLAIN {Convert.ToBase64String("\0alice@example.test\0secret"u8)}\r\n" : "";
        await conversation.SendAsync($"{(role == SmtpRole.Lmtp ? "LHLO" : "EHLO")} client\r\n{login}MAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n");
        await conversation.SendAsync(body[..cut]);
        await conversation.SendAsync(body[cut..]);
        string all = await conversation.PlayAsync("\r\n.\r\nQUIT\r\n");
        string what = $"{Uri.EscapeDataString(end)} cut at {cut}";
        Assert.True(conversation.Sink.Envelopes.All(static envelope => envelope.Sender.Address!.LocalPart == "s"), what);
        Assert.True(conversation.Sink.Messages.Count <= 1, what);
        Assert.Equal(1, all.Split("\r\n354 ").Length - 1);
        Assert.EndsWith("\r\n221 2.0.0 Bye\r\n", all, StringComparison.Ordinal);
        if (bareLineEnds == BareLineEnds.Refuse || end.Contains('\0', StringComparison.Ordinal))
            Assert.True(conversation.Sink.Messages.Count == 0 && all.Contains("\r\n550 5.6.0 ", StringComparison.Ordinal), what);
        foreach (string message in conversation.Sink.Messages)
        {
            string rest = message.Replace("\r\n", "", StringComparison.Ordinal);
            Assert.False(rest.Contains('\r', StringComparison.Ordinal) || rest.Contains('\n', StringComparison.Ordinal), what);
            Assert.Contains("Subject: smuggled", message, StringComparison.Ordinal);
        }
    }
}
