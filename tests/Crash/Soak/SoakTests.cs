using System.Globalization;
using FullStack.Store;

namespace FullStack.Crash.Soak;

/// <summary>
/// Soaks a server: clients of all protocols, sessions broken off, a disk that is full, DNS that is out, a clock that is set, kills and restarts. Nothing is lost or
/// doubled, and nothing grows. SOAK_SECONDS says how long; without it there is no load, only the start, a clock that is set, a restart and the checks. SOAK_REPORT names a file for the report, which is written after each phase, SOAK_SEED another course of events. With SOAK_KILLS=0 the server lives all the time.
/// </summary>
public abstract class SoakTests
{
    private const int UsualSeed = 20260304;

    private protected static async Task SoakAsync(StoreFormat format)
    {
        double seconds = double.TryParse(Environment.GetEnvironmentVariable("SOAK_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out double wanted) ? wanted : 0;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("SOAK_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : UsualSeed;
        await using SoakRun run = new(format, TimeSpan.FromSeconds(seconds), seed, kills: Environment.GetEnvironmentVariable("SOAK_KILLS") != "0");
        string? file = Environment.GetEnvironmentVariable("SOAK_REPORT") is { Length: > 0 } name ? $"{name}.{format}" : null;
        string Report(Tally tally) => string.Create(CultureInfo.InvariantCulture, $"{format}, {seconds:0} s, seed {seed}{Environment.NewLine}{tally}");
        async Task WriteAsync(Tally tally)
        {
            if (file is null)
                return;
            await File.WriteAllTextAsync(file, Report(tally));
            await File.WriteAllLinesAsync($"{file}.log", run.Log);
        }

        Tally tally = await run.RunAsync(WriteAsync, TestContext.Current.CancellationToken);
        await WriteAsync(tally);
        string report = Report(tally);
        TestContext.Current.SendDiagnosticMessage(report);
        Assert.True(tally.Findings.Count == 0, report);
        Assert.True(tally.CountOf("checks of everything") > (seconds > 0 ? 3 : 0), report);
    }
}

/// <summary>With a Maildir for each mailbox.</summary>
public sealed class MaildirSoakTests : SoakTests
{
    [Fact]
    public Task Nothing_is_lost_doubled_or_leaked() => SoakAsync(StoreFormat.Maildir);
}

/// <summary>With a file for each mailbox.</summary>
public sealed class MboxSoakTests : SoakTests
{
    [Fact]
    public Task Nothing_is_lost_doubled_or_leaked() => SoakAsync(StoreFormat.Mbox);
}
