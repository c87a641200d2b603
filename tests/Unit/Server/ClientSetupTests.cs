using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.ClientSetup;

namespace FullStack.Unit.Server;

/// <summary>What mail programs get that ask the server how to set themselves up, and what others get that ask for something else.</summary>
public sealed class ClientSetupTests : IAsyncLifetime
{
    private const string Mozilla = "/.well-known/autoconfig/mail/config-v1.1.xml";
    private const string Outlook = "/autodiscover/autodiscover.xml";
    private const string Answer = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    private TestMailServer _server = null!;
    private HttpClient _client = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestMailServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string>
            {
                ["web.listeners"] = "[{ address: \"127.0.0.1:0\" }, { address: \"127.0.0.1:0\", tls: on }]",
                ["web.sign_profiles"] = "false",
            },
        }, Ct);
        _client = ClientOf(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Thunderbird_is_told_every_listener_best_first()
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri(Mozilla + "?emailaddress=anyone%40EXAMPLE.test", UriKind.Relative), Ct);
        Assert.Equal("application/xml", response.Content.Headers.ContentType?.MediaType);
        XElement provider = XDocument.Parse(await response.Content.ReadAsStringAsync(Ct)).Root!.Element("emailProvider")!;
        Assert.Equal("example.test", provider.Element("domain")!.Value);
        Assert.Equal(["imap", "imap", "pop3", "pop3"], provider.Elements("incomingServer").Select(static server => server.Attribute("type")!.Value));
        Assert.Equal(["SSL", "STARTTLS"], provider.Elements("outgoingServer").Select(static server => server.Element("socketType")!.Value));
        XElement imap = provider.Elements("incomingServer").First();
        Assert.Equal(("localhost", "SSL", "%EMAILADDRESS%"), (imap.Element("hostname")!.Value, imap.Element("socketType")!.Value, imap.Element("username")!.Value));
        Assert.Equal(_server.Listener(ListenerProtocol.Imap, ListenerTls.Implicit).EndPoint.Port.ToString(CultureInfo.InvariantCulture), imap.Element("port")!.Value);
    }

    [Theory]
    [InlineData("autoconfig.example.test", "/mail/config-v1.1.xml", HttpStatusCode.OK)]
    [InlineData("example.test", Mozilla, HttpStatusCode.OK)]
    [InlineData("autoconfig.other.test", "/mail/config-v1.1.xml", HttpStatusCode.NotFound)]
    [InlineData("autoconfig.", "/mail/config-v1.1.xml", HttpStatusCode.NotFound)]
    [InlineData("example.test", Mozilla + "?emailaddress=a@other.test", HttpStatusCode.NotFound)]
    [InlineData("example.test", Mozilla + "?emailaddress=example.test", HttpStatusCode.NotFound)]
    [InlineData("example.test", Mozilla + "?emailaddress=a@example.test&emailaddress=b@other.test", HttpStatusCode.OK)]
    [InlineData("mta-sts.example.test", "/.well-known/mta-sts.txt", HttpStatusCode.OK)]
    [InlineData("mta-sts.other.test", "/.well-known/mta-sts.txt", HttpStatusCode.NotFound)]
    [InlineData("example.test", "/", HttpStatusCode.NotFound)]
    [InlineData("example.test", "/../../etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("example.test", "/mail.mobileconfig", HttpStatusCode.NotFound)]
    [InlineData("example.test", "/mail.mobileconfig?email=%3Cscript%3E%40other.test", HttpStatusCode.NotFound)]
    public async Task Only_domains_that_are_kept_here_are_found(string host, string path, HttpStatusCode expected)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Host = host;
        using HttpResponseMessage response = await _client.SendAsync(request, Ct);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Outlook_is_told_the_servers_for_its_address()
    {
        XNamespace ns = Answer;
        XDocument answer = await AskOutlookAsync("alice@Example.TEST", Answer);
        XElement[] protocols = [.. answer.Descendants(ns + "Protocol")];
        Assert.Equal(["IMAP", "IMAP", "POP3", "POP3", "SMTP", "SMTP"], protocols.Select(protocol => protocol.Element(ns + "Type")!.Value));
        Assert.All(protocols, protocol => Assert.Equal("alice@example.test", protocol.Element(ns + "LoginName")!.Value));
        Assert.Equal("on", protocols[0].Element(ns + "SSL")!.Value);
        Assert.Equal("TLS", protocols[1].Element(ns + "Encryption")!.Value);
    }

    [Fact]
    public async Task What_stands_in_an_address_does_not_get_into_the_xml()
    {
        const string hostile = "\"<loginname>&'@example.test";
        XDocument answer = await AskOutlookAsync(hostile, schema: null);
        Assert.Equal(hostile, answer.Descendants(XName.Get("DisplayName", Answer)).Single().Value);
        Assert.Contains(hostile, XDocument.Parse(await ProfileAsync(hostile)).Descendants("string").Select(static text => text.Value));
    }

    [Theory]
    [InlineData("", "600")]
    [InlineData("no xml", "600")]
    [InlineData("<Autodiscover><Request></Request></Autodiscover>", "600")]
    [InlineData("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a><EMailAddress>&e;@example.test</EMailAddress></a>", "600")]
    [InlineData("<a><EMailAddress>alice@example.test</EMailAddress><AcceptableResponseSchema>mobilesync</AcceptableResponseSchema></a>", "601")]
    [InlineData("<a><EMailAddress>alice@other.test</EMailAddress></a>", "500")]
    public async Task Requests_of_outlook_that_are_wrong_are_answered_with_their_code(string body, string code)
    {
        using HttpResponseMessage response = await _client.PostAsync(new Uri(Outlook, UriKind.Relative), new StringContent(body, Encoding.UTF8, "text/xml"), Ct);
        XDocument answer = XDocument.Parse(await response.Content.ReadAsStringAsync(Ct));
        Assert.Equal(code, answer.Descendants().Single(static element => element.Name.LocalName == "ErrorCode").Value);
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused()
    {
        using HttpResponseMessage response = await _client.PostAsync(new Uri(Outlook, UriKind.Relative), new StringContent(new string(' ', 100_000)), Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("PUT", Mozilla)]
    [InlineData("POST", Mozilla)]
    [InlineData("DELETE", "/mail.mobileconfig")]
    [InlineData("GET", Outlook)]
    [InlineData("OPTIONS", Outlook)]
    public async Task Other_methods_are_refused(string method, string path)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await _client.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.NotEmpty(response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Head_gives_the_length_and_nothing_else()
    {
        using HttpRequestMessage request = new(HttpMethod.Head, Mozilla + "?emailaddress=a@example.test");
        using HttpResponseMessage response = await _client.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 500);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Ct));
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task What_is_no_http_is_refused_and_the_connection_closed(string request)
    {
        using TcpClient peer = new();
        await peer.ConnectAsync(_server.WebListeners[0].EndPoint, Ct);
        await peer.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), Ct);
        using StreamReader reader = new(peer.GetStream());
        Assert.StartsWith("HTTP/1.1 400 ", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_has_the_address_and_the_same_identifiers_each_time()
    {
        string first = await ProfileAsync("alice@example.test");
        XDocument plist = XDocument.Parse(first);
        string[] texts = [.. plist.Descendants("string").Select(static text => text.Value)];
        Assert.Contains("alice@example.test", texts);
        Assert.Contains("EmailTypeIMAP", texts);
        Assert.Equal(first, await ProfileAsync("ALICE@example.test"));
        Assert.NotEqual(first, await ProfileAsync("bob@example.test"));
    }

    [Fact]
    public async Task Settings_are_served_by_https()
    {
        using HttpClientHandler handler = new() { ServerCertificateCustomValidationCallback = static (_, certificate, _, _) => certificate is not null };
        using HttpClient client = new(handler) { BaseAddress = new($"https://{_server.WebListeners.Single(static listener => listener.Tls).EndPoint}") };
        Assert.Contains("example.test", await client.GetStringAsync(new Uri(Mozilla + "?emailaddress=a@example.test", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_profile_can_be_checked_by_the_certificate_in_it()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["web.listeners"] = "[{ address: \"127.0.0.1:0\" }]", ["web.sign_profiles"] = "true" },
        }, Ct);
        using HttpClient client = ClientOf(server);
        byte[] cms = await client.GetByteArrayAsync(new Uri("/mail.mobileconfig?email=alice%40example.test", UriKind.Relative), Ct);

        Asn1Tag first = new(TagClass.ContextSpecific, 0, isConstructed: true);
        AsnReader content = new AsnReader(cms, AsnEncodingRules.DER).ReadSequence();
        Assert.Equal("1.2.840.113549.1.7.2", content.ReadObjectIdentifier());
        AsnReader signed = content.ReadSequence(first).ReadSequence();
        signed.ReadInteger();
        signed.ReadSetOf();
        AsnReader inner = signed.ReadSequence();
        inner.ReadObjectIdentifier();
        byte[] profile = inner.ReadSequence(first).ReadOctetString();
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(signed.ReadSetOf(first).ReadEncodedValue().Span);
        AsnReader signer = signed.ReadSetOf().ReadSequence();
        signer.ReadInteger();
        signer.ReadSequence();
        signer.ReadSequence();
        byte[] attributes = signer.ReadEncodedValue().ToArray();
        attributes[0] = 0x31; // what was signed is a SET OF
        signer.ReadSequence();
        byte[] signature = signer.ReadOctetString();

        Assert.Contains("alice@example.test", Encoding.UTF8.GetString(profile), StringComparison.Ordinal);
        Assert.True(attributes.AsSpan().IndexOf(SHA256.HashData(profile)) > 0);
        using RSA? rsa = certificate.GetRSAPublicKey();
        using ECDsa? ecdsa = certificate.GetECDsaPublicKey();
        Assert.True(rsa is not null
            ? rsa.VerifyData(attributes, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ecdsa!.VerifyData(attributes, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    [Fact]
    public void Listeners_of_this_host_alone_are_not_told_to_others()
    {
        MailEndpoint[] told = [.. MailEndpoint.Of("mail.example.test",
        [
            new(ListenerProtocol.Imap, ListenerTls.Start, new IPEndPoint(IPAddress.Any, 143)), new(ListenerProtocol.Imap, ListenerTls.Start, new IPEndPoint(IPAddress.IPv6Any, 143)),
            new(ListenerProtocol.Imap, ListenerTls.Implicit, new IPEndPoint(IPAddress.Loopback, 2993)), new(ListenerProtocol.Smtp, ListenerTls.Start, new IPEndPoint(IPAddress.Any, 25)),
        ])];
        Assert.Equal([new MailEndpoint(ListenerProtocol.Imap, "mail.example.test", 143, ListenerTls.Start)], told);
    }

    private static HttpClient ClientOf(TestMailServer server) => new() { BaseAddress = new($"http://{server.WebListeners.First(static listener => !listener.Tls).EndPoint}") };

    private async Task<string> ProfileAsync(string address)
        => await _client.GetStringAsync(new Uri("/mail.mobileconfig?email=" + Uri.EscapeDataString(address), UriKind.Relative), Ct);

    private async Task<XDocument> AskOutlookAsync(string address, string? schema)
    {
        XElement request = new("Request", new XElement("EMailAddress", address), schema is null ? null : new XElement("AcceptableResponseSchema", schema));
        using StringContent body = new(new XElement("Autodiscover", request).ToString(), Encoding.UTF8, "text/xml");
        using HttpResponseMessage response = await _client.PostAsync(new Uri("/Autodiscover/Autodiscover.xml", UriKind.Relative), body, Ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return XDocument.Parse(await response.Content.ReadAsStringAsync(Ct));
    }
}
