using System.Globalization;

namespace FullStack.Interop;

/// <summary>What a TLS session that is resumed brings along of its client: nothing where clients are asked who they are, and nothing from there where they are not.</summary>
/// <remarks>
/// RFC 8446 §2.2. The certificate of a client is part of the session, and the server's OpenSSL has one secret for all listeners that show one certificate. What
/// explains the client's certificate, an authority between it and ours, is not part of it.
/// </remarks>
public sealed class ResumptionTests(LoginServer server) : IClassFixture<LoginServer>
{
    private const string External = "a AUTHENTICATE EXTERNAL =\nb LOGOUT\n";

    private int Asking => server.Port("imap", isImplicit: true);
    private int Others => server.PortWithoutCertificates("imap");

    /// <summary>The control of the tests below: what they save can be resumed, and so could be elsewhere.</summary>
    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_session_is_resumed_where_nobody_is_asked(string version)
    {
        ExternalProgram home = server.NewHome(server.NewUser());
        Assert.Contains("New, ", await ConnectAsync(home, Others, "b LOGOUT\n", version, "-sess_out", "session.pem"), StringComparison.Ordinal);
        Assert.Contains("Reused, ", await ConnectAsync(home, Others, "b LOGOUT\n", [version, .. Saved(home)]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Who_a_client_was_is_not_known_where_nobody_is_asked(string version)
    {
        (ExternalProgram home, string own) = NewClient();
        Assert.Contains("a OK ", await ConnectAsync(home, Asking, External, version, "-cert", own, "-key", own, "-sess_out", "session.pem"), StringComparison.Ordinal);
        string resumed = await ConnectAsync(home, Others, External, [version, .. Saved(home)]);
        Assert.Matches("a (NO|BAD) ", resumed);
        Assert.Contains("b OK ", resumed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Who_is_asked_is_asked_each_time(string version)
    {
        (ExternalProgram home, string own) = NewClient();
        string other = server.NewUser(), others = home.Write("others.pem", server.CertificateFor(other));
        Assert.Contains("a OK ", await ConnectAsync(home, Asking, External, version, "-cert", own, "-key", own, "-sess_out", "session.pem"), StringComparison.Ordinal);
        Assert.Matches("a (NO|BAD) ", await ConnectAsync(home, Asking, External, [version, .. Saved(home)]));
        Assert.Contains("a OK ", await ConnectAsync(home, Asking, External, [version, "-cert", others, "-key", others, .. Saved(home)]), StringComparison.Ordinal);
        Assert.True(server.HasLoggedIn(other, "EXTERNAL"));
    }

    /// <summary>It had a session from where nobody asked, or one in which it said nothing.</summary>
    [Theory]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_2", false)]
    [InlineData("-tls1_3", true)]
    [InlineData("-tls1_3", false)]
    public async Task A_client_that_said_nothing_before_may_say_who_it_is(string version, bool wasAsked)
    {
        (ExternalProgram home, string own) = NewClient();
        Assert.Matches("a (NO|BAD) ", await ConnectAsync(home, wasAsked ? Asking : Others, External, version, "-sess_out", "session.pem"));
        Assert.Contains("a OK ", await ConnectAsync(home, Asking, External, [version, "-cert", own, "-key", own, .. Saved(home)]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_client_whose_authority_has_to_be_explained_is_known_again(string version)
    {
        string address = server.NewUser();
        ExternalProgram home = server.NewHome(address);
        (string certificate, string authority) = server.ExplainedCertificateFor(address);
        string own = home.Write("own.pem", certificate), between = home.Write("between.pem", authority);
        string[] shown = [version, "-cert", own, "-key", own, "-cert_chain", between];
        Assert.Contains("a OK ", await ConnectAsync(home, Asking, External, [.. shown, "-sess_out", "session.pem"]), StringComparison.Ordinal);
        Assert.Contains("a OK ", await ConnectAsync(home, Asking, External, [.. shown, .. Saved(home)]), StringComparison.Ordinal);
    }

    private (ExternalProgram Home, string Certificate) NewClient()
    {
        string address = server.NewUser();
        ExternalProgram home = server.NewHome(address);
        return (home, home.Write("own.pem", server.CertificateFor(address)));
    }

    /// <summary>Where no session was made, as in TLS 1.2 where it could not be resumed, there is nothing to offer.</summary>
    private static string[] Saved(ExternalProgram home) => File.Exists(Path.Combine(home.Home, "session.pem")) ? ["-sess_in", "session.pem"] : [];

    private static async Task<string> ConnectAsync(ExternalProgram home, int port, string commands, params string[] arguments)
    {
        ExternalProgram.Require("openssl");
        string place = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        return (await home.RunAsync("openssl", ["s_client", "-crlf", "-ign_eof", "-connect", place, "-servername", "mail.example.test", .. arguments], commands)).Output;
    }
}
