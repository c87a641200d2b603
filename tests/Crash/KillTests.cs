using System.Globalization;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;
using FullStack.Store.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Crash;

/// <summary>Kills a server under load, starts it again, and asks for every message it had answered for. CRASH_ROUNDS sets how often, for each format.</summary>
public sealed class KillTests
{
    private const int SmtpSessions = 4;
    private static readonly string[] s_users = ["alice", "bob"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreFormat.Maildir, 20)]
    [InlineData(StoreFormat.Mbox, 5)]
    public async Task A_killed_server_keeps_every_message_it_acknowledged_once(StoreFormat format, int defaultRounds)
    {
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("CRASH_ROUNDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : defaultRounds;
        using CrashSite site = new(format);
        Ledger ledger = new();
        Household household = new(movesAtOnce: format == StoreFormat.Maildir);
        Random random = new(20260302);
        for (int round = 1; round <= rounds; round++)
        {
            await using ChildServer server = await ChildServer.StartAsync(site.Configuration, Ct);
            await CheckAsync(server, site, ledger, household, $"start of round {round}");
            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            Task due = ledger.AfterAcknowledgements(random.Next(1, 60));
            if (round % 5 == 0) // Deliveries are quicker than who keeps order: now and then it is waited for.
                due = Task.WhenAll(due, household.AfterRemoval());
            Task[] clients = StartLoad(server, ledger, household, round, over.Token);
            await Load.WorkUntilAsync(due, clients, server, $"round {round}", Ct);
            ledger.IsOver = true;
            Thread.SpinWait(random.Next(2_000_000)); // up to some milliseconds, so that it hits other moments than just after an answer
            await server.KillAsync();
            await Task.WhenAll(clients);
        }

        await using ChildServer last = await ChildServer.StartAsync(site.Configuration, Ct);
        await CheckAsync(last, site, ledger, household, "after the last kill");
        Assert.True(ledger.CountAcknowledged >= rounds, $"only {ledger.CountAcknowledged} messages: the test tested nothing");
        Assert.True(household.CountRemoved > 0, "no message was moved and expunged: the test tested nothing");
        Assert.Equal(0, await last.TerminateAsync(Ct));
        await VerifyAsync(site);
    }

    [Theory]
    [InlineData(StoreFormat.Maildir)]
    [InlineData(StoreFormat.Mbox)]
    public async Task A_server_told_to_stop_under_load_ends_well_and_loses_nothing(StoreFormat format)
    {
        using CrashSite site = new(format);
        Ledger ledger = new();
        Household household = new(movesAtOnce: format == StoreFormat.Maildir);
        await using (ChildServer server = await ChildServer.StartAsync(site.Configuration, Ct))
        {
            Task due = ledger.AfterAcknowledgements(30);
            Task[] clients = StartLoad(server, ledger, household, round: 1, Ct);
            await Load.WorkUntilAsync(due, clients, server, "the only round", Ct);
            ledger.IsOver = true;
            Assert.Equal(0, await server.TerminateAsync(Ct));
            await Task.WhenAll(clients);
            Assert.DoesNotContain(server.Log, static line => line.Contains(" error ", StringComparison.Ordinal));
        }

        await using ChildServer again = await ChildServer.StartAsync(site.Configuration, Ct);
        await CheckAsync(again, site, ledger, household, "after the restart");
    }

    private static Task[] StartLoad(ChildServer server, Ledger ledger, Household household, int round, CancellationToken ct)
    {
        Load load = new(server, ledger, $"round{round}");
        return
        [
            .. Enumerable.Range(1, SmtpSessions).Select(session => load.SendAsync(session, ct)),
            load.AppendAsync(1, ct),
            load.WatchAsync("alice", ct),
            load.WatchAsync("bob", ct),
            load.KeepOrderAsync(household, ct),
        ];
    }

    private static async Task CheckAsync(ChildServer server, CrashSite site, Ledger ledger, Household household, string when)
    {
        List<string> problems = [];
        foreach (string user in s_users)
        {
            await using LineClient client = await LineClient.ConnectAsync(server.EndPoint(ListenerProtocol.Imap), Ct);
            SessionOpener opener = new(client, ListenerProtocol.Imap);
            await opener.ReadGreetingAsync(Ct);
            await opener.LogInAsync(user, Ct);
            InboxReader inbox = await InboxReader.OpenAsync(client, Ct);
            IReadOnlyList<(uint Uid, string Id)> messages = await inbox.ReadNewAsync(Ct);
            problems.AddRange(ledger.Differences(user, [.. messages.Select(static message => message.Id)], $"{user}'s INBOX by IMAP"));
            problems.AddRange(messages
                .Select(message => (message, Other: ledger.Seen(user, inbox.UidValidity, message.Uid, message.Id)))
                .Where(static pair => pair.Other is not null)
                .Select(pair => $"{user}: UID {pair.message.Uid} names {pair.message.Id}, but has named {pair.Other}"));
        }

        await using (LineClient keeper = await LineClient.ConnectAsync(server.EndPoint(ListenerProtocol.Imap), Ct))
        {
            SessionOpener opener = new(keeper, ListenerProtocol.Imap);
            await opener.ReadGreetingAsync(Ct);
            await opener.LogInAsync(Housekeeper.User, Ct);
            problems.AddRange(household.Differences(await new Housekeeper(keeper).ReadAsync(Ct)));
        }

        foreach (string user in s_users)
            problems.AddRange(ledger.Differences(user, site.Inspect(user, ledger, problems), $"{user}'s INBOX on the disk"));
        Assert.True(problems.Count == 0, $"{when}:{Environment.NewLine}{string.Join(Environment.NewLine, problems)}");
    }

    /// <summary>With the server gone: the store's own rules hold.</summary>
    private static async Task VerifyAsync(CrashSite site)
    {
        StoreOptions options = new() { Root = site.Mail, Format = site.Format, HostName = "mail.example.test" };
        await using MailStore store = new(options, TimeProvider.System, NullLoggerFactory.Instance);
        foreach (string user in s_users.Append(Housekeeper.User))
            Assert.Empty(await MailboxVerifier.VerifyAsync(store, TestMailServer.AccountOf(user), Ct));
    }
}
