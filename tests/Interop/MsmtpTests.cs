namespace FullStack.Interop;

/// <summary>msmtp, the sendmail of many desktops.</summary>
public sealed class MsmtpTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Theory]
    [InlineData(true, "plain")]
    [InlineData(false, "plain")]
    [InlineData(false, "login")]
    public async Task Sends_as_its_user_asks(bool startTls, string mechanism)
    {
        ExternalProgram.Require("msmtp");
        ExternalProgram home = server.NewHome();
        string rc = home.Write(".msmtprc", $"""
            account default
            host 127.0.0.1
            port {(startTls ? server.Submission : server.Submissions)}
            from {InteropServer.Alice}
            auth {mechanism}
            user {InteropServer.Alice}
            password {InteropServer.PasswordOf(InteropServer.Alice)}
            tls on
            tls_starttls {(startTls ? "on" : "off")}
            tls_certcheck off

            """);
        string subject = $"msmtp {startTls} {mechanism}";
        (await home.RunAsync("msmtp", ["-C", rc, InteropServer.Bob], $"Subject: {subject}\n\nThis has neither Date nor From.\n")).ShouldSucceed();
        string stored = Assert.Single(server.StoredMessages("bob"), m => m.Contains("Subject: " + subject, StringComparison.Ordinal));
        foreach (string field in (string[])["Date: ", "From: ", "Message-ID: "])
            Assert.Contains("\n" + field, stored, StringComparison.OrdinalIgnoreCase);
    }
}
