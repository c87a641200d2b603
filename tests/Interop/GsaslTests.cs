using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>GNU SASL's client: each mechanism that it knows, bound to TLS where it can be.</summary>
public sealed class GsaslTests : IAsyncLifetime
{
    private readonly ScratchFolder _homes = new();
    private TestMailServer? _server;

    private TestMailServer Running => _server ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => _server = await TestMailServer.StartAsync(new()
    {
        Time = TimeProvider.System,
        Settings = new Dictionary<string, string>
        {
            ["auth.mechanisms"] = "[SCRAM-SHA-256-PLUS, SCRAM-SHA-256, SCRAM-SHA-1-PLUS, SCRAM-SHA-1, CRAM-MD5, PLAIN, LOGIN, ANONYMOUS]",
            ["auth.anonymous"] = InteropServer.Bob,
        },
    });

    public async ValueTask DisposeAsync()
    {
        await Running.DisposeAsync();
        _homes.Dispose();
    }

    [Theory]
    [InlineData("imap", "SCRAM-SHA-256-PLUS")]
    [InlineData("imap", "SCRAM-SHA-256-PLUS", "1.2")] // tls-unique
    [InlineData("imap", "SCRAM-SHA-256")]
    [InlineData("imap", "SCRAM-SHA-1-PLUS")]
    [InlineData("imap", "CRAM-MD5")]
    [InlineData("imap", "PLAIN")]
    [InlineData("imap", "ANONYMOUS")]
    [InlineData("smtp", "SCRAM-SHA-256-PLUS")]
    [InlineData("smtp", "SCRAM-SHA-256")]
    [InlineData("smtp", "LOGIN")]
    public async Task Logs_in(string protocol, string mechanism, string version = "1.3")
    {
        ExternalProgram.Require("gsasl");
        Running.SetSecret("alice", "{PLAIN}" + InteropServer.PasswordOf(InteropServer.Alice));
        ExternalProgram home = new(Directory.CreateDirectory(_homes.File("home")).FullName);
        int port = Running.Listener(protocol == "imap" ? ListenerProtocol.Imap : ListenerProtocol.Submission).EndPoint.Port;
        List<string> arguments =
        [
            $"--{protocol}", "--connect", $"127.0.0.1:{port}", $"--mechanism={mechanism}", $"--authentication-id={InteropServer.Alice}", $"--anonymous-token={InteropServer.Alice}",
            $"--password={InteropServer.PasswordOf(InteropServer.Alice)}", $"--priority={(version == "1.2" ? "NORMAL:-VERS-TLS1.3" : "NORMAL")}", "--x509-ca-file=", "--quiet",
        ];
        if (!mechanism.EndsWith("-PLUS", StringComparison.Ordinal))
            arguments.Add("--no-cb"); // else it takes a server that offers to bind for one that was told not to
        ProgramResult result = await home.RunAsync("gsasl", [.. arguments]);
        result.ShouldSucceed();
        string account = mechanism == "ANONYMOUS" ? InteropServer.Bob : InteropServer.Alice;
        Assert.Contains(Running.Log.Latest, entry => entry.ToString().Contains(account, StringComparison.Ordinal) && entry.ToString().Contains(mechanism, StringComparison.Ordinal));
    }
}
