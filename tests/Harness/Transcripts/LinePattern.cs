using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FullStack.Harness.Transcripts;

/// <summary>Matches a line against a pattern of a transcript, and keeps what the transcript has captured.</summary>
public sealed class LinePattern
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, string> _variables = [];

    /// <summary>Sets a variable, as <c>messages:</c> does.</summary>
    public void Set(string name, string value) => _variables[name] = value;

    /// <summary>Replaces variables in text to send.</summary>
    /// <exception cref="FormatException">One is not set.</exception>
    public string Expand(string text)
    {
        StringBuilder expanded = new();
        foreach (Piece piece in PiecesOf(text))
        {
            expanded.Append(piece switch
            {
                { Variable: null } => piece.Text,
                { Variable: { } name } when _variables.TryGetValue(name, out string? value) => value,
                _ => throw new FormatException($"${{{piece.Variable}}} is not captured yet"),
            });
        }

        return expanded.ToString();
    }

    /// <summary>Whether the line matches; variables that it captures are set then.</summary>
    public bool TryMatch(string pattern, string line)
    {
        Match match = Compile(pattern).Match(line);
        if (!match.Success)
            return false;
        foreach (Group group in match.Groups.Cast<Group>().Where(static group => group.Name.StartsWith('v')))
            _variables[group.Name[1..]] = group.Value;
        return true;
    }

    /// <summary>Whether the line would match now.</summary>
    public bool Matches(string pattern, string line) => Compile(pattern).IsMatch(line);

    private Regex Compile(string pattern)
    {
        StringBuilder expression = new("\\A");
        HashSet<string> captured = [];
        foreach (Piece piece in PiecesOf(pattern))
        {
            if (piece.Variable is not { } name)
                AppendText(expression, piece);
            else if (_variables.TryGetValue(name, out string? value))
                expression.Append(Regex.Escape(value));
            else
                expression.Append(captured.Add(name) ? $"(?<v{name}>\\S+?)" : $"\\k<v{name}>");
        }

        return new(expression.Append("\\z").ToString(), RegexOptions.Singleline | RegexOptions.CultureInvariant, s_limit);
    }

    private static void AppendText(StringBuilder expression, Piece piece)
    {
        for (int i = 0; i < piece.Text.Length; i++)
        {
            bool star = piece.Text[i] == '*';
            bool untagged = piece.First && i == 0 && piece.Text.Length > 1 && piece.Text[1] == ' ';
            bool afterBackslash = i > 0 && piece.Text[i - 1] == '\\';
            if (star && !piece.Generated && !untagged && !afterBackslash)
                expression.Append(".*?");
            else
                expression.Append(Regex.Escape(piece.Text[i].ToString()));
        }
    }

    private readonly record struct Piece(string Text, string? Variable = null, bool First = false, bool Generated = false);

    private static IEnumerable<Piece> PiecesOf(string text)
    {
        int at = 0;
        while (text.IndexOf("${", at, StringComparison.Ordinal) is var start and >= 0 && text.IndexOf('}', start) is var end and >= 0)
        {
            yield return new(text[at..start], First: at == 0);
            string inner = text[(start + 2)..end];
            yield return inner.Split(' ', 3) is ["repeat", var count, var what]
                ? new(string.Concat(Enumerable.Repeat(what, int.Parse(count, CultureInfo.InvariantCulture))), Generated: true)
                : new("", inner);
            at = end + 1;
        }

        yield return new(text[at..], First: at == 0);
    }
}
