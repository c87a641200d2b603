namespace FullStack.Unit.Server.Sendmail;

/// <summary>What calls of sendmail, as programs make them, drop for the server.</summary>
public sealed class SubmissionTests
{
    private static readonly string s_own = $"{FullStack.Auth.Backends.Unix.SystemUser.Current.Name}@example.test";

    /// <summary>cron, mail(1), mutt, PHP, git send-email and others: the sender and the recipients of the envelope.</summary>
    [Theory]
    [InlineData("-i -FCronDaemon -B8BITMIME -oem root", "", "root@example.test")]
    [InlineData("-t -i", "", "to@example.org cc@example.org bcc@example.org")]
    [InlineData("-oem -oi -f sender@example.org -- a@example.org b@example.org", "sender@example.org", "a@example.org b@example.org")]
    [InlineData("-oi -fsender@example.org a@example.org,b@example.org", "sender@example.org", "a@example.org b@example.org")]
    [InlineData("-f <> a@example.org", "<>", "a@example.org")]
    [InlineData("-r sender@example.org a@example.org -odb -v", "sender@example.org", "a@example.org")]
    [InlineData("-it -G a@example.org", "", "a@example.org to@example.org cc@example.org bcc@example.org")]
    [InlineData("-bm -O DeliveryMode=b -X /dev/null -A c -L tag -h 3 -p ESMTP:me a@example.org A@example.org", "", "a@example.org")]
    [InlineData("-- -t@example.org", "", "-t@example.org")]
    public async Task Calls_have_the_envelope_that_was_meant(string arguments, string sender, string recipients)
    {
        using SendmailRun run = new();
        Assert.Equal((0, ""), (await run.RunAsync("To: The One <to@example.org>\nCc: cc@example.org\nBcc: bcc@example.org\nSubject: s\n\ntext\n", arguments.Split(' ')), run.Error));
        string path = sender switch { "" => s_own, "<>" => "", _ => sender };
        Assert.Equal([$"MAIL FROM:<{path}> BODY=8BITMIME", .. recipients.Split(' ').Select(static r => $"RCPT TO:<{r}>"), ""], run.Only().Commands.Split("\r\n"));
    }

    [Fact]
    public async Task Wishes_for_notices_go_along()
    {
        using SendmailRun run = new();
        Assert.Equal(0, await run.RunAsync("\ntext\n", "-N", "success,delay", "-Rhdrs", "-V", "id+1 x", "a@example.org"));
        Assert.Equal($"MAIL FROM:<{s_own}> BODY=8BITMIME RET=HDRS ENVID=id+2B1+20x\r\nRCPT TO:<a@example.org> NOTIFY=SUCCESS,DELAY\r\n", run.Only().Commands);
    }

    [Fact]
    public async Task A_header_is_completed_and_what_is_secret_goes()
    {
        using SendmailRun run = new();
        Assert.Equal(0, await run.RunAsync("From root Mon Jan  1 00:00:00 2024\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\nTo: root, \"a, b\" <joe> (x@y), =?utf-8?q?J=C3=BC?= <j@example.org>\nBcc: x@example.org,\n y@example.org\n\nBcc: text\n", "-t", "-F", "Cron Daemon"));
        (string commands, string text) = run.Only();
        Assert.Equal(5, commands.Split("RCPT TO:").Length - 1);
        string[] lines = text.Split('\n');
        Assert.Equal(["Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=", "To: root@example.test, \"a, b\" <joe@example.test> (x@y), =?utf-8?q?J=C3=BC?= <j@example.org>", $"From: Cron Daemon <{s_own}>"], lines[..3]);
        Assert.StartsWith("Date: ", lines[3], StringComparison.Ordinal);
        Assert.Matches(@"^Message-ID: <[0-9]{14}\.[0-9a-f]{16}@mail\.example\.test>$", lines[4]);
        Assert.Equal(["", "Bcc: text", ""], lines[5..]);
    }

