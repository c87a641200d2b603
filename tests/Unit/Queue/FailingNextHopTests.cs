using FullStack.Harness.Servers;
using FullStack.Queue.Relay;
using FullStack.Smtp.Client;
using FullStack.Unit.Smtp.Client;

namespace FullStack.Unit.Queue;

/// <summary>
/// A next hop that fails at each step in each way, and what that means for the recipients: what the log says of each, and what their sender hears. There are
/// three of them, ann, bob and cat, in one transaction.
/// </summary>
public sealed class FailingNextHopTests
{
    private const string Hello = "S: 220 mx\nC: EHLO *\nS: 250 mx\n";
    private const string Mail = Hello + "C: MAIL *\nS: 250 Ok\n";
    private const string Rcpt = Mail + "C: RCPT TO:<ann*\nS: 250 Ok\nC: RCPT TO:<bob*\nS: 250 Ok\nC: RCPT TO:<cat*\nS: 250 Ok\n";
    private const string Data = Rcpt + "C: DATA\nS: 354 go\nC...\n";
    private const string Quit = "C: QUIT\nS: 221 bye";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>What the host does; what the log says of ann, bob and cat; of whom the sender hears at once that they will not get it.</summary>
    public static TheoryData<string, string, string> Failures => new()
    {
        // The banner. A 5xx there is for good where there is no other host.
        { "S: 421 mx busy", "deferred 4.3.2, deferred 4.3.2, deferred 4.3.2", "" },
        { "S: 554 5.7.1 not you", "bounced 5.7.1, bounced 5.7.1, bounced 5.7.1", "ann bob cat" },
        { "S: \u0016\u0003\u0001garbage", "deferred 4.5.0, deferred 4.5.0, deferred 4.5.0", "" },
        { "@close", "deferred 4.4.2, deferred 4.4.2, deferred 4.4.2", "" },

        // EHLO, and HELO where a host knows no EHLO.
        { "S: 220 mx\nC: EHLO *\nS: 451 4.3.0 later", "deferred 4.3.0, deferred 4.3.0, deferred 4.3.0", "" },
        { "S: 220 mx\nC: EHLO *\nS: 500 what\nC: HELO *\nS: 550 5.7.1 not you", "bounced 5.7.1, bounced 5.7.1, bounced 5.7.1", "ann bob cat" },
        { "S: 220 mx\nC: EHLO *\n@reset", "deferred 4.4.2, deferred 4.4.2, deferred 4.4.2", "" },

        // MAIL is about the message: what is said there is said of all.
        { Hello + "C: MAIL *\nS: 451 4.7.1 come again\n" + Quit, "deferred 4.7.1, deferred 4.7.1, deferred 4.7.1", "" },
        { Hello + "C: MAIL *\nS: 550 5.7.1 sender refused\n" + Quit, "bounced 5.7.1, bounced 5.7.1, bounced 5.7.1", "ann bob cat" },
        { Hello + "C: MAIL *\n@close", "deferred 4.4.2, deferred 4.4.2, deferred 4.4.2", "" },

        // RCPT is about one; the others get the message.
        { Mail + "C: RCPT *\nS: 250 Ok\nC: RCPT *\nS: 550 5.1.1 who\nC: RCPT *\nS: 450 4.2.1 later\nC: DATA\nS: 354 go\nC...\nS: 250 Ok\n" + Quit, "sent 2.0.0, bounced 5.1.1, deferred 4.2.1", "bob" },
        { Mail + "C: RCPT *\nS: 550 5.1.1 who\nC: RCPT *\nS: 550 5.1.1 who\nC: RCPT *\nS: 550 5.1.1 who\n" + Quit, "bounced 5.1.1, bounced 5.1.1, bounced 5.1.1", "ann bob cat" },
        { Mail + "C: RCPT *\nS: 550 5.1.1 who\nC: RCPT *\nS: 421 4.3.2 closing", "bounced 5.1.1, deferred 4.3.2, deferred 4.3.2", "ann" },
        { Mail + "C: RCPT *\nS: 550 5.1.1 who\nC: RCPT *\n@close", "bounced 5.1.1, deferred 4.4.2, deferred 4.4.2", "ann" },

        // DATA.
        { Rcpt + "C: DATA\nS: 451 4.3.0 no disk\n" + Quit, "deferred 4.3.0, deferred 4.3.0, deferred 4.3.0", "" },
        { Rcpt + "C: DATA\nS: 554 5.7.1 no\n" + Quit, "bounced 5.7.1, bounced 5.7.1, bounced 5.7.1", "ann bob cat" },
        { Rcpt + "C: DATA\n@close", "deferred 4.4.2, deferred 4.4.2, deferred 4.4.2", "" },

        // After the dot. Who says nothing then may have the message; it comes again.
        { Data + "S: 452 4.3.1 full\n" + Quit, "deferred 4.3.1, deferred 4.3.1, deferred 4.3.1", "" },
        { Data + "S: 554 5.6.0 spam\n" + Quit, "bounced 5.6.0, bounced 5.6.0, bounced 5.6.0", "ann bob cat" },
        { Data + "@close", "deferred 4.4.2, deferred 4.4.2, deferred 4.4.2", "" },
        { Data + "@wait", "deferred 4.4.2, deferred 4.4.2, deferred 4.4.2", "" },
        { Data + "S: 250 Ok\n@close", "sent 2.0.0, sent 2.0.0, sent 2.0.0", "" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Each_recipient_gets_what_the_host_said_of_it_and_the_sender_hears_of_those_who_never_will(string script, string expected, string told)
    {
        await using ScriptedHost host = new(script);
        (string[] lines, List<string> notices, string[] waiting) = await RunAsync(host, silent: script.EndsWith("@wait", StringComparison.Ordinal));
        Assert.Equal(expected, string.Join(", ", lines.Select(static line => $"{Word(line, "status=")} {Word(line, "dsn=")}")));
        Assert.Equal(expected.Split(", ").Count(static one => one.StartsWith("deferred", StringComparison.Ordinal)), waiting.Length);
        if (told.Length == 0)
        {
            Assert.Empty(notices);
            return;
        }

        string notice = Assert.Single(notices);
        foreach (string user in (string[])["ann", "bob", "cat"])
            Assert.Equal(told.Contains(user, StringComparison.Ordinal), notice.Contains($"Final-Recipient: rfc822; {user}@example.net\n", StringComparison.Ordinal));
        Assert.Equal(told.Split(' ').Length, notice.Split("Action: failed\n").Length - 1);
        Assert.Contains("Diagnostic-Code: smtp; 5", notice, StringComparison.Ordinal);
    }

    /// <summary>Runs one attempt: the log's line of each recipient in their order, alice's notices, and who still waits.</summary>
    private static async Task<(string[] Lines, List<string> Notices, string[] Waiting)> RunAsync(ScriptedHost host, bool silent)
    {
        FullStack.Harness.ManualTimeProvider clock = new();
        TimeSpan endless = TimeSpan.FromDays(1); // only the wait after the dot is to end
        ClientEnvironment environment = ClientConversation.EnvironmentOf(new()
        {
            HostName = "client.example.test", MaxIdle = 0, MinDataRate = 0, ConnectTimeout = endless, GreetingTimeout = endless, CommandTimeout = endless, DataTimeout = endless, PieceTimeout = endless,
        }) with { Time = clock };
        await using MailClient client = new(environment);
        await using QueueRig rig = new(new() { NoticePause = TimeSpan.Zero }) { Wire = client, Finder = new OneHost(new("mx.example.net", host.EndPoint)) };
        await rig.StartAsync();
        await rig.SendAsync(QueueRig.Envelope("alice@example.test", "ann@example.net", "bob@example.net", "cat@example.net"));
        Task resting = rig.RestAsync();
        if (silent)
            await Task.WhenAny(resting, host.Waiting);
        while (!resting.IsCompleted)
        {
            if (silent)
                clock.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(resting, Task.Delay(1, Ct));
        }

        await resting;
        string[] lines = [.. rig.Log.Latest.Select(static entry => entry.Message).Where(static text => text.Contains("relay=mx.example.net[", StringComparison.Ordinal)).OrderBy(static text => Word(text, "to="), StringComparer.Ordinal)];
        using FullStack.Queue.Spool.QueueBook book = new(rig.Folder, FullStack.Store.SyncMode.None);
        string[] waiting = [.. book.List().SelectMany(static one => one.Recipients).Select(static recipient => recipient.Path.Address.LocalPart)];
        return (lines, (await rig.InboxAsync()).ConvertAll(static text => text.ReplaceLineEndings("\n")), waiting);
    }

    private static string Word(string line, string name)
    {
        int from = line.IndexOf(name, StringComparison.Ordinal) + name.Length;
        return line[from..line.IndexOf(' ', from)];
    }

    private sealed class OneHost(RemoteHost host) : IHostFinder
    {
        public ValueTask<HostSearch> FindAsync(NextHop hop, TlsWish wish, CancellationToken ct) => new(HostSearch.Found([host]));
    }
}
