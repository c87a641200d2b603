using System.Text.RegularExpressions;

namespace FullStack.Harness.Documents;

/// <summary>
/// What a document says that commands print. <c>...</c> within a line stands for any text, and alone in a line for any lines; how wide gaps are does not matter, nor do empty lines.
/// </summary>
public static class ExpectedOutput
{
    private const string Any = "...";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>Compares.</summary>
    /// <returns>Null where it is as expected, else the first line that was expected and not found.</returns>
    public static string? Difference(string expected, string printed)
    {
        string[] wanted = Lines(expected), found = Lines(printed);
        int at = 0;
        bool skips = false;
        foreach (string line in wanted)
        {
            if (line == Any)
            {
                skips = true;
                continue;
            }

            while (skips && at < found.Length && !Matches(line, found[at]))
                at++;
            if (at >= found.Length || !Matches(line, found[at]))
                return line;
            at++;
            skips = false;
        }

        return skips || at == found.Length ? null : $"(nothing more, but there is: {found[at]})";
    }

    private static bool Matches(string pattern, string line)
        => Regex.IsMatch(line, "\\A" + string.Join(".*", pattern.Split(Any).Select(Regex.Escape)) + "\\z", RegexOptions.CultureInvariant, s_limit);

    private static string[] Lines(string text)
        => [.. text.Split('\n').Select(static line => string.Join(' ', line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))).Where(static line => line.Length > 0)];
}