    [Fact]
    public async Task A_resent_message_goes_to_those_it_is_resent_to()
    {
        using SendmailRun run = new();
        Assert.Equal(0, await run.RunAsync("Resent-To: new@example.org\nResent-Bcc: hidden@example.org\nFrom: a@example.org\nTo: old@example.org\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\ntext\n", "-t"));
        (string commands, string text) = run.Only();
        Assert.Equal(["RCPT TO:<new@example.org>", "RCPT TO:<hidden@example.org>", ""], commands.Split("\r\n")[1..]);
        Assert.StartsWith($"Resent-To: new@example.org\nFrom: a@example.org\nTo: old@example.org\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nResent-From: {FromLine()}\nResent-Date: ", text, StringComparison.Ordinal);
        Assert.Contains("\nResent-Message-ID: <", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);

        static string FromLine() => FullStack.Mime.AddressList.Format(FullStack.Auth.Backends.Unix.SystemUser.Current.FullName, s_own);
    }

    [Theory]
    [InlineData("text\n.\nmore\n", "", "text\n")]
    [InlineData("text\n.\r\nmore\n", "", "text\n")]
    [InlineData("text\n.", "", "text\n")]
    [InlineData("text\n.\nmore\n", "-i", "text\n.\nmore\n")]
    [InlineData("text\n.\nmore\n", "-oi", "text\n.\nmore\n")]
    [InlineData("text\n..\n. x\nmore.\n", "", "text\n..\n. x\nmore.\n")]
    [InlineData("a\0b\0\n", "-i", "ab\n")]
    [InlineData("no end", "-i", "no end")]
    public async Task A_dot_ends_the_message_unless_it_is_text(string body, string option, string left)
    {
        using SendmailRun run = new();
        Assert.Equal(0, await run.RunAsync("Subject: s\n\n" + body, option.Length == 0 ? ["a@example.org"] : [option, "a@example.org"]));
        string text = run.Only().Text;
        Assert.Equal(left, text[(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]);
    }

    [Theory]
    [InlineData("no header at all\nnor here\n", "no header at all\nnor here\n")]
    [InlineData("Subject: s\nno field\nmore: text\n", "no field\nmore: text\n")]
    [InlineData("", "")]
    public async Task What_is_no_field_is_text(string message, string left)
    {
        using SendmailRun run = new();
        Assert.Equal(0, await run.RunAsync(message, "a@example.org"));
        string text = run.Only().Text;
        Assert.Equal(left, text[(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]);
    }

    [Theory]
    [InlineData(64, "To: \n\n", "-t")]
    [InlineData(64, "\n\n")]
    [InlineData(64, "\n\n", "-Z", "a@example.org")]
    [InlineData(64, "\n\n", "a@example.org", "-f")]
    [InlineData(64, "\n\n", "-f", "no address", "a@example.org")]
    [InlineData(64, "\n\n", "-bd")]
    [InlineData(64, "\n\n", "-N", "always", "a@example.org")]
    [InlineData(65, "\n\n", "two words")]
    [InlineData(78, "\n\n", "-C", "/no/such/file", "a@example.org")]
    public async Task Mistakes_are_told_by_the_exit_code_and_nothing_is_sent(int code, string message, params string[] arguments)
    {
        using SendmailRun run = new();
        Assert.Equal(code, await run.RunAsync(message, arguments));
        Assert.StartsWith("sendmail: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Dropped());
    }

    [Fact]
    public async Task A_message_that_the_server_would_not_take_is_not_dropped()
    {
        using SendmailRun run = new();
        Assert.Equal(65, await run.RunAsync("Subject: s\n\n" + string.Concat(Enumerable.Repeat("line\n", 20_000)), "a@example.org"));
        Assert.Empty(run.Dropped());
    }

    /// <summary>-bs: what pine and others call for a dialogue.</summary>
    [Fact]
    public async Task A_session_on_standard_input_drops_what_it_takes()
    {
        using SendmailRun run = new();
        Assert.Equal(0, await run.RunAsync("EHLO here\r\nMAIL FROM:<a@example.org> RET=FULL\r\nRCPT TO:<nobody@example.test> NOTIFY=NEVER\r\nDATA\r\nSubject: s\r\n\r\n..dot\r\n.\r\nQUIT\r\n", "-bs"));
        Assert.Contains("\r\n354 ", run.Output, StringComparison.Ordinal);
        (string commands, string text) = run.Only();
        Assert.Equal("MAIL FROM:<a@example.org> RET=FULL\r\nRCPT TO:<nobody@example.test> NOTIFY=NEVER\r\n", commands);
        Assert.EndsWith("\r\n\r\n.dot\r\n", text, StringComparison.Ordinal);
        Assert.StartsWith("Received: by mail.example.test (from user ", text, StringComparison.Ordinal);
    }
}
