namespace FullStack.Interop;

/// <summary>Real programs log in by each mechanism that they know, in each protocol that they speak, over TLS.</summary>
public sealed class LoginMechanismTests(LoginServer server) : IClassFixture<LoginServer>
{
    [Theory]
    [InlineData("gsasl", "smtp", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "EXTERNAL")]
    [InlineData("gsasl", "imap", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "EXTERNAL", "ANONYMOUS")]
    [InlineData("curl", "smtp", "PLAIN", "LOGIN", "CRAM-MD5", "OAUTHBEARER", "EXTERNAL")]
    [InlineData("curl", "imap", "PLAIN", "CRAM-MD5", "OAUTHBEARER", "EXTERNAL")]
    [InlineData("curl", "pop3", "PLAIN", "LOGIN", "CRAM-MD5", "OAUTHBEARER", "EXTERNAL", "APOP")]
    [InlineData("swaks", "smtp", "PLAIN", "LOGIN", "CRAM-MD5")]
    [InlineData("msmtp", "smtp", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "EXTERNAL")]
    [InlineData("mpop", "pop3", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "EXTERNAL", "APOP", "PASS")]
    [InlineData("mbsync", "imap", "LOGIN", "PLAIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "EXTERNAL")]
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

    /// <summary>curl takes XOAUTH2 where OAUTHBEARER is not offered beside it, whatever it is told.</summary>
    /// <remarks>Its --oauth2-bearer chooses both, its --login-options add to that and take nothing away (curl/curl issue 10259).</remarks>
    [Theory]
    [InlineData("smtp")]
    [InlineData("imap")]
    [InlineData("pop3")]
    public async Task Curl_logs_in_by_XOAUTH2(string protocol)
    {
        ExternalProgram.Require("curl");
        ProgramLogin login = NewLogin(protocol, "XOAUTH2") with { IsAlone = true }, other = NewLogin(protocol, "XOAUTH2");
        (await LoginPrograms.RunAsync("curl", login)).ShouldSucceed();
        Assert.True(server.HasLoggedIn(login.Address, "XOAUTH2"));
        (await LoginPrograms.RunAsync("curl", other)).ShouldSucceed();
        Assert.False(server.HasLoggedIn(other.Address, "XOAUTH2"));
        Assert.True(server.HasLoggedIn(other.Address, "OAUTHBEARER"));
    }

    /// <summary>curl says IMAP's LOGIN where it is told of no mechanism, and is offered none that takes a password.</summary>
    [Fact]
    public async Task Curl_logs_in_by_the_command_of_imap()
    {
        ExternalProgram.Require("curl");
        ProgramLogin login = NewLogin("imap", "") with { IsAlone = true };
        (await LoginPrograms.RunAsync("curl", login)).ShouldSucceed();
        Assert.True(server.HasLoggedIn(login.Address, "LOGIN"));
    }

    /// <summary>Cyrus SASL is the one library here that knows SCRAM-SHA-512.</summary>
    [Theory]
    [InlineData("smtp")]
    [InlineData("imap")]
    [InlineData("pop3")]
    public async Task Cyrus_logs_in(string protocol)
    {
        await CyrusTools.RequireAsync();
        foreach (string mechanism in (string[])["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN"])
        {
            ProgramLogin login = NewLogin(protocol, mechanism);
            ProgramResult result = await LoginPrograms.RunAsync("cyrus", login);
            Assert.True(server.HasLoggedIn(login.Address, mechanism), result.Output);
        }
    }

    /// <summary>Why -PLUS is not offered by default (docs/limits.md). Where this fails one day, the default can be another.</summary>
    /// <remarks>
    /// mutt and NeoMutt choose it and give their library nothing to bind with: they do not log in, but by IMAP, where they send the password instead. Cyrus' programs
    /// bind, by tls-unique in TLS 1.3 too, and name the mechanism without -PLUS.
    /// </remarks>
    [Theory]
    [InlineData("mutt", "smtp")]
    [InlineData("mutt", "imap")]
    [InlineData("mutt", "pop3")]
    [InlineData("neomutt", "smtp")]
    [InlineData("neomutt", "imap")]
    [InlineData("neomutt", "pop3")]
    [InlineData("cyrus", "smtp")]
    [InlineData("cyrus", "imap")]
    [InlineData("cyrus", "pop3")]
    public async Task Who_chooses_a_binding_that_fails_is_lost_where_it_is_announced(string program, string protocol)
    {
        if (program == "cyrus")
            await CyrusTools.RequireAsync();
        else
            ExternalProgram.Require(program, "script");
        ProgramLogin login = NewLogin(protocol, "");
        ProgramResult result = await LoginPrograms.RunAsync(program, login);
        Assert.False(server.HasLoggedIn(login.Address, "SCRAM"));
        if (program != "cyrus" && protocol == "pop3") // it takes the answers to what it says from then on for those to what it said before
            Assert.Contains("SASL authentication failed", result.Output, StringComparison.Ordinal);
        else
            Assert.True(server.HasLoggedIn(login.Address, "") == (program != "cyrus" && protocol == "imap"), result.Output);
    }

    /// <summary>tls-unique, where TLS is too old for tls-exporter.</summary>
    [Theory]
    [InlineData("imap")]
    [InlineData("smtp")]
    public async Task Binds_to_older_TLS(string protocol)
    {
        ExternalProgram.Require("gsasl");
        ProgramLogin login = NewLogin(protocol, "SCRAM-SHA-256-PLUS");
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

    /// <summary>Where all mechanisms are announced, those find one that choose by themselves.</summary>
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
