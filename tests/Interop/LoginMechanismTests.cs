namespace FullStack.Interop;

/// <summary>Real programs log in by each mechanism that they know, in each protocol that they speak, over TLS.</summary>
public sealed class LoginMechanismTests(LoginServer server) : IClassFixture<LoginServer>
{
    [Theory]
    [InlineData("gsasl", "smtp", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "EXTERNAL")]
    [InlineData("gsasl", "imap", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "EXTERNAL", "ANONYMOUS")]
    // curl takes OAUTHBEARER wherever that is offered beside XOAUTH2, and says LOGIN in IMAP only where no mechanism is.
    [InlineData("curl", "smtp", "PLAIN", "LOGIN", "CRAM-MD5", "OAUTHBEARER", "EXTERNAL")]
    [InlineData("curl", "imap", "PLAIN", "CRAM-MD5", "OAUTHBEARER", "EXTERNAL")]
    [InlineData("curl", "pop3", "PLAIN", "LOGIN", "CRAM-MD5", "OAUTHBEARER", "EXTERNAL", "APOP")]
    [InlineData("swaks", "smtp", "PLAIN", "LOGIN", "CRAM-MD5")]
    [InlineData("msmtp", "smtp", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "EXTERNAL")]
    [InlineData("mpop", "pop3", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "EXTERNAL", "APOP", "PASS")]
    [InlineData("mbsync", "imap", "LOGIN", "PLAIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "EXTERNAL")]
    [InlineData("mutt", "smtp", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2")]
    [InlineData("mutt", "imap", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2")]
    [InlineData("mutt", "pop3", "PLAIN", "CRAM-MD5", "SCRAM-SHA-256", "OAUTHBEARER", "APOP", "PASS")]
    public async Task Logs_in(string program, string protocol, params string[] mechanisms)
    {
        ExternalProgram.Require(program, "script");
        List<string> failed = [];
        foreach (string mechanism in mechanisms)
        {
            ProgramLogin login = NewLogin(protocol, mechanism);
            // Told to bind nothing: else it says that it could have, and takes a server that announces -PLUS for one behind somebody in between.
            ProgramResult result = program == "gsasl" && !mechanism.EndsWith("-PLUS", StringComparison.Ordinal)
                ? await LoginPrograms.GsaslAsync(login, "--no-cb")
                : await LoginPrograms.RunAsync(program, login);
            string account = mechanism == "ANONYMOUS" ? LoginServer.Anybody : login.Address;
            if (result.ExitCode != 0 || !server.HasLoggedIn(account, mechanism))
                failed.Add($"{mechanism}: exit code {result.ExitCode}\n{result.Output}");
        }

        Assert.Empty(failed);
    }

    /// <summary>tls-unique, where TLS is too old for tls-exporter.</summary>
    [Fact]
    public async Task Binds_to_older_TLS()
    {
        ExternalProgram.Require("gsasl");
        ProgramLogin login = NewLogin("imap", "SCRAM-SHA-256-PLUS");
        (await LoginPrograms.GsaslAsync(login, "--priority=NORMAL:-VERS-TLS1.3")).ShouldSucceed();
        Assert.True(server.HasLoggedIn(login.Address, login.Mechanism));
    }

    /// <summary>RFC 5802 §6: it can bind, and says that it was offered nothing to bind with.</summary>
    [Fact]
    public async Task Who_was_led_away_from_binding_is_refused()
    {
        ExternalProgram.Require("gsasl");
        ProgramLogin login = NewLogin("imap", "SCRAM-SHA-256");
        Assert.NotEqual(0, (await LoginPrograms.GsaslAsync(login)).ExitCode);
        Assert.False(server.HasLoggedIn(login.Address, login.Mechanism));
    }

    /// <summary>Where all mechanisms are announced, those find one that choose by themselves. mutt, which takes -PLUS and then cannot bind, finds one by default only.</summary>
    [Theory]
    [InlineData("gsasl", "smtp")]
    [InlineData("gsasl", "imap")]
    [InlineData("mbsync", "imap")]
    [InlineData("msmtp", "smtp")]
    [InlineData("mpop", "pop3")]
    public async Task Finds_a_mechanism(string program, string protocol)
    {
        ExternalProgram.Require(program);
        ProgramLogin login = NewLogin(protocol, "");
        ProgramResult result = await LoginPrograms.RunAsync(program, login);
        Assert.True(result.ExitCode == 0 && server.HasLoggedIn(login.Address, ""), result.Output);
    }

    private ProgramLogin NewLogin(string protocol, string mechanism)
    {
        string address = server.NewUser();
        return new(protocol, mechanism, address, server.NewHome(address), server);
    }
}
