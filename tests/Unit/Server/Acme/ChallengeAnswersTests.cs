using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FullStack.Auth.Backends;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Acme;
using FullStack.Server.ClientSetup;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;

namespace FullStack.Unit.Server.Acme;

/// <summary>What the web listeners show an authority while it is asked for something, and that others are served meanwhile.</summary>
public sealed class ChallengeAnswersTests : IAsyncLifetime
{
    private const string Name = "mail.example.test";

    private readonly ScratchFolder _folder = new();
    private readonly CapturedLog _log = new();
    private AccountDirectory _directory = null!;
    private AccountBackends _accounts = null!;
    private CertificateKeeper _keeper = null!;
    private WebServer _web = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _directory = new(_folder.File("directory.db"));
        _accounts = new(_directory, [], TimeProvider.System);
        _keeper = CertificateKeeper.Open(new ServerConfiguration { HostName = Name, Data = _folder.FullPath }, TimeProvider.System, _log.CreateLogger(""));
        WebRequests requests = new(Name, false, _accounts, static () => [], _keeper, _log.CreateLogger(""));
        WebConnections connections = new(new ConnectionLimiter(TimeProvider.System), static () => new(), _log.CreateLogger(""));
        _web = new([new(new ListenAddress("127.0.0.1", 0)), new(new ListenAddress("127.0.0.1", 0), Tls: true)], requests, connections, _keeper);
        await _web.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _keeper.DisposeAsync();
        await _accounts.DisposeAsync();
        _directory.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_text_is_shown_by_http_while_it_is_asked_for()
    {
        using HttpClient client = new() { BaseAddress = new($"http://{_web.Bound[0].EndPoint}") };
        Uri place = new(PendingChallenges.PathPrefix + "token", UriKind.Relative);
        using (_keeper.Pending.Publish(ChallengeKind.Http, Name, "token", "token.print"))
            Assert.Equal("token.print", await client.GetStringAsync(place, Ct));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(place, Ct)).StatusCode);
    }

    [Fact]
    public async Task Others_are_served_by_https_whether_or_not_something_is_asked_for()
    {
        using (_keeper.Pending.Publish(ChallengeKind.TlsAlpn, Name, "token", "token.print"))
            Assert.Equal(HttpStatusCode.NotFound, await GetAsync());
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync());
    }

    [Fact]
    public async Task A_certificate_is_shown_to_who_offers_the_protocol()
    {
        using (_keeper.Pending.Publish(ChallengeKind.TlsAlpn, Name, "token", "token.print"))
        {
            using X509Certificate2 shown = await ShakeHandsAsync(Name);
            Assert.NotNull(shown.Extensions[ChallengeCertificate.Identifier]);
            await Assert.ThrowsAnyAsync<Exception>(() => ShakeHandsAsync("other.example.test"));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => ShakeHandsAsync(Name));
    }

    private async Task<HttpStatusCode> GetAsync()
    {
        using SocketsHttpHandler handler = new() { SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using HttpClient client = new(handler);
        return (await client.GetAsync(new Uri($"https://{_web.Bound[1].EndPoint}/nothing"), Ct)).StatusCode;
    }

    private async Task<X509Certificate2> ShakeHandsAsync(string name)
    {
        using TcpClient client = new();
        await client.ConnectAsync(_web.Bound[1].EndPoint, Ct);
        await using SslStream tls = new(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ApplicationProtocols = [new("acme-tls/1")],
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        }, Ct);
        return tls.NegotiatedApplicationProtocol == new SslApplicationProtocol("acme-tls/1")
            ? X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData())
            : throw new AuthenticationException("another protocol");
    }
}
