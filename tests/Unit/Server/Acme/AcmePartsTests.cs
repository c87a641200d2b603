using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FullStack.Server.Acme;
using FullStack.Server.Configuration;

namespace FullStack.Unit.Server.Acme;

/// <summary>What an ACME client is made of.</summary>
public sealed class AcmePartsTests
{
    private static readonly DateTimeOffset s_begin = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    /// <summary>The example of RFC 7638 §3.1.</summary>
    [Fact]
    public void A_thumbprint_is_that_of_the_standard()
        => Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", AccountKey.ThumbprintOf("""
            {"e":"AQAB","kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}
            """));

    [Fact]
    public void A_key_is_itself_after_it_was_kept()
    {
        using AccountKey key = AccountKey.Make();
        using AccountKey again = AccountKey.FromPem(key.ToPem());
        Assert.Equal(key.Thumbprint, again.Thumbprint);
        Assert.Equal($"token.{key.Thumbprint}", again.Authorize("token"));
    }

    [Fact]
    public void What_is_no_key_is_refused()
    {
        Assert.Throws<CryptographicException>(static () => AccountKey.FromPem("no key"));
        using ECDsa large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<CryptographicException>(() => AccountKey.FromPem(large.ExportPkcs8PrivateKeyPem()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"status\":\"valid\",\"status\":\"invalid\"}")]
    public void An_answer_that_makes_no_sense_is_refused(string text) => Assert.Throws<AcmeException>(() => new AcmeAnswer(text, null, null).Status);

    [Theory]
    [InlineData(1, 0.5, 15)]
    [InlineData(1, 0.0, 12)]
    [InlineData(1, 1.0, 18)]
    [InlineData(3, 0.5, 60)]
    [InlineData(7, 0.5, 960)]
    [InlineData(8, 0.5, 1440)]
    [InlineData(500, 0.5, 1440)]
    public void Pauses_grow_to_a_day(int failures, double chance, int minutes)
        => Assert.Equal(minutes, RenewalSchedule.PauseAfter(failures, asked: null, chance).TotalMinutes, 0.01);

    [Fact]
    public void The_authority_may_want_a_longer_pause_but_no_shorter_one()
    {
        Assert.Equal(TimeSpan.FromDays(3), RenewalSchedule.PauseAfter(1, TimeSpan.FromDays(3), 0.5));
        Assert.Equal(TimeSpan.FromMinutes(15), RenewalSchedule.PauseAfter(1, TimeSpan.Zero, 0.5));
    }

    [Fact]
    public void Renewal_is_due_at_two_thirds_of_the_life()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(s_begin, s_begin.AddDays(90));
        Assert.Equal(s_begin.AddDays(60), RenewalSchedule.DueAt(certificate));
    }

    [Theory]
    [InlineData("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", true)]
    [InlineData("", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    public void A_token_is_a_word(string text, bool expected) => Assert.Equal(expected, PendingChallenges.IsToken(text));

    [Fact]
    public void The_certificate_of_a_challenge_has_its_digest()
    {
        PendingChallenges pending = new(TimeProvider.System);
        using (pending.Publish(ChallengeKind.TlsAlpn, "mail.example.test", "token", "token.print"))
        {
            Assert.True(pending.ExpectsHandshake);
            Assert.True(pending.TryGetCertificate("MAIL.example.test", out SslStreamCertificateContext? context));
            X509Extension extension = context.TargetCertificate.Extensions[ChallengeCertificate.Identifier]!;
            Assert.True(extension.Critical);
            Assert.Equal([0x04, 0x20, .. SHA256.HashData(Encoding.ASCII.GetBytes("token.print"))], extension.RawData);
            Assert.True(context.TargetCertificate.MatchesHostname("mail.example.test"));
        }

        Assert.False(pending.ExpectsHandshake);
        using (pending.Publish(ChallengeKind.TlsAlpn, "192.0.2.1", "token", "token.print"))
            Assert.True(pending.TryGetCertificate("1.2.0.192.in-addr.arpa", out _));
    }

    [Theory]
    [InlineData("acme-tls/1", true)]
    [InlineData("http/1.1", false)]
    [InlineData("acme-tls/1 http/1.1", false)]
    [InlineData("", false)]
    public async Task A_hello_is_known_by_what_it_offers(string offered, bool expected)
    {
        byte[] hello = await HelloAsync(offered);
        for (int cut = 0; cut < hello.Length; cut++)
            Assert.Null(ClientHello.OffersOnly(hello.AsSpan(0, cut), "acme-tls/1"u8));
        Assert.Equal(expected, ClientHello.OffersOnly(hello, "acme-tls/1"u8));
    }

    [Fact]
    public async Task A_damaged_hello_is_nobodys()
    {
        byte[] hello = await HelloAsync("acme-tls/1");
        Assert.False(ClientHello.OffersOnly("GET / HTTP/1.1"u8, "acme-tls/1"u8));
        Assert.False(ClientHello.OffersOnly([22, 3, 1, 0xff, 0xff], "acme-tls/1"u8));
        Random random = new(1);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] damaged = [.. hello];
            for (int j = 0; j < 3; j++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            ClientHello.OffersOnly(damaged, "acme-tls/1"u8); // any answer, but one
        }
    }

    [Theory]
    [InlineData("acme: { certificates: [{ names: [mail.example.test] }] }", "web.listeners: expected one without TLS, because acme.certificates is proved by http-01; found none")]
    [InlineData("acme: { certificates: [{ names: [mail.example.test] }], challenge: tls-alpn-01 }\nweb: { listeners: [{ address: \"*:80\" }] }",
        "web.listeners: expected one with TLS, because acme.certificates is proved by tls-alpn-01; found none")]
    [InlineData("acme: { certificates: [{ names: [\"*.example.test\"] }] }\nweb: { listeners: [{ address: \"*:80\" }] }", "acme.certificates.names: expected a host name such as mail.example.test (none with a star) or an IP address, found \"*.example.test\"")]
    [InlineData("acme: { certificates: [{ names: [] }] }\nweb: { listeners: [{ address: \"*:80\" }] }", "acme.certificates.names: expected one name to a hundred, found 0")]
    [InlineData("acme: { directory: \"http://acme.example.test/\" }", "acme.directory: expected an address such as https://acme.example.test/directory, found \"http://acme.example.test/\"")]
    [InlineData("acme: { certificates: [{ names: [a.test] }], external_key_id: x }\nweb: { listeners: [{ address: \"*:80\" }] }", "acme.external_key_file: expected a value, because acme.external_key_id is given; found nothing")]
    public void What_does_not_go_together_is_said(string text, string expected)
    {
        ConfigurationFile file = ConfigurationFile.Parse($"hostname: mail.example.test\ndata: ./data\n{text}\n", "/x/fullstack.yaml");
        Assert.Equal(expected, Assert.Single(file.Problems).Text);
    }

    /// <summary>What a client of this platform's TLS says first.</summary>
    private static async Task<byte[]> HelloAsync(string offered)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient client = new();
        await client.ConnectAsync((System.Net.IPEndPoint)listener.LocalEndpoint, ct);
        using TcpClient server = await listener.AcceptTcpClientAsync(ct);
        await using SslStream tls = new(client.GetStream());
        List<SslApplicationProtocol> protocols = [.. offered.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static one => new SslApplicationProtocol(one))];
        Task handshake = tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mail.example.test", ApplicationProtocols = protocols.Count > 0 ? protocols : null }, ct);
        byte[] head = new byte[5];
        await server.GetStream().ReadExactlyAsync(head, ct);
        byte[] body = new byte[(head[3] << 8) | head[4]];
        await server.GetStream().ReadExactlyAsync(body, ct);
        server.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => handshake);
        return [.. head, .. body];
    }
}
