using FullStack.Harness;
using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

public sealed class SmtpSessionTests
{
    private const string Hello = "HELO client.example\r\n";
    private const string Transaction = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@example.test>\r\nDATA\r\n";
    private const string Login = "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task A_message_is_committed_below_its_received_field(int cut)
    {
        await using SmtpConversation smtp = new();
        string said = await smtp.PlayAsync("EHLO client.example\r\n" + Transaction + "X: y\r\n\r\n..dot\r\n.\r\nQUIT\r\n", cut);
        Assert.EndsWith("354 End data with <CR><LF>.<CR><LF>\r\n250 2.0.0 Ok: queued as 1JV6FKZQ400\r\n221 2.0.0 Bye\r\n", said.Replace(IdOf(said), "1JV6FKZQ400", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(
            $"Received: from client.example ([127.0.0.1])\r\n\tby mail.example.test with ESMTP\r\n\tid {IdOf(said)}\r\n\tfor <c@example.test>; "
                + "Mon, 2 Mar 2026 10:00:00 +0000\r\nX: y\r\n\r\n.dot\r\n",
            Assert.Single(smtp.Sink.Messages));
        Assert.Equal((1, 1), (smtp.Sink.Begun, smtp.Sink.Ended));
    }

    [Fact]
    public async Task Several_recipients_are_not_told_of_one_another()
    {
        await using SmtpConversation smtp = new();
        await smtp.PlayAsync(Hello + "MAIL FROM:<>\r\nRCPT TO:<c@example.test>\r\nRCPT TO:<bcc@example.test>\r\nDATA\r\n.\r\n");
        Assert.DoesNotContain("example.test>", Assert.Single(smtp.Sink.Messages), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nb", "550 5.6.0")]
    [InlineData("a\rb", "550 5.6.0")]
    [InlineData("a\n.\nMAIL FROM:<x@y>", "550 5.6.0")]
    [InlineData("a\0b", "550 5.6.0")]
    public async Task A_malformed_message_is_read_to_its_end_and_refused(string body, string reply)
    {
        await using SmtpConversation smtp = new();
        string said = await smtp.PlayAsync(Hello + Transaction + body + "\r\n.\r\nNOOP\r\nQUIT\r\n");
        Assert.Matches($"354 .*\r\n{reply} .*\r\n250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n$", said);
        Assert.Empty(smtp.Sink.Messages);
        Assert.Equal((1, 1), (smtp.Sink.Begun, smtp.Sink.Ended));
    }

    [Fact]
    public async Task A_message_over_the_limit_is_read_to_its_end_and_refused()
    {
        await using SmtpConversation smtp = new(options: new() { MessageSizeLimit = 65536 });
        string said = await smtp.PlayAsync(Hello + Transaction + new string('x', 65535) + "\r\n.\r\nQUIT\r\n");
        Assert.Contains("\r\n552 5.3.4 ", said, StringComparison.Ordinal);
        Assert.EndsWith("221 2.0.0 Bye\r\n", said, StringComparison.Ordinal);
        Assert.Empty(smtp.Sink.Messages);
    }

    [Fact]
    public async Task A_message_of_just_the_limit_is_taken()
    {
        await using SmtpConversation smtp = new(options: new() { MessageSizeLimit = 65536 });
        string said = await smtp.PlayAsync(Hello + Transaction + ".." + new string('x', 65533) + "\r\n.\r\n");
        Assert.Contains("\r\n250 2.0.0 Ok: queued", said, StringComparison.Ordinal);
        Assert.True(smtp.Sink.LargestWrite <= 16 * 1024 * 2);
    }

    [Fact]
    public async Task A_message_that_never_ends_ends_the_session()
    {
        await using SmtpConversation smtp = new(options: new() { MessageSizeLimit = 65536 });
        string said = await smtp.PlayAsync(Hello + Transaction + new string('x', 300_000));
        Assert.EndsWith("\r\n552 5.3.4 The message is larger than this server takes, closing\r\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_received_fields_are_a_loop()
    {
        string hundred = string.Concat(Enumerable.Repeat("Received: from a by b\r\n", 100));
        await using SmtpConversation smtp = new();
        string said = await smtp.PlayAsync(Hello + Transaction + hundred + "\r\n.\r\n" + Transaction + hundred + "Received: x\r\n\r\n.\r\n");
        Assert.Contains("\r\n554 5.4.6 ", said, StringComparison.Ordinal);
        Assert.Single(smtp.Sink.Messages);
    }

    [Fact]
    public async Task A_full_disk_at_the_start_is_told_before_the_message()
    {
        await using SmtpConversation smtp = new(sink: new() { OnBegin = new IOException("No space left on device", 28) });
        string said = await smtp.PlayAsync(Hello + Transaction + "QUIT\r\n");
        Assert.EndsWith("\r\n452 4.3.1 Not enough room now, please try again later\r\n221 2.0.0 Bye\r\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(28, "452 4.3.1 ")]
    [InlineData(5, "451 4.3.0 ")]
    public async Task A_failing_disk_in_the_middle_is_told_after_the_message(int error, string reply)
    {
        await using SmtpConversation smtp = new(sink: new() { OnWrite = (1000, new IOException("disk", error)) });
        string said = await smtp.PlayAsync(Hello + Transaction + new string('x', 50_000) + "\r\n.\r\nQUIT\r\n");
        Assert.Contains($"\r\n{reply}", said, StringComparison.Ordinal);
        Assert.EndsWith("221 2.0.0 Bye\r\n", said, StringComparison.Ordinal);
        Assert.Empty(smtp.Sink.Messages);
        Assert.Equal((1, 1), (smtp.Sink.Begun, smtp.Sink.Ended));
    }

    [Fact]
    public async Task A_bug_of_ours_costs_one_command()
    {
        await using SmtpConversation smtp = new();
        string said = await smtp.PlayAsync(Hello + "MAIL FROM:<>\r\nRCPT TO:<bug@example.test>\r\nRCPT TO:<c@example.test>\r\nQUIT\r\n");
        Assert.EndsWith("\r\n451 4.3.0 Local problem, please try again later\r\n250 2.1.5 Ok\r\n221 2.0.0 Bye\r\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_leaves_nothing()
    {
        await using SmtpConversation smtp = new();
        await smtp.PlayAsync(Hello + Transaction + "X: y\r\n\r\nhalf of it\r\n");
        Assert.Empty(smtp.Sink.Messages);
        Assert.Equal((1, 1), (smtp.Sink.Begun, smtp.Sink.Ended));
    }

    [Fact]
    public async Task A_client_that_stalls_in_the_middle_is_sent_away()
    {
        ManualTimeProvider clock = new();
        await using SmtpConversation smtp = new(time: clock);
        await smtp.SendAsync(Hello + Transaction + "X: y\r\n");
        while (smtp.Sink.Begun == 0 || clock.ArmedTimers == 0)
            await Task.Yield();
        Task<string> said = smtp.ReadToEndAsync();
        while (!said.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMinutes(4));
            await Task.Yield();
        }

        Assert.EndsWith("\r\n421 4.4.2 Too little came in time, closing\r\n", await said, StringComparison.Ordinal);
        Assert.Equal(1, smtp.Sink.Ended);
    }

    [Fact]
    public async Task A_server_that_stops_says_so_between_commands()
    {
        await using SmtpConversation smtp = new();
        await smtp.SendAsync(Hello);
        smtp.BeginDrain();
        Assert.EndsWith("421 4.3.2 The server is stopping, please try again soon\r\n", await smtp.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Octets_that_are_no_text_are_refused_and_counted()
    {
        await using SmtpConversation smtp = new(options: new() { MaxErrors = 3 });
        Assert.EndsWith(
            "\r\n500 5.5.2 Command not recognised\r\n500 5.5.2 Commands are text: no control characters, nothing but UTF-8\r\n421 4.7.0 Too many errors, closing\r\n",
            await smtp.PlayAsync("FOO\r\nNOOP \0\r\n\u00e9\r\nQUIT\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NOOP", "500 5.5.2 Lines must end with CR LF", SmtpRole.Relay)]
    [InlineData("NOOP", "250 2.0.0 Ok", SmtpRole.Submission)]
    public async Task A_command_ended_by_a_bare_line_feed_is_judged_as_a_message_would_be(string line, string reply, SmtpRole role)
    {
        await using SmtpConversation smtp = new(role);
        Assert.EndsWith($"\r\n{reply}\r\n221 2.0.0 Bye\r\n", await smtp.PlayAsync(line + "\nQUIT\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_end_ends_the_session()
    {
        await using SmtpConversation smtp = new();
        Assert.EndsWith("\r\n421 4.5.2 Line without end, closing\r\n", await smtp.PlayAsync(new string('x', 2 << 20)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_over_long_line_costs_one_command()
    {
        await using SmtpConversation smtp = new();
        string said = await smtp.PlayAsync("NOOP " + new string('x', 2043) + "\r\nNOOP " + new string('x', 2044) + "\r\nQUIT\r\n");
        Assert.EndsWith("\r\n250 2.0.0 Ok\r\n500 5.5.2 Line too long\r\n221 2.0.0 Bye\r\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submission_completes_the_header_and_makes_line_ends_whole()
    {
        await using SmtpConversation smtp = new(SmtpRole.Submission);
        string said = await smtp.PlayAsync("EHLO x\r\n" + Login + Transaction + "Subject: s\r\n\r\na\nb\r\n.\r\n");
        string message = Assert.Single(smtp.Sink.Messages);
        Assert.EndsWith(
            $"\r\nSubject: s\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nFrom: a@b.example\r\nMessage-ID: <{IdOf(said)}@mail.example.test>\r\n\r\na\r\nb\r\n",
            message, StringComparison.Ordinal);
        Assert.Contains(" with ESMTPA\r\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_submitted_message_from_nobody_has_its_author_completed()
    {
        await using SmtpConversation smtp = new(SmtpRole.Submission);
        await smtp.PlayAsync("EHLO x\r\n" + Login + "MAIL FROM:<>\r\nRCPT TO:<c@example.test>\r\nDATA\r\n.\r\n");
        Assert.Contains("\r\nFrom: alice@example.test\r\n", Assert.Single(smtp.Sink.Messages), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SmtpRole.Relay, false, "ESMTP")]
    [InlineData(SmtpRole.Relay, true, "UTF8SMTP")]
    [InlineData(SmtpRole.Submission, false, "ESMTPA")]
    [InlineData(SmtpRole.Submission, true, "UTF8SMTPA")]
    public async Task The_received_field_names_the_transmission_type(SmtpRole role, bool utf8, string expected)
    {
        await using SmtpConversation smtp = new(role);
        string mail = utf8 ? "MAIL FROM:<\u00e4@b.example> SMTPUTF8\r\n" : "MAIL FROM:<a@b.example>\r\n";
        await smtp.PlayAsync("EHLO x\r\n" + (role == SmtpRole.Submission ? Login : "") + mail + "RCPT TO:<c@example.test>\r\nDATA\r\n.\r\n");
        Assert.Contains($" with {expected}\r\n", Assert.Single(smtp.Sink.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hello_name_that_is_no_domain_stays_out_of_the_received_field()
    {
        await using SmtpConversation smtp = new();
        await smtp.PlayAsync("HELO mac's_book\r\n" + Transaction + ".\r\n");
        Assert.StartsWith("Received: from [127.0.0.1] ([127.0.0.1])\r\n\tby mail.example.test with SMTP\r\n", Assert.Single(smtp.Sink.Messages), StringComparison.Ordinal);
    }

    private static string IdOf(string said)
    {
        int at = said.IndexOf("queued as ", StringComparison.Ordinal) + "queued as ".Length;
        return said[at..(at + 11)];
    }
}
