using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness.Servers;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using static FullStack.Unit.Smtp.Client.ClientConversation;

namespace FullStack.Unit.Smtp.Client;

public sealed class TlsTests
{
    private const string Text = "Subject: hi\r\n\r\nbye\r\n";
    private const string Offer = "S: 220 mx.example.test\nC: EHLO *\nS: 250-mx\nS: 250-SIZE 1\nS: 250 STARTTLS\n";
    private const string Upgrade = Offer + "C: STARTTLS\nS: 220 go\n@starttls\n";
    private const string Hello = "C: EHLO *\nS: 250 mx\n";
    private const string Transaction = "C: MAIL FROM:<alice@example.org>\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: DATA\nS: 354 go\nC...\nS: 250 Ok\nC: QUIT\nS: 221 bye";
    private static readonly HostCertificates s_certificates = new();

    [Theory]
    [InlineData(TlsNeed.Opportunistic)]
    [InlineData(TlsNeed.Encrypted)]
    public async Task Any_certificate_will_do_where_nobody_asks_for_one_and_what_was_said_in_the_clear_is_forgotten(TlsNeed need)
    {
        AttemptReport report = await SendAsync(Upgrade + Hello + Transaction, host => host with { Tls = need }, new HostCertificates("else.example.test"));
        Assert.True(report.Results.Single().Status.IsSuccess, report.Results.Single().Status.Text);
        Assert.StartsWith("TLSv1.", report.Tls, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Offer + "C: STARTTLS\nS: 454 4.7.0 not now\n" + "C: QUIT\nS: 221 bye")]
    [InlineData(Offer + "C: STARTTLS\nS: 220 go\nS<< nonsense\\r\\n\n@wait\n@connection\n" + Offer + "C: QUIT\nS: 221 bye")]
    public async Task Without_tls_it_goes_in_the_clear_where_nobody_needs_it(string script)
    {
        // The host's limit of one octet is what ends it: in the clear what it said there holds.
        AttemptReport report = await SendAsync(script, static host => host);
        Assert.Contains(report.Results.Single().Status.Status.ToString(), (string[])["5.3.4", "4.7.5"]);
        Assert.Null(report.Tls);
    }

    [Theory]
    [InlineData(TlsNeed.Encrypted)]
    [InlineData(TlsNeed.Verified)]
    [InlineData(TlsNeed.Dane)]
    public async Task Where_tls_is_needed_nothing_goes_in_the_clear(TlsNeed need)
    {
        foreach (string script in (string[])["S: 220 mx\nC: EHLO *\nS: 250 mx\n@wait", Offer + "C: STARTTLS\nS: 454 4.7.0 not now\n@wait"])
        {
            AttemptReport report = await SendAsync(script, host => host with { Tls = need });
            Assert.Equal("4.7.4", report.Results.Single().Status.Status.ToString());
            Assert.True(report.TryNextHost);
        }

        AttemptReport failed = await SendAsync(Offer + "C: STARTTLS\nS: 220 go\nC+1\nS: 500 what", host => host with { Tls = need });
        Assert.Equal("4.7.5", failed.Results.Single().Status.Status.ToString());
    }

