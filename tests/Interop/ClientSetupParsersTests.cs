namespace FullStack.Interop;

/// <summary>What mail programs are told to set themselves up by, read by parsers that are not ours: xmllint, openssl.</summary>
public sealed class ClientSetupParsersTests(InteropServer server) : IClassFixture<InteropServer>
{
    private string Base => $"http://127.0.0.1:{server.Web}";

    [Fact]
    public async Task Autoconfig_and_autodiscover_are_xml_with_what_programs_look_for()
    {
        ExternalProgram.Require("curl", "xmllint");
        ExternalProgram home = server.NewHome();
        string found = await FetchAsync(home, "config.xml", Base + "/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=alice%40example.test");
        Assert.Equal($"{server.Imaps}", await XPathAsync(home, found, "string(/clientConfig/emailProvider/incomingServer[@type='imap'][1]/port)"));
        Assert.Equal($"{server.Submissions}", await XPathAsync(home, found, "string(/clientConfig/emailProvider/outgoingServer[1]/port)"));

        string request = home.Write("request.xml", """
            <?xml version="1.0" encoding="utf-8"?>
            <Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
              <Request>
                <EMailAddress>alice@example.test</EMailAddress>
                <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
              </Request>
            </Autodiscover>
            """);
        string told = await FetchAsync(home, "outlook.xml", "-H", "Content-Type: text/xml", "--data-binary", "@" + request, Base + "/autodiscover/autodiscover.xml");
        Assert.Equal($"{server.Imaps}", await XPathAsync(home, told, "string(//*[local-name()='Protocol'][*[local-name()='Type']='IMAP'][1]/*[local-name()='Port'])"));
        Assert.Equal("email", await XPathAsync(home, told, "string(//*[local-name()='AccountType'])"));
    }

    [Fact]
    public async Task A_signed_profile_verifies_against_the_servers_certificate()
    {
        ExternalProgram.Require("curl", "openssl", "xmllint");
        ExternalProgram home = server.NewHome();
        string signed = await FetchAsync(home, "mail.mobileconfig", Base + "/mail.mobileconfig?email=alice%40example.test");
        string plist = Path.Combine(home.Home, "profile.plist");
        (await home.RunAsync("openssl", "smime", "-verify", "-inform", "DER", "-in", signed, "-CAfile", server.CertificateFile, "-purpose", "any", "-out", plist)).ShouldSucceed();
        Assert.Equal("EmailTypeIMAP", await XPathAsync(home, plist, "string(//key[.='EmailAccountType']/following-sibling::string[1])"));
        Assert.Equal($"{server.Imaps}", await XPathAsync(home, plist, "string(//key[.='IncomingMailServerPortNumber']/following-sibling::integer[1])"));

        byte[] octets = await File.ReadAllBytesAsync(signed, TestContext.Current.CancellationToken);
        int at = octets.AsSpan().IndexOf("EmailTypeIMAP"u8);
        octets[at] ^= 1;
        await File.WriteAllBytesAsync(signed, octets, TestContext.Current.CancellationToken);
        ProgramResult changed = await home.RunAsync("openssl", "smime", "-verify", "-inform", "DER", "-in", signed, "-CAfile", server.CertificateFile, "-purpose", "any", "-out", plist);
        Assert.NotEqual(0, changed.ExitCode);
    }

    private static async Task<string> FetchAsync(ExternalProgram home, string name, params string[] arguments)
    {
        string file = Path.Combine(home.Home, name);
        (await home.RunAsync("curl", ["-sS", "--fail", "-o", file, .. arguments])).ShouldSucceed();
        return file;
    }

    private static async Task<string> XPathAsync(ExternalProgram home, string file, string path)
    {
        ProgramResult result = await home.RunAsync("xmllint", "--nonet", "--xpath", path, file);
        result.ShouldSucceed();
        return result.Output.Trim();
    }
}
