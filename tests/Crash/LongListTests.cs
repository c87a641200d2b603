using System.Diagnostics;
using System.Globalization;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Crash;

/// <summary>
/// A message to a long list, from RCPT to the last of its members, through a server in a process of its own. LIST_MEMBERS says how long the list is, LIST_REPORT names a file for what it cost.
/// </summary>
public sealed class LongListTests
{
    private const int UsualMembers = 3000, Domains = 20;
    private const int RecipientsPerAttempt = 100; // as it is without a setting

    /// <summary>Above what the server has when it has started, whatever the length: what is kept of addresses, JIT code and pages of the queue's database.</summary>
    private const double MostMiB = 160;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_reaches_each_member_once_and_costs_bounded_memory()
    {
        int members = int.TryParse(Environment.GetEnvironmentVariable("LIST_MEMBERS"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : UsualMembers;
        await using NextHopHost elsewhere = new() { IsKind = true };
        using ScriptedDns dns = new();
        using ScratchFolder folder = new();
        dns.Add("hop.elsewhere.test 1 A 127.0.0.1");
        for (int i = 0; i < Domains; i++)
            dns.Add(string.Create(CultureInfo.InvariantCulture, $"d{i}.test 1 MX 10 hop.elsewhere.test"));
        File.WriteAllText(folder.File("members"), string.Concat(Enumerable.Range(0, members).Select(static i => AddressOf(i) + "\n")));
        File.WriteAllText(folder.File("aliases"), $"all: :include:{folder.File("members")}\n");
        Configure(folder, elsewhere, dns);
        await using ChildServer server = await ChildServer.StartAsync(folder.File("fullstack.yaml"), 1, new Dictionary<string, string>(), Ct);
        Costs costs = new(server.ProcessId);
        await using LineClient client = await LineClient.ConnectAsync(server.EndPoint(ListenerProtocol.Smtp), Ct);
        await new SessionOpener(client, ListenerProtocol.Smtp).ReadGreetingAsync(Ct);
        await AskAsync(client, "MAIL FROM:<sender@example.org>", "250");
        await costs.NoteAsync("the first RCPT", () => AskAsync(client, "RCPT TO:<all@example.test>", "250"));
        await costs.NoteAsync("100 more", async () =>
        {
            for (int i = 0; i < 100; i++)
                await AskAsync(client, "RCPT TO:<all@example.test>", "4", "250"); // 452: it would be too much for one message
        });
        await AskAsync(client, "RSET", "250");
        await AskAsync(client, "MAIL FROM:<sender@example.org>", "250");
        await AskAsync(client, "RCPT TO:<all@example.test>", "250");
        await AskAsync(client, "DATA", "354");
        await costs.NoteAsync("the message", () => AskAsync(client, "From: sender@example.org\r\nSubject: all\r\n\r\nhello\r\n.", "250"));
        await costs.NoteAsync("until the last member has it", async () =>
        {
            while (elsewhere.CountArrivals < members)
                await Task.Delay(TimeSpan.FromMilliseconds(20), Ct);
        });
        Assert.Null(await QueueInspection.RemainderAsync(folder.File("data/queue"), Ct, withFiles: true));
        Assert.Equal(Enumerable.Range(0, members).Select(AddressOf).Order(StringComparer.Ordinal), elsewhere.Arrivals.Select(static one => one.Address).Order(StringComparer.Ordinal));
        string report = costs.ToString();
        TestContext.Current.SendDiagnosticMessage(report);
        if (Environment.GetEnvironmentVariable("LIST_REPORT") is { Length: > 0 } file)
            await File.WriteAllTextAsync(file, report, Ct);
        Assert.True(costs.GrownMiB < MostMiB, report);
        Assert.Equal(0, await server.TerminateAsync(Ct));
    }

    private static string AddressOf(int member) => string.Create(CultureInfo.InvariantCulture, $"member{member}@d{member % Domains}.test");

    private static async Task AskAsync(LineClient client, string line, params string[] wished)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(line + "\r\n"), Ct);
        string reply = (await client.ReadLinesAsync(static one => one.Length > 3 && one[3] == ' ', Ct))[^1];
        Assert.True(wished.Any(start => reply.StartsWith(start, StringComparison.Ordinal)), $"{line}: {reply}");
    }

    private static void Configure(ScratchFolder folder, NextHopHost elsewhere, ScriptedDns dns) => File.WriteAllText(folder.File("fullstack.yaml"), $$"""
        hostname: mail.example.test
        data: ./data
        domains: [{{TestAccounts.Domain}}]
        listeners:
          - { protocol: smtp, address: "127.0.0.1:0" }
        aliases: { file: ./aliases }
        guard: { tarpit_delay: 0s }
        relay: { port: {{elsewhere.EndPoint.Port}}, addresses: ipv4, mta_sts: false }
        dns: { servers: ["{{dns.EndPoint}}"] }
        queue: { recipients_per_attempt: {{RecipientsPerAttempt}} }

        """);

    /// <summary>What steps cost a process: processor time, and the most memory that it ever had.</summary>
    private sealed class Costs(int process)
    {
        private readonly StringBuilder _text = new();
        private readonly double _before = MostMiBOf(process);

        public double GrownMiB { get; private set; }

        public async Task NoteAsync(string what, Func<Task> step)
        {
            using Process server = Process.GetProcessById(process);
            TimeSpan before = server.TotalProcessorTime;
            long begun = Stopwatch.GetTimestamp();
            await step();
            server.Refresh();
            GrownMiB = MostMiBOf(process) - _before;
            _text.AppendLine(CultureInfo.InvariantCulture, $"{what}: {(server.TotalProcessorTime - before).TotalSeconds:0.00} s of processor time, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.00} s, {GrownMiB:0} MiB above the start at most so far");
        }

        public override string ToString() => _text.ToString();

        private static double MostMiBOf(int process)
            => double.Parse(File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
