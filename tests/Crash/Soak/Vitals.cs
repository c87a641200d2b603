using System.Globalization;

namespace FullStack.Crash.Soak;

/// <summary>What a process has of the system's at one moment.</summary>
/// <param name="AnonymousMiB">Memory of its own (PSS, without files and what is shared).</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
internal sealed record Vitals(double AnonymousMiB, int Handles, int Threads)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(300);
    private const int AlikeForRest = 5;
    private const int MostLooks = 60;

    /// <summary>Waits until the process opens and closes no more, or for some seconds, and looks.</summary>
    public static async Task<Vitals> AtRestAsync(int process, CancellationToken ct)
    {
        Vitals last = Read(process);
        for (int looks = 0, alike = 0; looks < MostLooks && alike < AlikeForRest; looks++)
        {
            await Task.Delay(s_pause, ct);
            Vitals now = Read(process);
            alike = now.Handles == last.Handles ? alike + 1 : 0;
            last = now;
        }

        return last;
    }

    private static Vitals Read(int process)
    {
        string folder = $"/proc/{process}";
        return new(
            double.Parse(File.ReadLines($"{folder}/smaps_rollup").First(static line => line.StartsWith("Pss_Anon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024,
            Directory.GetFileSystemEntries($"{folder}/fd").Length,
            Directory.GetDirectories($"{folder}/task").Length);
    }
}

/// <summary>The looks at one life of the server, each taken at rest, and what they grew by.</summary>
internal sealed class VitalsSeries
{
    /// <summary>Fewer looks tell nothing: a server grows while it warms up.</summary>
    private const int LeastLooks = 9;

    private const double MostMiB = 24;
    private const int MostHandles = 6;
    private const int MostThreads = 6;

    private readonly List<Vitals> _looks = [];

    public int Count => _looks.Count;

    public void Add(Vitals look) => _looks.Add(look);

    /// <summary>Compares the median of the last third with that of the second: the first is for warming up.</summary>
    public IEnumerable<string> Growth()
    {
        if (_looks.Count < LeastLooks)
            return [];
        int third = _looks.Count / 3;
        List<Vitals> middle = _looks[third..(2 * third)], end = _looks[^third..];
        return ((string What, double By, double Most)[])
        [
            ("memory, MiB", Median(end, static v => v.AnonymousMiB) - Median(middle, static v => v.AnonymousMiB), MostMiB),
            ("file handles", Median(end, static v => v.Handles) - Median(middle, static v => v.Handles), MostHandles),
            ("threads", Median(end, static v => v.Threads) - Median(middle, static v => v.Threads), MostThreads),
        ] is var grown ? grown.Where(static one => one.By > one.Most).Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.What} grew by {one.By:0.0} from one third of the looks to the next; {one.Most} are allowed")) : [];
    }

    private static double Median(List<Vitals> looks, Func<Vitals, double> value) => looks.Select(value).Order().ElementAt(looks.Count / 2);
}
