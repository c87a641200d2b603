using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>A TLS session (RFC 8446 §2.2) is of the certificate that was shown in it: it is resumed for no other, nor where that has been replaced.</summary>
public sealed class ResumedCertificateTests : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private TestMailServer _server = null!;
    private ExternalProgram _home = null!;

    public async ValueTask InitializeAsync()
    {
        Write("a", "first.example.test", "first");
        Write("b", "second.example.test", "second");
        _home = new(Directory.CreateDirectory(_folder.File("home")).FullName);
        _server = await TestMailServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string>
            {
                ["tls.certificate"] = _folder.File("a.pem"),
                ["tls.key"] = _folder.File("a.key"),
                ["tls.further"] = $"[{{ certificate: {_folder.File("b.pem")}, key: {_folder.File("b.key")} }}]",
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
        _server.Log.CheckNoAlarm();
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_session_of_one_name_is_not_resumed_for_another(string version)
    {
        Assert.Matches("subject=CN ?= ?first", await ConnectAsync(version, "first.example.test", "-sess_out", "session.pem"));
        Assert.Contains("Reused, ", await ConnectAsync(version, "first.example.test", "-sess_in", "session.pem"), StringComparison.Ordinal);
        string other = await ConnectAsync(version, "second.example.test", "-sess_in", "session.pem");
        Assert.Contains("New, ", other, StringComparison.Ordinal);
        Assert.Matches("subject=CN ?= ?second", other);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_session_from_before_a_renewal_is_not_resumed(string version)
    {
        Assert.Matches("subject=CN ?= ?first", await ConnectAsync(version, "first.example.test", "-sess_out", "session.pem"));
        Write("a", "first.example.test", "renewed");
        _server.Time.Advance(TimeSpan.FromMinutes(1)); // the files are looked at every few seconds
        string after = await ConnectAsync(version, "first.example.test", "-sess_in", "session.pem", "-sess_out", "renewed.pem");
        Assert.Contains("New, ", after, StringComparison.Ordinal);
        Assert.Matches("subject=CN ?= ?renewed", after);
        Assert.Contains("Reused, ", await ConnectAsync(version, "first.example.test", "-sess_in", "renewed.pem"), StringComparison.Ordinal);
    }

    private async Task<string> ConnectAsync(string version, string name, params string[] arguments)
    {
        ExternalProgram.Require("openssl");
        string place = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_server.Listener(ListenerProtocol.Imap, ListenerTls.Implicit).EndPoint.Port}");
        return (await _home.RunAsync("openssl", ["s_client", "-crlf", "-ign_eof", "-connect", place, "-servername", name, version, .. arguments], "a LOGOUT\n")).Output;
    }

    private void Write(string file, string host, string subject)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={subject}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UtcNow.AddYears(100));
        File.WriteAllText(_folder.File(file + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.File(file + ".key"), key.ExportPkcs8PrivateKeyPem());
    }
}
