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
    public async Task Pipelines() => await SendsAsync("pipelined", "--port", Port(server.Smtp), "--pipeline", "--from", "someone@elsewhere.example");

    [Fact]
    public async Task Delivers_by_lmtp() => await SendsAsync("by lmtp", "--protocol", "LMTP", "--port", Port(server.Lmtp), "--from", "someone@elsewhere.example");

    [Fact]
    public async Task Asks_for_a_result_for_each_recipient()
        => await SendsAsync("prdr", "--prdr", "--port", Port(server.Smtp), "--from", "someone@elsewhere.example");

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
