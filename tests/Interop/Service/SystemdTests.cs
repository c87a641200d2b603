using System.Net;
using System.Net.Sockets;
using FullStack.Harness;
using FullStack.Harness.Clients;

namespace FullStack.Interop.Service;

/// <summary>The server under systemd: what it says of itself, and sockets that outlive it.</summary>
public sealed class SystemdTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private string Config => _folder.File("fullstack.yaml");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restart_refuses_no_connection()
    {
        ExternalProgram.Require("python3");
        await using FakeSystemd systemd = await StartAsync(watchdog: TimeSpan.Zero);
        int[] ports = [systemd.Ports["smtp"], systemd.Ports["imap"]];
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using SemaphoreSlim greeted = new(0);
        Task[] clients = [.. ports.Select(port => GreetedAsync(port, greeted, over.Token))];
        for (int i = 0; i < 2; i++)
        {
            await greeted.WaitAsync(Ct);
            await systemd.TellAsync("restart");
            await systemd.WaitForAsync("notify STOPPING=1");
            Assert.Equal("exit 0", await systemd.WaitForAsync("exit "));
            await systemd.WaitForAsync("notify READY=1");
        }

        await over.CancelAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task A_stop_ends_sessions_in_their_words_and_a_reload_tells_what_came_of_it()
    {
        ExternalProgram.Require("python3");
        await using FakeSystemd systemd = await StartAsync(watchdog: TimeSpan.FromSeconds(2));
        await systemd.WaitForAsync("notify WATCHDOG=1");
        await systemd.WaitForAsync("notify WATCHDOG=1"); // and again, so the parts have answered twice

        await systemd.TellAsync("reload");
        await systemd.WaitForAsync("notify RELOADING=1");
        Assert.Matches("^notify MONOTONIC_USEC=[0-9]{6,}$", await systemd.WaitForAsync("notify MONOTONIC_USEC="));
        await systemd.WaitForAsync("notify READY=1");
        Assert.Equal("notify STATUS=serving mail.example.test, 2 listeners", await systemd.WaitForAsync("notify STATUS="));

        await File.AppendAllTextAsync(Config, "smtp: { max_recipients: many }\n", Ct);
        await systemd.TellAsync("reload");
        await systemd.WaitForAsync("notify RELOADING=1");
        await systemd.WaitForAsync("notify READY=1");
        Assert.StartsWith(
            $"notify STATUS=serving mail.example.test, 2 listeners; configuration not reloaded: {Config}:9: smtp.max_recipients: expected ",
            await systemd.WaitForAsync("notify STATUS="), StringComparison.Ordinal);

        await using LineClient smtp = await LineClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, systemd.Ports["smtp"]), Ct);
        await using LineClient imap = await LineClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, systemd.Ports["imap"]), Ct);
        Assert.StartsWith("220 ", await smtp.ReadLineAsync(Ct), StringComparison.Ordinal);
        Assert.StartsWith("* OK ", await imap.ReadLineAsync(Ct), StringComparison.Ordinal);
        await systemd.TellAsync("stop");
        Assert.StartsWith("421 4.3.2 ", await smtp.ReadLineAsync(Ct), StringComparison.Ordinal);
        Assert.StartsWith("* BYE ", await imap.ReadLineAsync(Ct), StringComparison.Ordinal);
        Assert.Equal("exit 0", await systemd.WaitForAsync("exit "));
    }

    [Fact]
    public async Task Debians_systemd_accepts_the_units_and_finds_the_service_confined()
    {
        ExternalProgram.Require("systemd-analyze");
        ExternalProgram home = new(_folder.FullPath);
        // Programs, users and documentation are those of an installation; what is asked about is the rest.
        foreach (string unit in (string[])["fullstack.service", "fullstack.socket", "fullstack-backup.service", "fullstack-backup.timer"])
        {
            string text = await File.ReadAllTextAsync(SourceTree.PathOf("conf", unit), Ct);
            home.Write(unit, string.Join('\n', text.Split('\n').Where(static line => !line.StartsWith("Documentation=", StringComparison.Ordinal))
                .Select(static line => line.StartsWith("ExecStart=/usr/lib/fullstack-mail", StringComparison.Ordinal) ? "ExecStart=/bin/true" : line)));
        }

        ProgramResult verified = await home.RunAsync("systemd-analyze", "verify", "--man=no", "./fullstack.service", "./fullstack.socket", "./fullstack-backup.timer");
        verified.ShouldSucceed();
        Assert.DoesNotContain("fullstack", verified.Output, StringComparison.Ordinal); // where it complains, it names the file
        (await home.RunAsync("systemd-analyze", "security", "--offline=yes", "--threshold=25", "./fullstack.service")).ShouldSucceed();
    }

    /// <summary>A server whose sockets systemd has.</summary>
    private async Task<FakeSystemd> StartAsync(TimeSpan watchdog)
    {
        await File.WriteAllTextAsync(Config, $$"""
            hostname: mail.example.test
            data: {{_folder.File("data")}}
            domains: [example.test]
            store: { sync: none }
            limits: { connections_per_minute: 100000 }
            listeners:
              - { protocol: smtp, address: "systemd:smtp" }
              - { protocol: imap, address: "systemd:imap" }

            """, Ct);
        return await FakeSystemd.StartAsync(["smtp", "imap"], watchdog, Config);
    }

    /// <summary>Connects again and again, and is greeted or told to come later each time.</summary>
    private static async Task GreetedAsync(int port, SemaphoreSlim greeted, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), Ct);
            byte[] answer = new byte[512];
            int octets = await socket.ReceiveAsync(answer, Ct);
            Assert.True(octets > 0, "closed without a word");
            Assert.Contains(System.Text.Encoding.ASCII.GetString(answer, 0, 4), (string[])["220 ", "421 ", "* OK", "* BY"]);
            greeted.Release();
        }
    }
}
