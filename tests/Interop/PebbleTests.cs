using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>Certificates from another's ACME server, until a mail program sees them.</summary>
public sealed class PebbleTests(PrivatePebble pebble) : IClassFixture<PrivatePebble>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_is_got_by_tls()
    {
        PrivatePebble.Require();
        Dictionary<string, string> settings = new(pebble.Settings) { ["acme.challenge"] = "tls-alpn-01", ["acme.certificates"] = "[{ names: [mail.example.test] }]" };
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = settings }, Ct);
        using X509Certificate2 shown = await CertifiedAsync(server, "mail.example.test", not: null);
        server.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task Certificates_are_got_by_http_served_and_got_again()
    {
        PrivatePebble.Require();
        Dictionary<string, string> settings = new(pebble.Settings)
        {
            ["acme.certificates"] = "[{ names: [mail.example.test, imap.example.test] }, { names: [pop.example.test] }]",
        };
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = settings }, Ct);
        using X509Certificate2 first = await CertifiedAsync(server, "imap.example.test", not: null);
        Assert.True(first.MatchesHostname("mail.example.test"));
        using X509Certificate2 other = await CertifiedAsync(server, "pop.example.test", not: null);
        Assert.False(other.MatchesHostname("mail.example.test"));

        string file = WriteConfiguration(server, settings);
        (await FullStackAsync(server, $"certificate renew mail.example.test --config {file}")).ShouldSucceed();
        using X509Certificate2 second = await CertifiedAsync(server, "imap.example.test", first);
        ProgramResult list = await FullStackAsync(server, $"certificate list --json --config {file}");
        list.ShouldSucceed();
        Assert.Contains("\"source\": \"acme\"", list.Output, StringComparison.Ordinal);
        Assert.Contains("pop.example.test", list.Output, StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
    }

    /// <summary>Waits until a client that knows pebble's root, and trusts nobody else, is content with what it is shown.</summary>
    private async Task<X509Certificate2> CertifiedAsync(TestMailServer server, string name, X509Certificate2? not)
    {
        IPEndPoint imaps = server.Listener(ListenerProtocol.Imap, ListenerTls.Implicit).EndPoint;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (true)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(pebble.Root!);
            using TcpClient client = new();
            await client.ConnectAsync(imaps, patience.Token);
            await using SslStream tls = new(client.GetStream());
            try
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, CertificateChainPolicy = policy }, patience.Token);
                X509Certificate2 shown = X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
                if (!shown.Equals(not))
                    return shown;
                shown.Dispose();
            }
            catch (System.Security.Authentication.AuthenticationException)
            {
                // It is still the server's own.
            }

            await Task.Delay(100, patience.Token);
        }
    }

    private static string WriteConfiguration(TestMailServer server, Dictionary<string, string> settings)
    {
        IEnumerable<string> sections = settings.GroupBy(static pair => pair.Key.Split('.')[0])
            .Select(static section => $"{section.Key}:\n{string.Concat(section.Select(static pair => $"  {pair.Key.Split('.')[1]}: {pair.Value}\n"))}");
        return new ExternalProgram(server.Data).Write("fullstack.yaml", $"hostname: mail.example.test\ndata: {server.Data}\ndomains: [example.test]\n{string.Concat(sections)}");
    }

    /// <summary>Runs the program as an administrator would.</summary>
    private static Task<ProgramResult> FullStackAsync(TestMailServer server, string arguments)
    {
        string runtime = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return new ExternalProgram(server.Data).RunAsync("sh", "-c", $"DOTNET_ROOT={runtime} {Path.Combine(AppContext.BaseDirectory, "fullstack")} {arguments}");
    }
}
