using System.Globalization;

namespace FullStack.Interop;

/// <summary>A client that asks for a new handshake within a session, which costs it little and a server much, is told no.</summary>
public sealed class RenegotiationTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Theory]
    [InlineData("imap")]
    [InlineData("pop3")]
    [InlineData("smtp")]
    public async Task Openssl_is_refused_a_renegotiation(string protocol)
    {
        ExternalProgram.Require("openssl");
        int port = protocol switch { "imap" => server.Imap, "pop3" => server.Pop3, _ => server.Submission };
        ProgramResult result = await server.NewHome().RunAsync("openssl", ["s_client", "-tls1_2", "-starttls", protocol, "-connect", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")], "R\n");
        int asked = result.Output.IndexOf("RENEGOTIATING", StringComparison.Ordinal);
        Assert.True(asked > 0, result.Output);
        string then = result.Output[asked..];
        Assert.True(then.Contains(":error:", StringComparison.Ordinal) && !then.Contains("verify return", StringComparison.Ordinal), result.Output); // no second look at a certificate
    }
}
