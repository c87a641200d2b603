using System.Diagnostics;
using FullStack.Harness.Outsiders;
using FullStack.Harness.Servers;
using FullStack.Store;

namespace FullStack.Conformance.Interleaving;

/// <summary>
/// Several clients on the same mailboxes say random things, one after the other, in packets and all at once, while mail is delivered
/// and another program changes the files. A model that knows the RFCs' rules for what may be told when follows what each is told.
/// </summary>
/// <remarks>
/// RFC 3501 §5.2 and §7.4.1, RFC 9051 §5.5, RFC 7162 §3 and §6, RFC 2180. <c>INTERLEAVING_STEPS</c> says how many steps in each format,
/// <c>INTERLEAVING_SEED</c> plays one run again. A step's random numbers depend only on the seed and on the step's place, so that a run
/// can be played with steps left out: that is how a failure's transcript is made short.
/// </remarks>
public sealed class InterleavingTests
{
    private const int FirstSeed = 20260302, StepsInRun = 120, DefaultSteps = 2000, MaxShorterRuns = 150;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("maildir")]
    [InlineData("mbox")]
    public async Task Each_session_is_told_what_it_may_and_must_be_told(string formatName)
    {
        StoreFormat format = formatName == "mbox" ? StoreFormat.Mbox : StoreFormat.Maildir;
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Format = format }, Ct);
        int steps = Number("INTERLEAVING_STEPS") ?? DefaultSteps;
        int? only = Number("INTERLEAVING_SEED");
        for (int seed = only ?? FirstSeed; seed < FirstSeed + (steps / StepsInRun) || seed == only; seed++)
        {
            if (await PlayAsync(server, format, seed, [.. Enumerable.Range(0, StepsInRun)]) is { } failure)
                Assert.Fail(await ShortenAsync(server, format, seed, failure));
        }

        server.Log.CheckNoAlarm();
    }

    /// <summary>Plays those steps of a run.</summary>
    /// <returns>Null where all went as it must.</returns>
    private static async Task<Failure?> PlayAsync(TestMailServer server, StoreFormat format, int seed, IReadOnlyList<int> steps)
    {
        Dialogue dialogue = new();
        IOutsider outsider = format == StoreFormat.Mbox
            ? new MboxOutsider(mailbox => mailbox == "INBOX" ? server.MboxOf("alice") : Path.Combine(Path.GetDirectoryName(server.MboxOf("alice"))!, "mail", mailbox))
            : new MaildirOutsider(mailbox => mailbox == "INBOX" ? server.MaildirOf("alice") : Path.Combine(server.MaildirOf("alice"), "." + mailbox));
        await using InterleavingRun run = new(server, outsider, dialogue);
        int at = 0;
        try
        {
            await run.StartAsync(new(seed));
            for (; at < steps.Count; at++)
                await run.StepAsync(new(unchecked((seed * 1_000_003) + steps[at])));
            await run.FinishAsync();
            return null;
        }
        catch (Exception e) when (e is ModelBreach or IOException or TimeoutException or FormatException)
        {
            return new([.. steps.Take(at + 1)], e.Message, dialogue.ToString());
        }
    }

    /// <summary>Leaves out steps, first many and then few, as long as the run still fails, and tells the shortest.</summary>
    private static async Task<string> ShortenAsync(TestMailServer server, StoreFormat format, int seed, Failure failure)
    {
        int runs = 0;
        long start = Stopwatch.GetTimestamp();
        for (int size = failure.Steps.Count / 2; size > 0; size /= 2)
        {
            for (int from = 0; from < failure.Steps.Count - 1 && runs < MaxShorterRuns && Stopwatch.GetElapsedTime(start).TotalSeconds < 60;)
            {
                runs++;
                IReadOnlyList<int> fewer = [.. failure.Steps.Take(from), .. failure.Steps.Skip(from + size)];
                if (await PlayAsync(server, format, seed, fewer) is { } again)
                    failure = again;
                else
                    from += size;
            }
        }

        return $"seed {seed}, steps {string.Join(' ', failure.Steps)}: {failure.Message}{Environment.NewLine}{failure.Transcript}"
            + string.Concat(server.Log.Alarms.Take(3).Select(static alarm => Environment.NewLine + alarm));
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out int value) ? value : null;

    private sealed record Failure(IReadOnlyList<int> Steps, string Message, string Transcript);
}
