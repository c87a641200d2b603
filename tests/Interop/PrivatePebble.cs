using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;
using FullStack.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Interop;

/// <summary>An ACME authority on loopback: Debian's pebble, with a DNS for which every name is this host. It serves customers only that have a key, and refuses a third of good nonces.</summary>
public sealed class PrivatePebble : IAsyncLifetime
{
    private const string CustomersKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    private static readonly string[] s_programs = ["pebble", "pebble-challtestsrv"];
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(30);

    private readonly ScratchFolder _folder = new();
    private readonly List<Process> _running = [];
    private readonly int _port = FreePorts.Next();
    private readonly int _management = FreePorts.Next();

    /// <summary>Where it looks by HTTP.</summary>
    public int HttpPort { get; } = FreePorts.Next();

    /// <summary>Where it looks by TLS.</summary>
    public int TlsPort { get; } = FreePorts.Next();

    /// <summary>Keys of a configuration that goes to it.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["web.listeners"] = string.Create(CultureInfo.InvariantCulture, $"[{{ address: \"127.0.0.1:{HttpPort}\" }}, {{ address: \"127.0.0.1:{TlsPort}\", tls: on }}]"),
        ["acme.directory"] = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_port}/dir"),
        ["acme.authorities"] = _folder.File("pebble.pem"),
        ["acme.agree_to_terms"] = "true",
        ["acme.contact"] = "[postmaster@example.test]",
        ["acme.external_key_id"] = "kid-1",
        ["acme.external_key_file"] = _folder.File("customer.key"),
    };

    /// <summary>Skips the test where a program is missing.</summary>
    public static void Require() => ExternalProgram.Require(s_programs);

    public async ValueTask InitializeAsync()
    {
        if (s_programs.Any(static program => ExternalProgram.Find(program) is null))
            return; // each test says so
        ExternalProgram programs = new(_folder.FullPath);
        MakeCertificate(programs);
        programs.Write("customer.key", CustomersKey + "\n");
        programs.Write("pebble.json", string.Create(CultureInfo.InvariantCulture, $$"""
            { "pebble": {
              "listenAddress": "127.0.0.1:{{_port}}", "managementListenAddress": "127.0.0.1:{{_management}}",
              "certificate": "{{_folder.File("pebble.pem")}}", "privateKey": "{{_folder.File("pebble.key")}}",
              "httpPort": {{HttpPort}}, "tlsPort": {{TlsPort}}, "ocspResponderURL": "",
              "externalAccountBindingRequired": true, "externalAccountMACKeys": { "kid-1": "{{CustomersKey}}" } } }
            """));
        int dns = FreePorts.Next();
        Start("pebble-challtestsrv", "-dns01", Loopback(dns), "-management", Loopback(FreePorts.Next()), "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "");
        await ResolvingAsync(dns);
        Start("pebble", "-config", _folder.File("pebble.json"), "-dnsserver", Loopback(dns), "-strict");
        Root = await RootAsync();
    }

    /// <summary>The root of what it signs.</summary>
    public X509Certificate2? Root { get; private set; }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _running)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Root?.Dispose();
        _folder.Dispose();
    }

    private static string Loopback(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static void MakeCertificate(ExternalProgram programs)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=pebble", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        programs.Write("pebble.pem", certificate.ExportCertificatePem() + "\n");
        programs.Write("pebble.key", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private void Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(ExternalProgram.Find(program)!) { WorkingDirectory = _folder.FullPath, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["PEBBLE_VA_NOSLEEP"] = "1";
        start.Environment["PEBBLE_WFE_NONCEREJECT"] = "20";
        start.Environment["PEBBLE_AUTHZREUSE"] = "0";
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _running.Add(process);
    }

    /// <summary>Waits until its resolver answers: an order that comes sooner fails.</summary>
    private static async Task ResolvingAsync(int port)
    {
        using CancellationTokenSource limit = new(s_startTime);
        while (true)
        {
            using Resolver resolver = new(new() { Servers = [Loopback(port)], Timeout = TimeSpan.FromSeconds(1), Attempts = 1 }, TimeProvider.System, NullLogger<Resolver>.Instance);
            if ((await resolver.LookupAddressesAsync("mail.example.test", limit.Token)).IsFound)
                return;
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Waits until it answers.</summary>
    private async Task<X509Certificate2> RootAsync()
    {
        using HttpClientHandler handler = new() { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true };
        using HttpClient client = new(handler);
        using CancellationTokenSource limit = new(s_startTime);
        while (true)
        {
            try
            {
                return X509Certificate2.CreateFromPem(await client.GetStringAsync(new Uri($"https://{Loopback(_management)}/roots/0"), limit.Token));
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }
}
