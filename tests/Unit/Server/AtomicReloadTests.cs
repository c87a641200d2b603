using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Tls;

namespace FullStack.Unit.Server;

/// <summary>A reload is one step: a connection is served by the old configuration or by the new one, and one that cannot be taken over changes nothing.</summary>
public sealed class AtomicReloadTests : IAsyncDisposable
{
    private const int Rounds = 20;

    private readonly DataFolder _folder = new();
    private readonly CapturedLog _log = new();
    private MailServer? _server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Connections_during_reloads_see_one_configuration_each()
    {
        MailServer server = await StartAsync(Of("a", 1_000_001));
        ServerConfiguration[] both = [Of("a", 1_000_001), Of("b", 2_000_002)];
        IPEndPoint address = server.Listeners[0].EndPoint;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task<HashSet<string>>[] clients = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => LookAsync(address, over.Token), Ct))];
        for (int i = 1; i <= Rounds; i++)
        {
            server.Reload(both[i % 2]);
            Assert.Equal(i % 2 == 0 ? "a.example.test SIZE 1000001" : "b.example.test SIZE 2000002", await SeenAsync(address));
        }

        await over.CancelAsync();
        foreach (Task<HashSet<string>> client in clients)
            Assert.Subset(new HashSet<string> { "a.example.test SIZE 1000001", "b.example.test SIZE 2000002" }, await client);
    }

    [Fact]
    public async Task A_listener_comes_stays_and_goes_and_sessions_go_on()
    {
        MailServer server = await StartAsync(Of("a", 1_000_001));
        IPEndPoint kept = server.Listeners[0].EndPoint;
        await using LineClient session = await LineClient.ConnectAsync(server.Listeners[1].EndPoint, Ct);
        await session.ReadLineAsync(Ct);
        IPEndPoint gone = server.Listeners[1].EndPoint;

        server.Reload(Of("a", 1_000_001, "{ protocol: imap, address: \"127.0.0.1:0\" }"));
        Assert.Equal([ListenerProtocol.Submission, ListenerProtocol.Imap], server.Listeners.Select(static listener => listener.Protocol));
        Assert.Equal(kept, server.Listeners[0].EndPoint);
        await using (LineClient added = await LineClient.ConnectAsync(server.Listeners[1].EndPoint, Ct))
            Assert.StartsWith("* OK ", await added.ReadLineAsync(Ct), StringComparison.Ordinal);
        await session.SendLineAsync("NOOP", Ct);
        Assert.StartsWith("250 ", await session.ReadLineAsync(Ct), StringComparison.Ordinal);
        while (_log.Latest.All(entry => entry.Message != $"listening no more for Smtp at {gone}"))
            await Task.Delay(1, Ct);
    }

    [Fact]
    public async Task What_cannot_be_taken_over_changes_nothing()
    {
        MailServer server = await StartAsync(Of("a", 1_000_001));
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        Assert.Throws<ListenException>(() => server.Reload(Of("b", 2_000_002, $"{{ protocol: imap, address: \"{taken.LocalEndpoint}\" }}", "[example.test, example.net]")));
        ServerConfiguration broken = Of("b", 2_000_002, domains: "[example.test, example.net]");
        File.Delete(broken.Tls.Default!.Key);
        Assert.Throws<CertificateException>(() => server.Reload(broken));

        Assert.Equal("a.example.test SIZE 1000001", await SeenAsync(server.Listeners[0].EndPoint));
        Assert.Equal(2, server.Listeners.Count);
        Assert.Equal(["example.test"], server.Directory.ListDomains());
    }

    private async Task<MailServer> StartAsync(ServerConfiguration configuration)
        => _server = await MailServer.StartAsync(configuration, _log, TimeProvider.System, Ct);

    /// <summary>A configuration that shows in the certificate and in the size limit.</summary>
    private ServerConfiguration Of(string name, int limit, string second = "{ protocol: smtp, address: \"127.0.0.1:0\" }", string domains = "[example.test]")
    {
        string folder = _folder.File("certificate-" + name);
        SelfSignedCertificate.MakeIfMissing(folder, $"{name}.example.test", DateTimeOffset.UtcNow);
        CertificateFiles files = SelfSignedCertificate.FilesIn(folder);
        ConfigurationFile file = ConfigurationFile.Parse(
            $$"""
            hostname: mail.example.test
            data: {{_folder.FullPath}}
            domains: {{domains}}
            tls: { certificate: "{{files.Certificate}}", key: "{{files.Key}}" }
            store: { sync: none }
            smtp: { message_size_limit: {{limit}} }
            limits: { connections_per_minute: 1000000 }
            listeners: [{ protocol: submission, address: "127.0.0.1:0", tls: implicit }, {{second}}]
            """,
            _folder.File("fullstack.yaml"));
        Assert.Empty(file.Problems);
        return file.Configuration!;
    }

    private static async Task<HashSet<string>> LookAsync(IPEndPoint address, CancellationToken over)
    {
        HashSet<string> seen = [];
        while (!over.IsCancellationRequested)
            seen.Add(await SeenAsync(address));
        return seen;
    }

    /// <summary>What a client sees of the configuration: whose certificate, and how large a message may be.</summary>
    private static async Task<string> SeenAsync(IPEndPoint address)
    {
        using TcpClient client = new();
        await client.ConnectAsync(address, Ct);
        await using SslStream tls = new(client.GetStream(), leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mail.example.test", RemoteCertificateValidationCallback = static (_, _, _, _) => true }, Ct);
        using X509Certificate2 certificate = new(tls.RemoteCertificate!);
        using StreamReader reader = new(tls);
        await reader.ReadLineAsync(Ct);
        await tls.WriteAsync("EHLO client.example.org\r\n"u8.ToArray(), Ct);
        string size = "";
        while (await reader.ReadLineAsync(Ct) is { } line)
        {
            if (line[4..].StartsWith("SIZE ", StringComparison.Ordinal))
                size = line[4..];
            if (line[3] == ' ')
                break;
        }

        return $"{certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)} {size}";
    }
}
