using FullStack.Harness;
using FullStack.Harness.Servers;

namespace FullStack.Interop;

/// <summary>swaks sends: plain, STARTTLS, implicit TLS, AUTH, and is refused where it should be.</summary>
public sealed class SwaksTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Fact]
    public async Task Sends_to_port_25_in_the_clear() => await SendsAsync("in the clear", "--port", Port(server.Smtp), "--from", "someone@elsewhere.example");

    [Fact]
    public async Task Sends_to_port_25_with_starttls()
        => await SendsAsync("with starttls", "--port", Port(server.Smtp), "--tls", "--from", "someone@elsewhere.example");

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Submits_with_starttls_and_auth(string mechanism)
        => await SendsAsync("submission " + mechanism, "--port", Port(server.Submission), "--tls", "--auth", mechanism,
            "--auth-user", InteropServer.Alice, "--auth-password", InteropServer.PasswordOf(InteropServer.Alice), "--from", InteropServer.Alice);

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Submits_with_implicit_tls_and_auth(string mechanism)
        => await SendsAsync("submissions " + mechanism, "--port", Port(server.Submissions), "--tls-on-connect", "--auth", mechanism,
            "--auth-user", InteropServer.Alice, "--auth-password", InteropServer.PasswordOf(InteropServer.Alice), "--from", InteropServer.Alice);

    [Fact]
    public async Task Sends_pipelined() => await SendsAsync("pipelined", "--port", Port(server.Smtp), "--pipeline", "--from", "someone@elsewhere.example");

    [Fact]
    public async Task Delivers_by_lmtp() => await SendsAsync("by lmtp", "--protocol", "LMTP", "--port", Port(server.Lmtp), "--from", "someone@elsewhere.example");

    [Fact]
    public async Task Asks_for_a_result_for_each_recipient()
        => await SendsAsync("prdr", "--prdr", "--port", Port(server.Smtp), "--from", "someone@elsewhere.example");

    [Fact]
    public async Task Delivers_by_lmtp_over_a_unix_socket()
    {
        ExternalProgram.Require("swaks");
        using ScratchFolder folder = new();
        await using InteropServer own = await StartAsync(new() { LmtpSocket = folder.File("lmtp") });
        ProgramResult result = await own.NewHome().RunAsync("swaks", ["--socket", folder.File("lmtp"), "--protocol", "LMTP", "--from", "someone@elsewhere.example",
            "--to", $"{InteropServer.Alice},{InteropServer.Bob}", "--header", "Subject: by socket"], input: "");
        result.ShouldSucceed();
        Assert.All((string[])["alice", "bob"], user => Assert.Contains("Subject: by socket", own.StoredMessages(user).Single(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1", "TCP4", "192.0.2.7", "198.51.100.1", "[192.0.2.7]")]
    [InlineData("1", "TCP6", "2001:db8::7", "2001:db8::1", "[IPv6:2001:db8::7]")]
    [InlineData("2", "AF_INET", "192.0.2.7", "198.51.100.1", "[192.0.2.7]")]
    [InlineData("2", "AF_INET6", "2001:db8::7", "2001:db8::1", "[IPv6:2001:db8::7]")]
    public async Task Says_by_the_proxy_protocol_whose_connection_it_is(string version, string family, string source, string destination, string literal)
    {
        ExternalProgram.Require("swaks");
        await using InteropServer own = await StartAsync(new() { Settings = new Dictionary<string, string> { ["proxy_networks"] = "[127.0.0.1]" } });
        ProgramResult result = await own.NewHome().RunAsync("swaks", ["--server", "127.0.0.1", "--port", Port(own.Smtp), "--proxy-version", version, "--proxy-family", family,
            "--proxy-source", source, "--proxy-source-port", "40000", "--proxy-dest", destination, "--proxy-dest-port", "25", "--tls",
            "--from", "someone@elsewhere.example", "--to", InteropServer.Bob], input: "");
        result.ShouldSucceed();
        Assert.Contains($"({literal})", own.StoredMessages("bob").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_by_xclient_for_whom_it_speaks()
    {
        ExternalProgram.Require("swaks");
        await using InteropServer own = await StartAsync(new() { Settings = new Dictionary<string, string> { ["smtp.xclient_networks"] = "[127.0.0.1]" } });
        ProgramResult result = await own.NewHome().RunAsync("swaks", ["--server", "127.0.0.1", "--port", Port(own.Smtp), "--xclient-name", "mx.elsewhere.example",
            "--xclient-helo", "helo.elsewhere.example", "--xclient-proto", "ESMTP", "--xclient-delim", "--xclient-addr", "192.0.2.7", "--xclient-port", "40000",
            "--from", "someone@elsewhere.example", "--to", InteropServer.Bob], input: "");
        result.ShouldSucceed();
        Assert.Contains("from helo.elsewhere.example (mx.elsewhere.example [192.0.2.7])", own.StoredMessages("bob").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Xclient_is_not_offered_to_others()
    {
        ProgramResult result = await SwaksAsync("--port", Port(server.Smtp), "--xclient-addr", "192.0.2.7", "--from", "a@elsewhere.example", "--to", InteropServer.Bob);
        Assert.Equal(33, result.ExitCode); // swaks: the server does not offer it
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        ProgramResult result = await SwaksAsync("--port", Port(server.Submission), "--tls", "--auth", "PLAIN",
            "--auth-user", InteropServer.Alice, "--auth-password", "wrong", "--from", InteropServer.Alice, "--to", InteropServer.Bob);
        Assert.Contains("535 5.7.8", result.Output, StringComparison.Ordinal);
        Assert.Equal(28, result.ExitCode); // swaks: authentication error
    }

    [Fact]
    public async Task Relaying_is_refused()
    {
        ProgramResult result = await SwaksAsync("--port", Port(server.Smtp), "--from", "a@elsewhere.example", "--to", "b@elsewhere.example");
        Assert.Contains("550 5.7.1", result.Output, StringComparison.Ordinal);
        Assert.Equal(24, result.ExitCode); // swaks: no recipient was accepted
    }

    [Fact]
    public async Task An_unknown_user_is_refused()
    {
        ProgramResult result = await SwaksAsync("--port", Port(server.Smtp), "--from", "a@elsewhere.example", "--to", "nobody@example.test");
        Assert.Contains("550 5.1.1", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submission_without_login_is_refused()
    {
        ProgramResult result = await SwaksAsync("--port", Port(server.Submission), "--from", InteropServer.Alice, "--to", InteropServer.Bob);
        Assert.Contains("530 5.7.0", result.Output, StringComparison.Ordinal);
    }

    private static async Task<InteropServer> StartAsync(TestServerOptions options)
    {
        InteropServer own = new() { Options = options };
        await own.InitializeAsync();
        return own;
    }

    private static string Port(int port) => port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task SendsAsync(string subject, params string[] arguments)
    {
        ProgramResult result = await SwaksAsync([.. arguments, "--to", InteropServer.Bob, "--header", "Subject: " + subject]);
        result.ShouldSucceed();
        Assert.Contains(server.StoredMessages("bob"), m => m.Contains("Subject: " + subject, StringComparison.Ordinal));
    }

    private Task<ProgramResult> SwaksAsync(params string[] arguments)
    {
        ExternalProgram.Require("swaks");
        return server.NewHome().RunAsync("swaks", ["--server", "127.0.0.1", .. arguments], input: "");
    }
}
