using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;

namespace FullStack.Unit.Auth;

/// <summary>EXTERNAL, ANONYMOUS, and the messages of OAUTHBEARER and XOAUTH2.</summary>
public sealed class ProofTests : IDisposable
{
    private const string Ann = "ann@example.test", Bob = "bob@example.test", Boss = "boss@example.test";

    private readonly DirectoryFile _file = new();

    public ProofTests()
    {
        _file.Directory.AddDomain("example.test");
        foreach (string account in (string[])[Ann, Bob, Boss])
            _file.Directory.AddUser(account, PasswordHash.Create("secret"));
    }

    public void Dispose() => _file.Dispose();

    [Theory] // RFC 4422 App. A
    [InlineData(Ann, "", Ann)]
    [InlineData(Ann, Ann, Ann)]
    [InlineData(Ann, "Ann", Ann)]
    [InlineData(Ann, Bob, null)]
    [InlineData(Ann + " " + Bob, "", Ann)]
    [InlineData(Ann + " " + Bob, Bob, Bob)]
    [InlineData("other@other.test", "", null)]
    [InlineData(Boss, Bob, Bob)] // a master user
    [InlineData("ann*" + Boss, "", null)] // no name of a certificate makes a master user
    [InlineData("ann*" + Boss, Ann, null)]
    public async Task A_trusted_certificate_stands_for_its_addresses(string names, string wanted, string? account)
    {
        using X509Certificate2 certificate = Certificate(names.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        SaslConnection connection = Connection(new ShownCertificate(certificate, IsTrusted: true));
        Assert.Equal(account ?? "refused", await ExternalAsync(New(), connection, wanted));
        Assert.Equal("not offered", await ExternalAsync(New(), Connection(new ShownCertificate(certificate, IsTrusted: false)), wanted));
    }

    [Fact]
    public async Task A_certificate_of_the_table_stands_for_its_account_whoever_made_it()
    {
        using X509Certificate2 certificate = Certificate(Ann);
        AuthOptions options = new() { CertificateAccounts = new Dictionary<string, string> { [certificate.GetCertHashString(HashAlgorithmName.SHA256)] = Bob } };
        Assert.Equal(Bob, await ExternalAsync(New(options), Connection(new ShownCertificate(certificate, IsTrusted: false)), ""));
        Assert.Equal("refused", await ExternalAsync(New(options), Connection(new ShownCertificate(certificate, IsTrusted: true)), Ann));
        Assert.DoesNotContain("EXTERNAL", New(options).MechanismsFor(Connection(null)));
    }

    [Fact]
    public async Task Anybody_is_the_configured_account_but_sends_nothing()
    {
        Authenticator authenticator = New(new AuthOptions { AnonymousAccount = Bob });
        SaslConnection imap = Connection(null);
        Assert.Contains("ANONYMOUS", authenticator.MechanismsFor(imap));
        Assert.DoesNotContain("ANONYMOUS", New().MechanismsFor(imap));
        Assert.Null(authenticator.StartSasl("ANONYMOUS", imap with { Service = LoginService.Smtp }));
        SaslStep end = await authenticator.StartSasl("ANONYMOUS", imap)!.NextAsync("sirhc"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(new SaslStep.Finished(new(LoginOutcome.Accepted, Bob), "anonymous (sirhc)"), end);
        Assert.IsType<SaslStep.Malformed>(
            await authenticator.StartSasl("ANONYMOUS", imap)!.NextAsync(Encoding.ASCII.GetBytes(new string('x', 256)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Listeners_offer_the_mechanisms_they_are_to_offer()
    {
        SaslConnection connection = Connection(null) with { Mechanisms = ["SCRAM-SHA-256"] };
        Assert.Equal(["SCRAM-SHA-256"], New().MechanismsFor(connection));
        Assert.Null(New().StartSasl("PLAIN", connection));
        Assert.False(New().IsPasswordAllowed(connection));
        Assert.True(New().IsPasswordAllowed(connection with { Mechanisms = ["LOGIN"] }));
        Assert.False(New().NeedsTls("PLAIN", connection with { IsEncrypted = false, Peer = IPAddress.Parse("192.0.2.1") }));
    }

    [Fact]
    public void Message_of_the_rfc_is_read() // RFC 7628 §4.1
    {
        Assert.True(BearerMessage.TryParse(
            Convert.FromBase64String("bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"),
            out BearerMessage? message));
        Assert.Equal(new("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="), message);
    }

    [Theory]
    [InlineData("n,,~auth=Bearer t~~", "", "t")]
    [InlineData("y,a=a=2Cb,~auth=bearer t~~", "a,b", "t")]
    [InlineData("n,,~auth=~~", "", "")] // it asks what is wanted
    [InlineData("n,,~AUTH=BEARER t~~", "", "t")]
    public void Forms_of_the_message(string text, string user, string token)
    {
        Assert.True(BearerMessage.TryParse(Octets(text), out BearerMessage? message));
        Assert.Equal(new(user, token), message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("~~")]
    [InlineData("n,~auth=Bearer t~~")]
    [InlineData("n,,")]
    [InlineData("n,,~")]
    [InlineData("n,,~~")]
    [InlineData("p=tls-exporter,,~auth=Bearer t~~")]
    [InlineData("n,b=x,~auth=Bearer t~~")]
    [InlineData("n,a=a=b,~auth=Bearer t~~")]
    [InlineData("n,,~auth=Basic t~~")]
    [InlineData("n,,~auth=Bearer ~~")]
    [InlineData("n,,~auth=Bearer t u~~")]
    [InlineData("n,,~auth=Bearer t~")]
    [InlineData("n,,~auth=Bearer t~~~")]
    [InlineData("n,,~auth=Bearer t~auth=Bearer u~~")]
    [InlineData("n,,~=x~auth=Bearer t~~")]
    [InlineData("n,,~x~auth=Bearer t~~")]
    public void What_is_no_such_message(string text) => Assert.False(BearerMessage.TryParse(Octets(text), out _));

    [Theory]
    [InlineData("user=someuser@example.com~auth=Bearer ya29.v~~", true)]
    [InlineData("auth=Bearer ya29.v~user=someuser@example.com~~", true)]
    [InlineData("user=someuser@example.com~auth=ya29.v~~", false)]
    [InlineData("user=someuser@example.com~~", false)]
    [InlineData("user=someuser@example.com~auth=Bearer ya29.v", false)]
    public void Older_form(string text, bool isRight)
    {
        Assert.Equal(isRight, BearerMessage.TryParseOld(Octets(text), out BearerMessage? message));
        if (isRight)
            Assert.Equal(new("someuser@example.com", "ya29.v"), message);
    }

    private static byte[] Octets(string text) => Encoding.ASCII.GetBytes(text.Replace('~', '\u0001'));

    private Authenticator New(AuthOptions? options = null)
    {
        AuthOptions given = options ?? new AuthOptions();
        AuthOptions all = new()
        {
            DefaultDomain = "example.test",
            FailureDelay = TimeSpan.Zero,
            MaxFailureDelay = TimeSpan.Zero,
            MasterUsers = [Boss],
            CertificateAccounts = given.CertificateAccounts,
            AnonymousAccount = given.AnonymousAccount,
        };
        return _file.NewAuthenticator(all);
    }

    private static SaslConnection Connection(ShownCertificate? certificate)
        => new(IPAddress.Loopback, IsEncrypted: true) { Service = LoginService.Imap, Certificate = certificate };

    private static async Task<string> ExternalAsync(Authenticator authenticator, SaslConnection connection, string wanted)
    {
        if (authenticator.StartSasl("EXTERNAL", connection) is not { } exchange)
            return "not offered";
        SaslStep end = await exchange.NextAsync(Encoding.UTF8.GetBytes(wanted), TestContext.Current.CancellationToken);
        return Assert.IsType<SaslStep.Finished>(end).Result.Account ?? "refused";
    }

    private static X509Certificate2 Certificate(params string[] addresses)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=client", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("client.example.test");
        foreach (string address in addresses)
            names.AddEmailAddress(address);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }
}
