namespace FullStack.Interop;

/// <summary>Programs that send by calling sendmail, each in its own way, unchanged.</summary>
public sealed class SendmailTests(SendmailPrograms programs) : IClassFixture<SendmailPrograms>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>As cron of Debian calls it for a job's output, and PHP's mail().</summary>
    [Theory]
    [InlineData("sendmail -i -FCronDaemon -B8BITMIME -oem alice@example.test", "cron")]
    [InlineData("sendmail -t -i", "php")]
    [InlineData("sendmail -t -i -fwww@example.test", "php with -f")]
    [InlineData("fullstack() { \"$(dirname $(readlink -f $(command -v sendmail)))/fullstack\" \"$@\"; }; fullstack sendmail -oi -oem -- alice@example.test", "by its own name")]
    public async Task Jobs_and_scripts_send(string command, string subject)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("only root can be another user");
        ProgramResult result = await programs.RunAsync(command, $"From: root (Cron Daemon)\nTo: alice\nSubject: {subject}\nContent-Type: text/plain; charset=UTF-8\n\ngr\u00fc\u00dfe\n.\nbehind a dot\n", asNobody: true);
        result.ShouldSucceed();
        string text = await programs.MailAsync("alice", $"\nSubject: {subject}\n", Ct);
        Assert.Contains("\nReceived: by mail.example.test (from user 65534)\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\ngr\u00fc\u00dfe\n.\nbehind a dot\n", text, StringComparison.Ordinal);
        Assert.Equal(command.Contains("-fwww", StringComparison.Ordinal), text.Contains("\nX-Authentication-Warning: mail.example.test: nobody set sender to\n\t<www@example.test> using -f\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mutt")]
    [InlineData("neomutt")]
    public async Task Mutt_sends(string mutt)
    {
        ExternalProgram.Require(mutt);
        (await programs.RunAsync($"{mutt} -n -F /dev/null -e \"set sendmail='{programs.Sendmail} -oem -oi' use_envelope_from=yes from=bob@example.test copy=no\" -s 'from {mutt}' -b carol@example.test -- alice@example.test", "Written.\n")).ShouldSucceed();
        string text = await programs.MailAsync("alice", $"\nSubject: from {mutt}\n", Ct);
        Assert.StartsWith("Return-Path: <bob@example.test>\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("carol", text, StringComparison.Ordinal);
        await programs.MailAsync("carol", $"\nSubject: from {mutt}\n", Ct);
    }

    [Fact]
    public async Task Git_sends_patches()
    {
        ExternalProgram.Require("git");
        if (!File.Exists("/usr/lib/git-core/git-send-email"))
            ExternalProgram.Require("git-send-email"); // which is not where other programs are, and so says that it is missing
        string git = "git -c user.name=Bob -c user.email=bob@example.test";
        (await programs.RunAsync($"{git} init -q . && echo one > file && {git} add file && {git} commit -qm 'Add a file' && {git} -c sendemail.smtpServer={programs.Sendmail} "
            + "send-email --quiet --confirm=never --suppress-cc=all --envelope-sender=bob@example.test --to=alice@example.test --root HEAD")).ShouldSucceed();
        string text = await programs.MailAsync("alice", "Subject: [PATCH] Add a file\n", Ct);
        Assert.StartsWith("Return-Path: <bob@example.test>\n", text, StringComparison.Ordinal);
        Assert.Contains("\n+one\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mailq_lists_for_those_who_may_look()
    {
        ProgramResult result = await programs.RunAsync("mailq");
        result.ShouldSucceed();
        Assert.Equal("Mail queue is empty", result.Output.Trim());
        if (Environment.IsPrivilegedProcess)
            Assert.Equal(77, (await programs.RunAsync("mailq", asNobody: true)).ExitCode);
    }
}
