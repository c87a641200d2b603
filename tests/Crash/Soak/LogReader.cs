namespace FullStack.Crash.Soak;

/// <summary>Reads what the server wrote to its log: an error is a finding, unless it is of a full disk.</summary>
internal sealed class LogReader(Tally tally)
{
    private static readonly string[] s_diskFull = ["No space left on device", "database or disk is full"];

    private readonly List<string> _lines = [];
    private int _read;

    /// <summary>All that was read.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Another process writes from now on.</summary>
    public void NextLife() => _read = 0;

    /// <summary>Reads on.</summary>
    /// <param name="log">All lines of the life.</param>
    /// <param name="wasFull">Whether the disk was full at any time.</param>
    public void Read(IReadOnlyList<string> log, bool wasFull)
    {
        foreach (string line in log.Skip(_read))
        {
            _lines.Add(line);
            string[] words = line.Split(' ', 4);
            bool isError = words.Length > 2 && words[1] == "error", isUnhandled = line.Contains("nhandled", StringComparison.Ordinal);
            if (words.Length > 2 && words[1] is "error" or "warn")
                tally.Count($"log: {words[1]} {words[2]}");
            if (isUnhandled || (isError && !(wasFull && s_diskFull.Any(reason => line.Contains(reason, StringComparison.OrdinalIgnoreCase)))))
                tally.Found($"log: {line[..Math.Min(line.Length, 3000)]}");
        }

        _read = log.Count;
    }
}
