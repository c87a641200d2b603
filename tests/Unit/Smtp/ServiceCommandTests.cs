using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

/// <summary>Commands that ask other parts of the server: ETRN, BURL; and XVERP, which asks the sink.</summary>
public sealed class ServiceCommandTests
{
    private static string Login => $"EHLO client\r\nAUTH PLAIN {Convert.ToBase64String("\0alice@example.test\0secret"u8)}\r\n";

    [Theory]
    [InlineData("example.org", QueueRunScope.Domain, "example.org")]
    [InlineData("@example.org", QueueRunScope.Subdomains, "example.org")]
    [InlineData("#uucp", QueueRunScope.Queue, "uucp")]
    public async Task A_host_asks_for_its_mail(string argument, QueueRunScope scope, string name)
    {
        ScriptedServices services = new();
        await using SmtpConversation conversation = new(services: services);
        string all = await conversation.PlayAsync($"EHLO client\r\nETRN {argument}\r\nQUIT\r\n");
        Assert.Contains("250-ETRN\r\n", all, StringComparison.Ordinal);
        Assert.Contains($"\r\n250 2.0.0 Ok, queuing for {name} started\r\n", all, StringComparison.Ordinal);
        Assert.Equal([(scope, name)], services.Asked);
    }

    [Theory]
    [InlineData(QueueRunOutcome.Started, 3, "253 2.0.0 Ok, 3 pending")]
    [InlineData(QueueRunOutcome.NothingWaiting, 0, "251 2.0.0 ")]
    [InlineData(QueueRunOutcome.Unable, 0, "458 4.3.0 ")]
    [InlineData(QueueRunOutcome.NotAllowed, 0, "459 4.7.1 ")]
    public async Task The_queue_says_what_becomes_of_it(QueueRunOutcome outcome, int messages, string reply)
    {
        await using SmtpConversation conversation = new(services: new() { Run = new(outcome, messages) });
        Assert.Contains($"\r\n{reply}", await conversation.PlayAsync("EHLO client\r\nETRN example.org\r\nQUIT\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ETRN", 501)]
    [InlineData("ETRN  example.org", 501)]
    [InlineData("ETRN example", 501)]
    [InlineData("ETRN @", 501)]
    [InlineData("ETRN #", 501)]
    [InlineData("ETRN ex_ample..org", 501)]
    [InlineData("ETRN example.org now", 501)]
    [InlineData("MAIL FROM:<>\r\nETRN example.org", 503)]
    public async Task Other_forms_of_ETRN_are_refused(string commands, int code)
    {
        ScriptedServices services = new();
        await using SmtpConversation conversation = new(services: services);
        Assert.Contains($"\r\n{code} 5.5.", await conversation.PlayAsync($"EHLO client\r\n{commands}\r\nQUIT\r\n"), StringComparison.Ordinal);
        Assert.Empty(services.Asked);
    }

    [Fact]
    public async Task A_message_is_made_of_what_is_sent_and_what_lies_elsewhere()
    {
        for (int cut = 1; cut < 30; cut += 7)
        {
            await using SmtpConversation conversation = new(SmtpRole.Submission, services: new());
            string all = await conversation.PlayAsync(
                $"{Login}MAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\nBURL text:Subject\r\nBDAT 7\r\n: x\r\n\r\nBURL text:.\r\nBDAT 2\r\n\r\nBURL text:end LAST\r\nQUIT\r\n", cut);
            Assert.DoesNotContain("\r\n5", all, StringComparison.Ordinal);
            Assert.EndsWith("Subject: x\r\n\r\n.\r\nend", RestOf(Assert.Single(conversation.Sink.Messages)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("BURL fail:abc", 451)]
    [InlineData("BURL fail:abc LAST", 451)]
    [InlineData("BURL other:abc", 554)]
    [InlineData("BURL other:abc LAST", 554)]
    public async Task A_piece_that_cannot_be_had_ends_the_transaction(string command, int code)
    {
        await using SmtpConversation conversation = new(SmtpRole.Submission, services: new());
        string all = await conversation.PlayAsync(
            $"{Login}MAIL FROM:<s@x.example>\r\nRCPT TO:<a@x.example>\r\nBDAT 2\r\n\r\n{command}\r\nBDAT 2 LAST\r\n\r\nMAIL FROM:<s@x.example>\r\nQUIT\r\n");
        Assert.Matches($"250 2.0.0 Ok: 2 octets\r\n{code} [^\r]*\r\n503 5.5.1 [^\r]*\r\n250 2.1.0 ", all);
        Assert.Empty(conversation.Sink.Messages);
        Assert.Equal(conversation.Sink.Begun, conversation.Sink.Ended);
    }

    [Theory]
    [InlineData("XVERP", '+', '=')]
    [InlineData("XVERP=-=", '-', '=')]
    [InlineData("xverp==+ RET=HDRS", '=', '+')]
    public async Task Each_recipient_may_get_a_sender_of_its_own(string mail, char afterLocalPart, char forAt)
    {
        await using SmtpConversation conversation = new(SmtpRole.Submission, sink: new() { CanVarySender = true });
        string all = await conversation.PlayAsync($"{Login}MAIL FROM:<s@x.example> {mail}\r\nRCPT TO:<a@y.example>\r\nDATA\r\n.\r\nQUIT\r\n");
        Assert.Contains("XVERP\r\n", all, StringComparison.Ordinal);
        VerpDelimiters verp = Assert.Single(conversation.Sink.Envelopes).Verp!;
        Assert.Equal(new(afterLocalPart, forAt), verp);
        Assert.Equal($"<s{afterLocalPart}a{forAt}y.example@x.example>", verp.SenderFor(new("s", "x.example"), new("a", "y.example")).ToString());
        Assert.Same(ReversePath.Null, verp.SenderFor(ReversePath.Null, new("a", "y.example")));
    }

    [Theory]
    [InlineData("<s@x.example> XVERP=+", 501, true)]
    [InlineData("<s@x.example> XVERP=+==", 501, true)]
    [InlineData("<s@x.example> XVERP=ab", 501, true)]
    [InlineData("<s@x.example> XVERP=", 501, true)]
    [InlineData("<s@x.example> XVERP XVERP", 501, true)]
    [InlineData("<> XVERP", 501, true)]
    [InlineData("<s@x.example> XVERP", 555, false)]
    public async Task Other_senders_are_not_made_up(string mail, int code, bool canVary)
    {
        await using SmtpConversation conversation = new(SmtpRole.Submission, sink: new() { CanVarySender = canVary });
        Assert.Contains($"\r\n{code} 5.5.4 ", await conversation.PlayAsync($"{Login}MAIL FROM:{mail}\r\nQUIT\r\n"), StringComparison.Ordinal);
    }

    /// <summary>A message without the field that this host puts above it, and those that it adds at the end of the header.</summary>
    private static string RestOf(string message)
    {
        int subject = message.IndexOf("Subject", StringComparison.Ordinal);
        string rest = message[subject..];
        int added = rest.IndexOf("Date:", StringComparison.Ordinal);
        int end = rest.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return added < 0 ? rest : string.Concat(rest.AsSpan(0, added), rest.AsSpan(end + 2));
    }
}
