using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Net;
using FullStack.Net.Tls;

namespace FullStack.Unit.Net;

/// <summary>What a login is bound to belongs to one connection, also where that goes on with the session of another (RFC 9266 §3, RFC 5929 §3.1).</summary>
public sealed class ResumedTlsTests : IDisposable
{
    private readonly string _name = $"{Guid.NewGuid():N}.example.test"; // by which the client finds the session again
    private readonly X509Certificate2 _certificate;
    private readonly TlsServer _server;

    public ResumedTlsTests()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _certificate = new CertificateRequest("CN=" + _name, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        _server = new(new OneCertificate(_certificate));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12, ChannelBindings.Unique)]
    [InlineData(SslProtocols.Tls13, ChannelBindings.Exporter)]
    public async Task A_resumed_connection_has_bindings_of_its_own(SslProtocols protocol, string kind)
    {
        Seen first = await ConnectAsync(protocol, kind, asksForCertificate: false);
        Seen resumed = await ConnectAsync(protocol, kind, asksForCertificate: false);
        Assert.False(first.IsReused);
        Assert.True(resumed.IsReused);
        Assert.NotEmpty(resumed.OfServer);
        Assert.Equal(resumed.OfClient, resumed.OfServer);
        Assert.NotEqual(first.OfServer, resumed.OfServer);
        Assert.Equal(first.EndPoint, resumed.EndPoint);
        Assert.Equal(SHA256.HashData(_certificate.RawData), resumed.EndPoint);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, ChannelBindings.Unique)]
    [InlineData(SslProtocols.Tls13, ChannelBindings.Exporter)]
    public async Task Who_is_asked_for_a_certificate_begins_anew(SslProtocols protocol, string kind)
    {
        await ConnectAsync(protocol, kind, asksForCertificate: true);
        Assert.False((await ConnectAsync(protocol, kind, asksForCertificate: true)).IsReused);
        Assert.False((await ConnectAsync(protocol, kind, asksForCertificate: false)).IsReused);
        Assert.False((await ConnectAsync(protocol, kind, asksForCertificate: true)).IsReused);
    }

    private async Task<Seen> ConnectAsync(SslProtocols protocol, string kind, bool asksForCertificate)
    {
        PipePair pair = new(asksForCertificate: asksForCertificate);
        await using MailConnection connection = pair.Connection;
        Task upgraded = connection.StartTlsAsync(_server, TimeSpan.FromSeconds(30), Ct);
        await using SslStream client = new(pair.ClientStream(), leaveInnerStreamOpen: true);
        await client.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = _name,
                EnabledSslProtocols = protocol,
                RemoteCertificateValidationCallback = static (_, _, _, _) => true, // made for this test
            }, Ct);
        await upgraded;
        connection.Write("* OK\r\n"u8);
        await connection.FlushAsync(Ct);
        await client.ReadExactlyAsync(new byte[6], Ct); // and the tickets, which come before it
        return new(IsReused(client), ChannelBindings.Find(client, kind).ToArray(), connection.Tls!.FindBinding(kind).ToArray(), connection.Tls.FindBinding(ChannelBindings.EndPoint).ToArray());
    }

    private static bool IsReused(SslStream client)
    {
        SafeHandle handle = (SafeHandle)typeof(SslStream).GetField("_securityContext", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(client)!;
        return SessionReused(handle.DangerousGetHandle()) != 0;
    }

    [DllImport("libssl.so.3", EntryPoint = "SSL_session_reused")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SessionReused(nint ssl);

    private sealed record Seen(bool IsReused, byte[] OfClient, byte[] OfServer, byte[] EndPoint);

    private sealed class OneCertificate(X509Certificate2 certificate) : ICertificateSelector
    {
        private readonly SslStreamCertificateContext _context = SslStreamCertificateContext.Create(certificate, null, offline: true);

        public SslStreamCertificateContext Select(string? serverName) => _context;
    }
}
