using System.Diagnostics;
using System.Net;
using FullStack.Dns;
using FullStack.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Interop;

/// <summary>An nsd with zones of its own and an unbound that searches in them and checks their signatures, both on loopback ports.</summary>
/// <remarks>The zones: <c>signed.test</c>, proved by a key that unbound trusts; <c>plain.test</c>, not signed; <c>forged.test</c>, signed with another key than the trusted one.</remarks>
public sealed class PrivateDns : IAsyncLifetime
{
    private static readonly string[] s_programs = ["nsd", "unbound", "ldns-keygen", "ldns-signzone"];
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(30);

    private readonly ScratchFolder _folder = new();
    private readonly List<Process> _running = [];

    /// <summary>Further records of a zone, by its name; set before it starts.</summary>
    public Func<string, string> Records { get; init; } = static _ => "";

    /// <summary>Where nsd answers: for its zones only.</summary>
    public IPEndPoint Authority { get; } = new(IPAddress.Loopback, FreePorts.Next());

    /// <summary>Where unbound answers.</summary>
    public IPEndPoint Searcher { get; } = new(IPAddress.Loopback, FreePorts.Next());

    /// <summary>Skips the test where a program is missing.</summary>
    public static void Require() => ExternalProgram.Require(s_programs);

    public async ValueTask InitializeAsync()
    {
        if (s_programs.Any(static program => ExternalProgram.Find(program) is null))
            return; // each test says so
        ExternalProgram programs = new(_folder.FullPath);
        string anchor = await SignAsync(programs, "signed.test", Zone("signed.test") + Records("signed.test"));
        await SignAsync(programs, "forged.test", Zone("forged.test"));
        string other = (await programs.RunAsync("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "forged.test")).Output.Trim();
        programs.Write("plain.test.zone", Zone("plain.test") + Records("plain.test"));
        programs.Write("nsd.conf", NsdSettings());
        programs.Write("unbound.conf", UnboundSettings($"{anchor}.ds", $"{other}.ds"));
        Start("nsd", "-d", "-c", _folder.File("nsd.conf"));
        Start("unbound", "-d", "-c", _folder.File("unbound.conf"));
        await WaitAsync(Authority);
        await WaitAsync(Searcher);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _running)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Dispose();
    }

    private static async Task<string> SignAsync(ExternalProgram programs, string zone, string text)
    {
        programs.Write($"{zone}.zone", text);
        ProgramResult key = await programs.RunAsync("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone);
        key.ShouldSucceed();
        (await programs.RunAsync("ldns-signzone", "-n", $"{zone}.zone", key.Output.Trim())).ShouldSucceed();
        return key.Output.Trim();
    }

    private static string Zone(string name) => $"""
        $ORIGIN {name}.
        $TTL 300
        @ IN SOA ns hostmaster 1 3600 600 86400 60
        @ IN NS ns
        ns IN A 127.0.0.1
        @ IN MX 10 mx1
        @ IN MX 20 mx2
        @ IN TXT "v=spf1 " "mx -all"
        mx1 IN A 192.0.2.1
        mx1 IN AAAA 2001:db8::1
        mx2 IN A 192.0.2.2
        alias IN CNAME farther
        farther IN CNAME mx1
        null IN MX 0 .
        _25._tcp.mx1 IN TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        _submission._tcp IN SRV 0 1 587 mx1
        {string.Concat(Enumerable.Range(0, 200).Select(static i => $"large IN TXT \"text number {i} that takes some room in an answer\"\n"))}

        """;

    private string NsdSettings() => $"""
        server:
          ip-address: 127.0.0.1@{Authority.Port}
          username: ""
          chroot: ""
          zonesdir: "{_folder.FullPath}"
          pidfile: "{_folder.File("nsd.pid")}"
          database: ""
          xfrdfile: "{_folder.File("xfrd.state")}"
          xfrdir: "{_folder.FullPath}"
          zonelistfile: "{_folder.File("zone.list")}"
          logfile: "{_folder.File("nsd.log")}"
          server-count: 1
        remote-control:
          control-enable: no
        zone:
          name: signed.test
          zonefile: signed.test.zone.signed
        zone:
          name: forged.test
          zonefile: forged.test.zone.signed
        zone:
          name: plain.test
          zonefile: plain.test.zone

        """;

    private string UnboundSettings(params string[] anchors) => $"""
        server:
          interface: 127.0.0.1
          port: {Searcher.Port}
          username: ""
          chroot: ""
          directory: "{_folder.FullPath}"
          pidfile: "{_folder.File("unbound.pid")}"
          do-daemonize: no
          use-syslog: no
          logfile: "{_folder.File("unbound.log")}"
          num-threads: 1
          do-not-query-localhost: no
          local-zone: "test." nodefault
          module-config: "validator iterator"
        {string.Concat(anchors.Select(anchor => $"  trust-anchor-file: \"{_folder.File(anchor)}\"\n"))}
        remote-control:
          control-enable: no
        {string.Concat(((string[])["signed.test", "forged.test", "plain.test"]).Select(zone => $"stub-zone:\n  name: {zone}\n  stub-addr: 127.0.0.1@{Authority.Port}\n"))}

        """;

    private void Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(ExternalProgram.Find(program)!) { WorkingDirectory = _folder.FullPath, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _running.Add(process);
    }

    private async Task WaitAsync(IPEndPoint server)
    {
        using CancellationTokenSource limit = new(s_startTime);
        while (true)
        {
            using Resolver resolver = new(new() { Servers = [server.ToString()], Timeout = TimeSpan.FromSeconds(1), Attempts = 1 }, TimeProvider.System, NullLogger<Resolver>.Instance);
            if ((await resolver.LookupMxAsync("plain.test", limit.Token)).IsFound)
                return;
            if (_running.Exists(static process => process.HasExited))
                throw new InvalidOperationException(string.Concat(Directory.EnumerateFiles(_folder.FullPath, "*.log").Select(File.ReadAllText)));
            await Task.Delay(50, limit.Token);
        }
    }
}
