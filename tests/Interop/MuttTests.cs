namespace FullStack.Interop;

/// <summary>mutt, and NeoMutt, send by submission and read by IMAP and POP3, driven by their own key macros on a pseudo-terminal.</summary>
public sealed class MuttTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Theory]
    [InlineData("mutt")]
    [InlineData("neomutt")]
    public async Task Sends_through_submission(string mutt)
    {
        ExternalProgram.Require(mutt);
        ExternalProgram home = server.NewHome();
        string rc = Configuration(home, InteropServer.Alice);
        (await home.RunAsync(mutt, ["-F", rc, "-s", $"from {mutt}", InteropServer.Bob], "Written in mutt.\n")).ShouldSucceed();
        Assert.Contains(server.StoredMessages("bob"), m => m.Contains($"Subject: from {mutt}\n", StringComparison.Ordinal) && m.Contains("Written in mutt.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mutt")]
    [InlineData("neomutt")]
    public async Task Reads_by_imap_and_saves_into_a_folder(string mutt)
    {
        ExternalProgram.Require(mutt, "script");
        string user = server.NewUser();
        await server.DeliverAsync(user, "From: a@example.test\r\nSubject: for mutt\r\n\r\nRead me in mutt.\r\n");
        ExternalProgram home = server.NewHome();
        string rc = Configuration(home, user + "@example.test");
        string saved = Path.Combine(home.Home, "saved");
        // Show the message, copy it to a local mbox, move it to the Archive folder on the server, leave.
        string keys = $"<display-message><copy-message>{saved}<enter><save-message>=Archive<enter><sync-mailbox><quit>";
        string command = $"{mutt} -F {rc} -f imaps://127.0.0.1:{server.Imaps}/INBOX -e 'push \"{keys}\"'";
        ProgramResult result = await home.RunAsync("script", "-qec", command, "/dev/null");
        Assert.True(File.Exists(saved), result.Output);
        Assert.Contains("Read me in mutt.", await File.ReadAllTextAsync(saved, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(server.StoredMessages(user));
        Assert.Single(server.StoredMessages(user, ".Archive"));
    }

    [Theory]
    [InlineData("mutt")]
    [InlineData("neomutt")]
    public async Task Reads_by_pop3(string mutt)
    {
        ExternalProgram.Require(mutt, "script");
        string user = server.NewUser();
        await server.DeliverAsync(user, "From: a@example.test\r\nSubject: for mutt\r\n\r\nRead me by POP3.\r\n");
        ExternalProgram home = server.NewHome();
        string rc = Configuration(home, user + "@example.test");
        string saved = Path.Combine(home.Home, "saved");
        string command = $"{mutt} -F {rc} -f pops://127.0.0.1:{server.Pop3s}/ -e 'push \"<display-message><copy-message>{saved}<enter><quit><quit>\"'";
        ProgramResult result = await home.RunAsync("script", "-qec", command, "/dev/null");
        Assert.True(File.Exists(saved), result.Output);
        Assert.Contains("Read me by POP3.", await File.ReadAllTextAsync(saved, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private string Configuration(ExternalProgram home, string address)
    {
        return home.Write("muttrc", $"""
            set from="{address}" use_envelope_from=yes
            set smtp_url="smtps://{address}@127.0.0.1:{server.Submissions}/" smtp_pass="{InteropServer.PasswordOf(address)}"
            set imap_user="{address}" imap_pass="{InteropServer.PasswordOf(address)}" pop_user="{address}" pop_pass="{InteropServer.PasswordOf(address)}"
            set folder="imaps://127.0.0.1:{server.Imaps}/" spoolfile="imaps://127.0.0.1:{server.Imaps}/INBOX"
            set certificate_file="{server.CertificateFile}" ssl_verify_host=no ssl_verify_dates=no
            set record="" copy=no quit=yes delete=yes move=no confirmappend=no confirmcreate=no sleep_time=0 wait_key=no pager_stop=yes prompt_after=no
            set pop_delete=no header_cache="" mail_check=0 timeout=1 sendmail_wait=0 abort_noattach=no

            """);
    }
}
