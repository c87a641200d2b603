using System.Globalization;
using System.Text;
using FullStack.Harness.Servers;
using FullStack.Store;

namespace FullStack.Crash;

/// <summary>
/// Kills a server that hands mail on to a host which is no good one, starts it again, and asks there for every message it had answered for.
/// CRASH_ROUNDS sets how often.
/// </summary>
public sealed class QueueKillTests
{
    private const int SmtpSessions = 3;
    private const int MostInFlight = 4;
    private const int DefaultRounds = 12;
    private const int RoundsUntilEmpty = 4;
    private static readonly string[] s_users = ["alice", "bob"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_server_hands_on_every_message_it_acknowledged()
    {
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("CRASH_ROUNDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : DefaultRounds;
        await using NextHopHost elsewhere = new();
        using CrashSite site = new(StoreFormat.Maildir, $$"""
            smtp: { relay_networks: [127.0.0.1/32] }
            routes: [{ host: "[127.0.0.1]:{{elsewhere.EndPoint.Port}}", tls: never }]
            queue: { retry_first: 1s, retry_put_off: 1s, retry_most: 1s, notice_pause: 1s, destination_pause: 1s, connections_per_destination: {{MostInFlight}} }

            """);
        Ledger ledger = new();
        Relaying relaying = new(MostInFlight);
        Random random = new(20260303);
        for (int round = 1; round <= rounds; round++)
        {
            elsewhere.Round = round;
            await using ChildServer server = await ChildServer.StartAsync(site.Configuration, Ct);
            if (round % RoundsUntilEmpty == 0) // In the other rounds the next kill finds what the last one left.
                await CheckEmptiedAsync(site, elsewhere, relaying, ledger, $"start of round {round}");
            await LoadAndKillAsync(server, ledger, round, random);
            relaying.Read(round, server.Log);
            Report(QueueInspection.Problems(site.Queue, ledger), $"kill of round {round}");
        }

        elsewhere.Round = rounds + 1;
        await using ChildServer last = await ChildServer.StartAsync(site.Configuration, Ct);
        await CheckEmptiedAsync(site, elsewhere, relaying, ledger, "after the last kill");
        Assert.True(ledger.CountAcknowledged >= rounds, $"only {ledger.CountAcknowledged} messages: the test tested nothing");
        Assert.Equal(0, await last.TerminateAsync(Ct));
        Report(QueueInspection.Problems(site.Queue, ledger), "the end");
        relaying.Read(rounds + 1, last.Log);
        Report(relaying.Differences(elsewhere.Arrivals, ledger), "the end");
        Assert.True(relaying.CountSent > 0 && relaying.CountBounced > 0, "no log line of an attempt was found: the test tested nothing");
        TestContext.Current.SendDiagnosticMessage($"{ledger.CountAcknowledged} messages, {elsewhere.Arrivals.Count} arrivals, {relaying.CountSent} known to be written down, {relaying.CountBounced} refused, {relaying.CountRepeated} again after a kill");
    }

    private static async Task LoadAndKillAsync(ChildServer server, Ledger ledger, int round, Random random)
    {
        Task due = ledger.AfterAcknowledgements(random.Next(1, 60));
        Load load = new(server, ledger, $"round{round}");
        Task[] clients = [.. Enumerable.Range(1, SmtpSessions).Select(session => load.RelayAsync(session, Ct))];
        await Load.WorkUntilAsync(due, clients, server, $"round {round}", Ct);
        ledger.IsOver = true;
        Thread.SpinWait(random.Next(2_000_000)); // up to some milliseconds, so that it hits other moments than just after an answer
        await server.KillAsync();
        await Task.WhenAll(clients);
    }

    /// <summary>The queue empties, and everything is where it belongs.</summary>
    private static async Task CheckEmptiedAsync(CrashSite site, NextHopHost elsewhere, Relaying relaying, Ledger ledger, string when)
    {
        elsewhere.IsKind = true;
        List<string> problems = [];
        if (await QueueInspection.RemainderAsync(site.Queue, Ct) is { } remainder)
            problems.Add(remainder);
        elsewhere.IsKind = false;
        problems.AddRange(relaying.Differences(elsewhere.Arrivals, ledger));
        foreach (string user in s_users)
            problems.AddRange(ledger.Differences(user, site.Inspect(user, ledger, problems), $"{user}'s INBOX on the disk"));
        problems.AddRange(Relaying.NoticeDifferences(Notices(site), ledger));
        Report(problems, when);
    }

    private static List<(string Id, string About)> Notices(CrashSite site)
    {
        const string IdField = "Message-ID: ", AboutField = "Final-Recipient: rfc822; ";
        List<(string, string)> notices = [];
        foreach (string file in site.MessageFiles(Load.Author))
        {
            string[] lines = File.ReadAllText(file, Encoding.UTF8).Split('\n');
            string id = lines.First(static line => line.StartsWith(IdField, StringComparison.OrdinalIgnoreCase));
            notices.AddRange(lines.Where(static line => line.StartsWith(AboutField, StringComparison.OrdinalIgnoreCase)).Select(line => (id, line[AboutField.Length..])));
        }

        return notices;
    }

    private static void Report(IReadOnlyList<string> problems, string when)
        => Assert.True(problems.Count == 0, $"{when}:{Environment.NewLine}{string.Join(Environment.NewLine, problems)}");
}
