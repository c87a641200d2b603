using System.Globalization;

namespace FullStack.Queue.Aliases;

/// <summary>One name of a file of aliases, and what its mail goes to.</summary>
/// <param name="Name">Lower case.</param>
/// <param name="Targets">At least one.</param>
/// <param name="Line">Where it stands.</param>
public sealed record AliasEntry(string Name, IReadOnlyList<AliasTarget> Targets, int Line);

/// <summary>Reads a file in the syntax of aliases(5).</summary>
/// <remarks>
/// <c>name: target, target</c>. A line that begins with white space goes on with the entry before it; one whose first character is # is a comment, also
/// between two such lines. The name may be in double quotes, and compares without case.
/// </remarks>
internal sealed class AliasReader
{
    /// <summary>Most entries of a file.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>Most targets of an entry.</summary>
    public const int MaxTargets = 250_000;

    /// <summary>Most problems that are told of a file.</summary>
    public const int MaxProblems = 100;

    private readonly string _file;
    private readonly Dictionary<string, AliasEntry> _entries = [];
    private readonly List<AliasProblem> _problems = [];

    private AliasReader(string file) => _file = file;

    /// <summary>Reads the text of a file.</summary>
    /// <param name="file">Its path, for problems.</param>
    /// <param name="text">The text.</param>
    /// <param name="problems">Takes all that is wrong with it, with lines, up to a hundred.</param>
    /// <returns>The entries by name; of no use where there are problems.</returns>
    public static IReadOnlyDictionary<string, AliasEntry> Read(string file, string text, ICollection<AliasProblem> problems)
    {
        AliasReader reader = new(file);
        reader.Read(text);
        foreach (AliasProblem problem in reader._problems)
            problems.Add(problem);
        return reader._entries;
    }

    /// <summary>Reads a list of targets, one or more in each line: a .forward, or a file that is included.</summary>
    public static IReadOnlyList<AliasTarget> ReadList(string file, string text, ICollection<AliasProblem> problems)
    {
        AliasReader reader = new(file);
        List<AliasTarget> targets = reader.ReadTargets(text, 1, linesSeparate: true);
        foreach (AliasProblem problem in reader._problems)
            problems.Add(problem);
        return targets;
    }

    private void Read(string text)
    {
        char[] entry = new char[text.Length];
        int length = 0, begun = 0, line = 1;
        for (int at = 0; at < text.Length && _problems.Count < MaxProblems; line++)
        {
            int end = text.IndexOf('\n', at) is var found and >= 0 ? found + 1 : text.Length;
            ReadOnlySpan<char> one = text.AsSpan(at, end - at);
            at = end;
            ReadOnlySpan<char> trimmed = one.Trim();
            bool isEmpty = trimmed.IsEmpty || trimmed[0] == '#';
            if (isEmpty)
                one = "\n";
            else if (one[0] is not (' ' or '\t'))
            {
                ReadEntry(entry.AsSpan(0, length), begun);
                (length, begun) = (0, line);
            }
            else if (begun == 0)
                Report(line, "expected a name and a colon at the start of the line, found white space");
            one.CopyTo(entry.AsSpan(length));
            length += one.Length;
        }

        ReadEntry(entry.AsSpan(0, length), begun);
    }

    private void ReadEntry(ReadOnlySpan<char> text, int line)
    {
        if (line == 0)
            return;
        if (!TryReadName(text, out string name, out int rest))
        {
            Report(line, $"expected a name without domain and a colon, found '{Start(text)}'");
            return;
        }

        List<AliasTarget> targets = ReadTargets(text[rest..], line, linesSeparate: false);
        if (targets.Count == 0 && !_problems.Exists(one => one.Line >= line))
            Report(line, $"expected something that {name} leads to, found nothing");
        else if (_entries.Count == MaxEntries)
            Report(line, string.Create(CultureInfo.InvariantCulture, $"expected at most {MaxEntries} names"));
        else if (!_entries.TryAdd(name, new(name, targets, line)))
            Report(line, $"{name} is there twice, first in line {_entries[name].Line.ToString(CultureInfo.InvariantCulture)}");
    }

    private static bool TryReadName(ReadOnlySpan<char> text, out string name, out int rest)
    {
        name = "";
        if (text[0] == '"')
        {
            int end = TargetReader.EndOfQuoted(text);
            if (end < 0)
            {
                rest = 0;
                return false;
            }

            name = TargetReader.Unquoted(text[1..end]);
            rest = end + 1;
        }
        else
        {
            rest = text.IndexOfAny(": \t\r\n");
            if (rest < 0)
                return false;
            name = text[..rest].ToString();
        }

        int colon = text[rest..].IndexOf(':');
        if (colon < 0 || text.Slice(rest, colon).Trim(" \t").Length > 0)
            return false;
        rest += colon + 1;
        if (name.Any(char.IsSurrogate) && !IsWellFormed(name))
            return false;
        name = name.Normalize().ToLowerInvariant();
        return TargetReader.IsLocalName(name) && !name.AsSpan().ContainsAny("@\"\\(),;<>[]");
    }

    private List<AliasTarget> ReadTargets(ReadOnlySpan<char> text, int line, bool linesSeparate)
    {
        List<AliasTarget> targets = [];
        TargetReader reader = new(text, linesSeparate);
        int counted = 0;
        while (_problems.Count < MaxProblems && reader.TryRead(out AliasTarget? target, out string? problem))
        {
            line += text[counted..reader.Start].Count('\n');
            counted = reader.Start;
            if (targets.Count == MaxTargets)
                problem = string.Create(CultureInfo.InvariantCulture, $"expected at most {MaxTargets} targets");
            if (problem is not null)
                Report(line, problem);
            else
                targets.Add(target!);
            if (targets.Count == MaxTargets && problem is not null)
                break;
        }

        return targets;
    }

    private void Report(int line, string text)
    {
        if (_problems.Count < MaxProblems)
            _problems.Add(new(_file, line, text));
    }

    private static bool IsWellFormed(string name)
    {
        for (int at = 0; at < name.Length; at++)
        {
            if (char.IsSurrogate(name[at]) && !(at + 1 < name.Length && char.IsSurrogatePair(name[at], name[++at])))
                return false;
        }

        return true;
    }

    private static string Start(ReadOnlySpan<char> text)
    {
        const int most = 40;
        ReadOnlySpan<char> shown = text.Trim();
        return new([.. shown[..Math.Min(most, shown.Length)].ToString().Select(static c => char.IsControl(c) ? ' ' : c)]);
    }
}