    [Fact]
    public async Task Words_behind_the_go_ahead_end_the_attempt()
    {
        foreach (TlsNeed need in (TlsNeed[])[TlsNeed.Opportunistic, TlsNeed.Encrypted])
        {
            AttemptReport report = await SendAsync(Offer + "C: STARTTLS\nS<< 220 go\\r\\n250-mx\\r\\n250 AUTH PLAIN\\r\\n\n@wait", host => host with { Tls = need });
            Assert.Equal("4.7.5", report.Results.Single().Status.Status.ToString());
            Assert.Contains("in the clear", report.Results.Single().Status.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_certificate_is_verified_where_that_is_asked_for()
    {
        Assert.Equal("2.0.0", await StatusAsync(host => host with { Tls = TlsNeed.Verified }));
        Assert.Equal("2.0.0", await StatusAsync(host => host with { Tls = TlsNeed.Verified, Name = "other.example.test", OtherNames = ["mx.example.test"] }));
        Assert.Equal("4.7.5", await StatusAsync(host => host with { Tls = TlsNeed.Verified, Name = "other.example.test" }));
        Assert.Equal("4.7.5", await StatusAsync(host => host with { Tls = TlsNeed.Verified }, roots: new HostCertificates().Root));
        Assert.Equal("4.7.5", await StatusAsync(host => host with { Tls = TlsNeed.Verified }, new HostCertificates(forged: true)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public async Task Certificates_that_dns_names_are_trusted(byte selector, byte matching)
    {
        RemoteHost Dane(RemoteHost host, params TlsaPin[] pins) => host with { Tls = TlsNeed.Dane, Pins = pins };
        TlsaPin leaf = Pin(3, s_certificates.Leaf, selector, matching), intermediate = Pin(2, s_certificates.Intermediate, selector, matching);
        TlsaPin other = Pin(3, new HostCertificates().Leaf, selector, matching);
        Assert.Equal("2.0.0", await StatusAsync(host => Dane(host, other, leaf)));
        Assert.Equal("2.0.0", await StatusAsync(host => Dane(host, leaf) with { Name = "unnamed.example.test" }));
        Assert.Equal("2.0.0", await StatusAsync(host => Dane(host, intermediate)));
        Assert.Equal("2.0.0", await StatusAsync(host => Dane(host, intermediate) with { Name = "x.test", OtherNames = ["mx.example.test"] }));
        Assert.Equal("4.7.5", await StatusAsync(host => Dane(host, intermediate) with { Name = "unnamed.example.test" }));
        Assert.Equal("4.7.5", await StatusAsync(host => Dane(host, other)));
        HostCertificates forged = new(forged: true);
        Assert.Equal("4.7.5", await StatusAsync(host => Dane(host, Pin(2, forged.Intermediate, selector, matching)), forged));
        Assert.Equal("2.0.0", await StatusAsync(host => Dane(host, other with { Usage = 1 }), new HostCertificates("else.example.test")));
    }

    [Fact]
    public async Task Tls_from_the_first_octet_and_a_login()
    {
        const string script = "@tls\nS: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 AUTH {0}\n{1}S: 235 2.7.0 in\n" + Hello + Transaction;
        const string login = "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: Ym9i\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\n";
        foreach ((string mechanisms, string exchange) in ((string, string)[])[("LOGIN PLAIN", "C: AUTH PLAIN AGJvYgBzZWNyZXQ=\n"), ("login", login)])
        {
            AttemptReport report = await SendAsync(
                script.Replace("{0}", mechanisms, StringComparison.Ordinal).Replace("{1}", exchange, StringComparison.Ordinal),
                static host => host with { ImplicitTls = true, Tls = TlsNeed.Verified, Credentials = new("bob", "secret") });
            Assert.True(report.Results.Single().Status.IsSuccess, report.Results.Single().Status.Text);
        }
    }

    [Theory]
    [InlineData("S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 AUTH PLAIN\n@wait", false, "4.7.11")]
    [InlineData("@tls\nS: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 AUTH GSSAPI\n@wait", true, "4.7.0")]
    [InlineData("@tls\nS: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 AUTH PLAIN SCRAM-SHA-256\nC: AUTH SCRAM-SHA-256 *\nS: 334 cj1hLHM9YWE9PSxpPTE=\n@wait", true, "4.7.0")]
    [InlineData("@tls\nS: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 AUTH SCRAM-SHA-256\nC: AUTH SCRAM-SHA-256 *\nS: 235 in\n@wait", true, "4.7.0")]
    [InlineData("@tls\nS: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 AUTH PLAIN\nC: AUTH *\nS: 535 5.7.8 wrong\n@wait", true, "4.7.8")]
    public async Task A_login_that_does_not_work_is_for_later(string script, bool implicitTls, string status)
    {
        AttemptReport report = await SendAsync(script, host => host with { ImplicitTls = implicitTls, Credentials = new("bob", "secret") });
        Assert.Equal(status, report.Results.Single().Status.Status.ToString());
        Assert.True(report.Results.Single().Status.IsTemporary);
    }

    [Theory]
    [InlineData("C: EHLO *\nS: 250-mx\nS: 250 REQUIRETLS\nC: MAIL FROM:<alice@example.org> REQUIRETLS\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: DATA\nS: 354 go\nC...\nS: 250 Ok\nC: QUIT\nS: 221 bye", "mx.example.test", "2.0.0")]
    [InlineData(Hello + "C: QUIT\nS: 221 bye", "mx.example.test", "5.7.30")]
    [InlineData("@wait", "other.example.test", "5.7.10")]
    public async Task Who_requires_tls_gets_it_all_the_way_or_hears_that_it_is_not_there(string afterTls, string name, string status)
    {
        AttemptReport report = await SendAsync(Upgrade + afterTls, host => host with { Name = name }, requireTls: true);
        Assert.Equal(status, report.Results.Single().Status.Status.ToString());
    }

    private static TlsaPin Pin(byte usage, X509Certificate2 certificate, byte selector, byte matching)
    {
        byte[] data = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return new(usage, selector, matching, matching switch { 1 => SHA256.HashData(data), 2 => SHA512.HashData(data), _ => data });
    }

    private static async Task<string> StatusAsync(Func<RemoteHost, RemoteHost> change, HostCertificates? certificates = null, X509Certificate2? roots = null)
    {
        await using ScriptedHost host = new(Upgrade + Hello + Transaction, (certificates ?? s_certificates).Shown);
        await using ClientConversation conversation = Conversation(host, change, roots ?? (certificates ?? s_certificates).Root);
        AttemptReport report = await conversation.SendOneAsync(Message(Text, "bob@example.test"));
        return report.Results.Single().Status.Status.ToString();
    }

    private static async Task<AttemptReport> SendAsync(
        string script, Func<RemoteHost, RemoteHost> change, HostCertificates? certificates = null, bool requireTls = false)
    {
        await using ScriptedHost host = new(script, (certificates ?? s_certificates).Shown);
        await using ClientConversation conversation = Conversation(host, change, s_certificates.Root);
        OutgoingMessage message = Message(Text, "bob@example.test");
        return await conversation.SendOneAsync(message with { Envelope = new Envelope(message.Envelope.Sender) { RequireTls = requireTls } });
    }

    private static ClientConversation Conversation(ScriptedHost host, Func<RemoteHost, RemoteHost> change, X509Certificate2 root)
        => new(host, environment: EnvironmentOf(Options) with { Roots = [root] }) { Host = change(new RemoteHost("mx.example.test", host.EndPoint)) };
}
