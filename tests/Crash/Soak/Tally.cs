using System.Globalization;
using System.Text;

namespace FullStack.Crash.Soak;

/// <summary>What was done and what came of it, and all that should not have come of it. Safe for use by many clients.</summary>
internal sealed class Tally
{
    private const int MostFindings = 200;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly List<string> _findings = [];
    private readonly List<string> _notes = [];
    private int _total;

    public IReadOnlyList<string> Findings
    {
        get
        {
            lock (_gate)
                return [.. _findings];
        }
    }

    /// <summary>All that was counted, together.</summary>
    public int Total
    {
        get
        {
            lock (_gate)
                return _total;
        }
    }

    public void Count(string what)
    {
        lock (_gate)
        {
            _counts[what] = _counts.GetValueOrDefault(what) + 1;
            _total++;
        }
    }

    public void Set(string what, int times)
    {
        lock (_gate)
            _counts[what] = times;
    }

    public int CountOf(string what)
    {
        lock (_gate)
            return _counts.GetValueOrDefault(what);
    }

    public void Found(string what)
    {
        lock (_gate)
        {
            if (_findings.Count < MostFindings)
                _findings.Add(what);
        }
    }

    public void Found(IEnumerable<string> what)
    {
        foreach (string one in what)
            Found(one);
    }

    /// <summary>A line of the report.</summary>
    public void Note(string line)
    {
        lock (_gate)
            _notes.Add(line);
    }

    public override string ToString()
    {
        lock (_gate)
        {
            StringBuilder text = new();
            foreach ((string what, int times) in _counts)
                text.AppendLine(CultureInfo.InvariantCulture, $"{times,9}  {what}");
            foreach (string line in _notes)
                text.AppendLine(line);
            text.AppendLine(CultureInfo.InvariantCulture, $"{_findings.Count} findings");
            foreach (string finding in _findings)
                text.AppendLine(finding);
            return text.ToString();
        }
    }
}
