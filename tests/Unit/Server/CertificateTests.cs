using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Server.Tls;

namespace FullStack.Unit.Server;

public sealed class CertificateTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CapturedLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, "a")]
    [InlineData("", "a")]
    [InlineData("unknown.test", "a")]
    [InlineData("mail.a.test", "a")]
    [InlineData("MAIL.B.TEST", "b")]
    [InlineData("mail.b.test.", "b")]
    [InlineData("imap.c.test", "c")]
    [InlineData("deep.imap.c.test", "a")]
    [InlineData("c.test", "a")]
    [InlineData("shared.test", "a")]
    public void A_certificate_is_chosen_by_name(string? asked, string expected)
    {
        CertificateSet set = CertificateSet.Load(
            [Make("a", "mail.a.test", "shared.test"), Make("b", "mail.b.test", "shared.test"), Make("c", "*.c.test")]);
        Assert.Equal($"CN={expected}", set.Select(asked).TargetCertificate.Subject);
    }

    [Fact]
    public void A_renewed_certificate_is_taken_up_and_a_bad_one_is_not()
    {
        using CertificateCatalog catalog = Open(Make("first", "mail.a.test"));
        Assert.Equal("CN=first", NameOf(catalog.Select(null)));

        Replace("first", "second");
        Assert.Equal("CN=first", NameOf(catalog.Select(null)));
        _time.Advance(CertificateCatalog.PollInterval);
        Assert.Equal("CN=second", NameOf(catalog.Select(null)));
        Assert.Empty(_log.Alarms);

        File.WriteAllText(_folder.File("first.pem"), "no certificate");
        _time.Advance(CertificateCatalog.PollInterval * 3);
        Assert.Equal("CN=second", NameOf(catalog.Select(null)));
        Assert.Single(_log.Alarms);

        Replace("first", "third");
        _time.Advance(CertificateCatalog.PollInterval);
        Assert.Equal("CN=third", NameOf(catalog.Select(null)));
    }

    [Fact]
    public void Files_that_may_no_longer_be_read_leave_the_certificates_as_they_are()
    {
        string folder = Directory.CreateDirectory(_folder.File("private")).FullName;
        CertificateFiles made = Make("first", "mail.a.test");
        CertificateFiles files = new(Path.Combine(folder, "c.pem"), Path.Combine(folder, "c.key"));
        File.Move(made.Certificate, files.Certificate);
        File.Move(made.Key, files.Key);
        using CertificateCatalog catalog = Open(files);

        File.SetUnixFileMode(folder, UnixFileMode.None);
        AsNobody.Run(() => _time.Advance(CertificateCatalog.PollInterval));
        Assert.Equal("CN=first", NameOf(catalog.Select(null)));
        Assert.Single(_log.Alarms);

        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _time.Advance(CertificateCatalog.PollInterval);
        Assert.Single(_log.Alarms);
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused_with_both_names()
    {
        CertificateFiles one = Make("one", "a.test");
        CertificateFiles other = Make("other", "b.test");
        CertificateException e = Assert.Throws<CertificateException>(() => CertificateSet.Load([new(one.Certificate, other.Key)]));
        Assert.Contains(one.Certificate, e.Message, StringComparison.Ordinal);
        Assert.Contains(other.Key, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Expiry_is_told_each_day_of_the_last_fortnight()
    {
        ServerConfiguration configuration = new() { HostName = "mail.example.test", Data = _folder.FullPath, Tls = new() { Default = Make("first", "mail.a.test") } };
        _time.Advance(TimeSpan.FromDays(90) - CertificateCatalog.WarnBefore - TimeSpan.FromHours(1));
        using CertificateCatalog catalog = CertificateCatalog.Open(configuration, _time, _log.CreateLogger("test"));
        Assert.Empty(_log.Alarms);
        _time.Advance(CertificateCatalog.WarnInterval);
        Assert.Single(_log.Alarms);
        _time.Advance(CertificateCatalog.WarnInterval);
        Assert.Equal(2, _log.Alarms.Count);
    }

    [Fact]
    public void A_missing_file_is_named()
        => Assert.Equal("/nowhere/c.pem: no such file", Assert.Throws<CertificateException>(static () => CertificateSet.Load([new("/nowhere/c.pem", "/nowhere/k.pem")])).Message);

    [Fact]
    public void A_server_without_certificate_makes_one_and_keeps_it()
    {
        ServerConfiguration configuration = new() { HostName = "mail.example.test", Data = _folder.FullPath };
        using CertificateCatalog first = CertificateCatalog.Open(configuration, _time, _log.CreateLogger("test"));
        X509Certificate2 certificate = first.Select(null).TargetCertificate;
        X509SubjectAlternativeNameExtension names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["mail.example.test", "localhost"], names.EnumerateDnsNames());
        Assert.Equal(["127.0.0.1", "::1"], names.EnumerateIPAddresses().Select(static a => a.ToString()));
        Assert.Equal(_time.GetUtcNow().AddYears(10).UtcDateTime, certificate.NotAfter.ToUniversalTime());
        string key = SelfSignedCertificate.FilesIn(configuration.TlsFolder).Key;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));

        using CertificateCatalog second = CertificateCatalog.Open(configuration, _time, _log.CreateLogger("test"));
        Assert.Equal(certificate.Thumbprint, second.Select(null).TargetCertificate.Thumbprint);
    }

    private static string NameOf(SslStreamCertificateContext context) => context.TargetCertificate.Subject;

    private CertificateCatalog Open(CertificateFiles files) => CertificateCatalog.Open(
        new ServerConfiguration { HostName = "mail.example.test", Data = _folder.FullPath, Tls = new TlsConfiguration { Default = files } },
        _time, _log.CreateLogger("test"));

    private void Replace(string file, string name)
    {
        CertificateFiles made = Make(name, "mail.a.test");
        File.Move(made.Certificate, _folder.File(file + ".pem"), overwrite: true);
        File.Move(made.Key, _folder.File(file + ".key"), overwrite: true);
    }

    private CertificateFiles Make(string name, params string[] hosts)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        foreach (string host in hosts)
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(90));
        CertificateFiles files = new(_folder.File(name + ".pem"), _folder.File(name + ".key"));
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
