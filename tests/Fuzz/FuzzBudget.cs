using System.Diagnostics;
using System.Globalization;

namespace FullStack.Fuzz;

/// <summary>How long to fuzz. <c>FUZZ_SECONDS</c> sets the time for all protocols together, <c>FUZZ_SEED</c> plays one session again, <c>FUZZ_FIRST_SEED</c> begins elsewhere than the last time.</summary>
internal sealed class FuzzBudget
{
    private const double DefaultSeconds = 20;
    private const int FirstSeed = 20260302;

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _time;

    /// <param name="share">The part of the whole time, 0 to 1.</param>
    public FuzzBudget(double share)
        => _time = TimeSpan.FromSeconds(share * (Number("FUZZ_SECONDS") ?? DefaultSeconds));

    /// <summary>Somebody asked for more than the usual time.</summary>
    public static bool IsLong => Number("FUZZ_SECONDS") > DefaultSeconds;

    /// <summary>Seeds, one for each session, until the time is over.</summary>
    public IEnumerable<int> Seeds()
    {
        if (Number("FUZZ_SEED") is { } only)
        {
            yield return (int)only;
            yield break;
        }

        for (int seed = (int)(Number("FUZZ_FIRST_SEED") ?? FirstSeed); Stopwatch.GetElapsedTime(_start) < _time; seed++)
            yield return seed;
    }

    private static double? Number(string variable)
        => double.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
