using System.Globalization;
using System.Text;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>
/// Sessions with mutated transcripts against a whole server. Whatever comes, the server answers or says goodbye in
/// bounded time, logs nothing above Information, and does not grow.
/// </summary>
public abstract class MutatedSessionTests
{
    private const long MaxGrowthOctets = 64L << 20;
    private const int WarmUpSessions = 20;

    /// <summary>Limits over time, which a long run on a clock that stands still would come to.</summary>
    private static readonly Dictionary<string, string> s_unlimited = new()
    {
        ["limits.connections_per_minute"] = "0", ["guard.account_messages_per_hour"] = "0", ["guard.account_recipients_per_hour"] = "0",
    };

    /// <param name="share">The part of the fuzzing time that the listener gets.</param>
    /// <param name="settings">What the server is configured with besides.</param>
    /// <param name="prefix">What comes before the session; null: nothing.</param>
    private protected static async Task FuzzAsync(
        ListenerProtocol protocol, ListenerTls tls, string folder, double share, Dictionary<string, string>? settings = null, Func<Random, FuzzPrefix>? prefix = null)
    {
        IReadOnlyList<byte[]> seeds = TranscriptSeeds.Of(folder);
        Assert.NotEmpty(seeds);
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string>(s_unlimited.Concat(settings ?? [])) });
        int sessions = 0, inStep = 0;
        long before = 0;
        foreach (int seed in new FuzzBudget(share).Seeds())
        {
            Random random = new(seed);
            byte[] input = new Mutator(seeds, random).Next();
            FuzzSession session = new(server.Listener(protocol, tls), random) { Prefix = prefix?.Invoke(random) ?? new([], IsWhole: true) };
            try
            {
                await session.RunAsync(input);
                server.Log.CheckNoAlarm();
            }
            catch (Exception e)
            {
                Assert.Fail(Describe(protocol, seed, session.State, input, e));
            }

            inStep += session.WasInStep ? 1 : 0;
            if (++sessions == WarmUpSessions)
                before = GC.GetTotalMemory(forceFullCollection: true);
        }

        if (sessions < 2 * WarmUpSessions)
            return; // one session played again, or a very slow machine
        long growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(growth < MaxGrowthOctets, $"{growth} octets more in use after {sessions} sessions");
        Assert.True(inStep > sessions / 3, $"only {inStep} of {sessions} sessions were in step at the end: the fuzzing tests too little");
        TestContext.Current.TestOutputHelper?.WriteLine($"{protocol}: {sessions} sessions, {inStep} in step at the end, {growth} octets of growth");
    }

    private static string Describe(ListenerProtocol protocol, int seed, string state, byte[] input, Exception e)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{protocol}, FUZZ_SEED={seed}, {state}: {e.GetType().Name}: {e.Message}");
        text.AppendLine("the client sent:");
        foreach (char c in Encoding.Latin1.GetString(input))
            text.Append(c is '\n' ? "\\n" + Environment.NewLine : c is >= ' ' and < '\x7f' ? c.ToString() : $"\\x{(int)c:X2}");
        return text.ToString();
    }
}

public sealed class MutatedImapTests : MutatedSessionTests
{
    [Fact]
    public Task Imap_in_the_clear() => FuzzAsync(ListenerProtocol.Imap, ListenerTls.Start, "imap", 0.4);
}

public sealed class MutatedSmtpTests : MutatedSessionTests
{
    [Fact]
    public Task Smtp_in_the_clear() => FuzzAsync(ListenerProtocol.Smtp, ListenerTls.Start, "smtp", 0.1);

    /// <summary>Sessions that a proxy passes on, which says so before them, mostly as it should; and it may say XCLIENT.</summary>
    [Fact]
    public Task Smtp_behind_a_proxy() => FuzzAsync(
        ListenerProtocol.Smtp, ListenerTls.Start, "smtp", 0.1,
        new() { ["proxy_networks"] = "[127.0.0.1]", ["smtp.xclient_networks"] = "[127.0.0.1, 192.0.2.0/24]", ["guard.tarpit_delay"] = "0s" },
        ProxyHeaders.Next);

    [Fact]
    public Task Lmtp_in_the_clear() => FuzzAsync(ListenerProtocol.Lmtp, ListenerTls.Start, "lmtp", 0.1);

    [Fact]
    public Task Submission_over_tls() => FuzzAsync(ListenerProtocol.Submission, ListenerTls.Implicit, "smtp", 0.2);
}

public sealed class MutatedPop3Tests : MutatedSessionTests
{
    [Fact]
    public Task Pop3_in_the_clear() => FuzzAsync(ListenerProtocol.Pop3, ListenerTls.Start, "pop3", 0.2);
}
