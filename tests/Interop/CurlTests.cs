namespace FullStack.Interop;

/// <summary>curl's smtp, imap and pop3 URLs, in the clear, with STARTTLS and with TLS.</summary>
public sealed class CurlTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Theory]
    [InlineData("smtp", false)]
    [InlineData("smtp", true)]
    [InlineData("smtps", false)]
    public async Task Sends_as_its_user_asks(string scheme, bool startTls)
    {
        ExternalProgram.Require("curl");
        ExternalProgram home = server.NewHome();
        string subject = $"curl {scheme} {startTls}";
        string mail = home.Write("mail", $"From: {InteropServer.Alice}\r\nTo: {InteropServer.Bob}\r\nSubject: {subject}\r\n\r\nHello.\r\n");
        int port = scheme == "smtps" ? server.Submissions : server.Submission;
        (await home.RunAsync("curl", [.. Common(startTls), $"{scheme}://127.0.0.1:{port}", "--mail-from", InteropServer.Alice, "--mail-rcpt", InteropServer.Bob, "-T", mail], ""))
            .ShouldSucceed();
        Assert.Contains(server.StoredMessages("bob"), m => m.Contains("Subject: " + subject, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("imap", false)]
    [InlineData("imap", true)]
    [InlineData("imaps", false)]
    public async Task Reads_by_imap(string scheme, bool startTls)
    {
        ExternalProgram.Require("curl");
        await server.DeliverAsync("alice", $"Subject: for curl {scheme}\r\n\r\nIMAP body {startTls}\r\n");
        string url = $"{scheme}://127.0.0.1:{(scheme == "imaps" ? server.Imaps : server.Imap)}/";
        ProgramResult list = await server.NewHome().RunAsync("curl", [.. Common(startTls), url], "");
        list.ShouldSucceed();
        Assert.Contains("* LIST", list.Output, StringComparison.Ordinal);
        ProgramResult read = await server.NewHome().RunAsync("curl", [.. Common(startTls), $"{url}INBOX;MAILINDEX=*"], "");
        read.ShouldSucceed();
        Assert.Contains($"IMAP body {startTls}", read.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pop3", false)]
    [InlineData("pop3", true)]
    [InlineData("pop3s", false)]
    public async Task Reads_by_pop3(string scheme, bool startTls)
    {
        ExternalProgram.Require("curl");
        string user = server.NewUser();
        await server.DeliverAsync(user, "Subject: for curl\r\n\r\nPOP3 body\r\n.dotted\r\n");
        string url = $"{scheme}://127.0.0.1:{(scheme == "pop3s" ? server.Pop3s : server.Pop3)}/";
        string[] login = ["-sS", "-k", "-u", $"{user}@example.test:{InteropServer.PasswordOf(user)}", .. startTls ? new[] { "--ssl-reqd" } : []];
        ProgramResult list = await server.NewHome().RunAsync("curl", [.. login, url], "");
        list.ShouldSucceed();
        ProgramResult read = await server.NewHome().RunAsync("curl", [.. login, url + "1"], "");
        read.ShouldSucceed();
        Assert.Contains("POP3 body", read.Output, StringComparison.Ordinal);
        Assert.Contains("\n.dotted", read.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_a_mailbox_that_another_user_shares()
    {
        ExternalProgram.Require("curl");
        (string owner, string reader) = (server.NewUser(), server.NewUser());
        await server.DeliverAsync(owner, "Subject: shared\r\n\r\nFor both of us\r\n");
        string url = $"imap://127.0.0.1:{server.Imap}/";
        ProgramResult hidden = await server.NewHome().RunAsync("curl", [.. As(reader), $"{url}%23user.{owner};MAILINDEX=1"], "");
        Assert.NotEqual(0, hidden.ExitCode);
        (await server.NewHome().RunAsync("curl", [.. As(owner), url, "-X", $"SETACL INBOX {reader} lrs"], "")).ShouldSucceed();
        ProgramResult list = await server.NewHome().RunAsync("curl", [.. As(reader), url, "-X", "LIST \"\" \"#user*\""], "");
        list.ShouldSucceed();
        Assert.Contains($"#user.{owner}", list.Output, StringComparison.Ordinal);
        ProgramResult read = await server.NewHome().RunAsync("curl", [.. As(reader), $"{url}%23user.{owner};MAILINDEX=1"], "");
        read.ShouldSucceed();
        Assert.Contains("For both of us", read.Output, StringComparison.Ordinal);
    }

    private static string[] As(string user) => ["-sS", "--max-time", "30", "-u", $"{user}@example.test:{InteropServer.PasswordOf(user)}"];

    private static string[] Common(bool startTls)
        => ["-sS", "-k", "--max-time", "30", "-u", $"{InteropServer.Alice}:{InteropServer.PasswordOf(InteropServer.Alice)}", .. startTls ? new[] { "--ssl-reqd" } : []];
}
