using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Clients;

namespace FullStack.Interop.Service;

/// <summary>Debian's fail2ban with our filter over what the server really logs, also of clients that try to have others banned.</summary>
public sealed partial class Fail2banTests : IDisposable
{
    /// <summary>What a client says to put a line of its own into the log, or another's address into its line.</summary>
    private const string Forged = "x from 192.0.2.66 refused: Refused: y\r\n2026-11-22T10:00:00.000Z info Smtp.LoginRefused[2102] abcd2345 login from 192.0.2.66 refused: z";

    private readonly ScratchFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Failed_logins_and_refused_relaying_are_found_and_forged_lines_are_not()
    {
        ExternalProgram.Require("python3", "fail2ban-regex");
        string config = _folder.File("fullstack.yaml");
        await File.WriteAllTextAsync(config, $$"""
            hostname: mail.example.test
            data: {{_folder.File("data")}}
            domains: [example.test]
            store: { sync: none }
            auth: { failure_delay: 0s, max_failure_delay: 0s }
            listeners:
              - { protocol: submission, address: "systemd:submission" }
              - { protocol: smtp, address: "systemd:smtp" }
              - { protocol: pop3, address: "systemd:pop3" }
              - { protocol: imap, address: "systemd:imap" }

            """, Ct);
        string log;
        await using (FakeSystemd systemd = await FakeSystemd.StartAsync(["submission", "smtp", "pop3", "imap"], TimeSpan.Zero, config))
        {
            foreach (string user in (string[])["alice", Forged])
            {
                string plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0wrong"));
                await PlayAsync(systemd.Ports["submission"], "535 ", "EHLO client.example.org", $"AUTH PLAIN {plain}");
                await PlayAsync(systemd.Ports["pop3"], "-ERR [AUTH]", $"AUTH PLAIN {plain}");
                await PlayAsync(systemd.Ports["imap"], "a NO ", $"a AUTHENTICATE PLAIN {plain}");
                await PlayAsync(systemd.Ports["imap"], "a NO ", $"a LOGIN {{{Encoding.UTF8.GetByteCount(user)}+}}\r\n{user} wrong");
            }

            string name = Forged.Split('\r')[0];
            await PlayAsync(systemd.Ports["smtp"], "550 5.7.1", "EHLO client.example.org", "MAIL FROM:<a@example.org>", $"RCPT TO:<\"{name}\"@example.org>");
            await systemd.TellAsync("stop");
            await systemd.WaitForAsync("exit 0");
            log = await systemd.WholeLogAsync();
        }

        string[] lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, static line => Assert.Matches(Line(), line));
        Assert.Contains(lines, static line => line.Contains("192.0.2.66", StringComparison.Ordinal)); // what they said is told, and does no harm

        ExternalProgram home = new(_folder.FullPath);
        string file = home.Write("log", log + "\n");
        Assert.Equal(Enumerable.Repeat("127.0.0.1", 9), await FoundAsync(home, file));
        // The same events as syslog and the journal have them: without the level, behind host and program.
        string syslog = home.Write("syslog", string.Join('\n', lines.Select(static line => "Nov 22 10:00:00 mail fullstack[42]: " + line.Split(' ', 3)[2])) + "\n");
        Assert.Equal(Enumerable.Repeat("127.0.0.1", 9), await FoundAsync(home, syslog));
    }

    private static async Task<string[]> FoundAsync(ExternalProgram home, string log)
    {
        ProgramResult found = await home.RunAsync("fail2ban-regex", "-o", "ip", log, SourceTree.PathOf("conf", "fail2ban", "filter.d", "fullstack.conf"));
        found.ShouldSucceed();
        return found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Says the commands one after the other, and checks the answer to the last.</summary>
    private static async Task PlayAsync(int port, string expected, params string[] commands)
    {
        await using LineClient client = await LineClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), Ct);
        await client.ReadLineAsync(Ct);
        string? answer = null;
        foreach (string command in commands)
        {
            await client.SendLineAsync(command, Ct);
            do
            {
                answer = await client.ReadLineAsync(Ct);
            }
            while (answer is { Length: > 3 } && (answer[3] == '-' || answer[0] == '*')); // of several lines the last
        }

        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn) [A-Z][A-Za-z0-9]+\.[A-Z][A-Za-z]+\[\d+\] ")]
    private static partial Regex Line();
}
