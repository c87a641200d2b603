using System.Text;
using System.Text.RegularExpressions;

namespace FullStack.Server.Cli;

/// <summary>A mailbox tree that a path names, with the user and domain that the path tells.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="User">The user, maybe with a domain; null where the path does not tell.</param>
/// <param name="Domain">The domain; null where the path does not tell.</param>
internal sealed record FoundSource(string Path, string? User, string? Domain);

/// <summary>
/// A path in which <c>%u</c> stands for a user and <c>%d</c> for a domain, in any part of it; <c>*</c> is another way to write
/// <c>%u</c>, or something that does not matter where there is one.
/// </summary>
internal sealed class SourcePattern
{
    private readonly string _root;
    private readonly List<Regex> _parts = [];

    /// <exception cref="CommandFailedException">Something else follows a percent sign.</exception>
    private SourcePattern(string text)
    {
        string[] parts = System.IO.Path.GetFullPath(text).Split('/', StringSplitOptions.RemoveEmptyEntries);
        int literal = Array.FindIndex(parts, IsPattern);
        _root = "/" + string.Join('/', parts[..literal]);
        bool hasUser = text.Contains("%u", StringComparison.Ordinal);
        foreach (string part in parts[literal..])
            _parts.Add(new(Expression(part, ref hasUser), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
    }

    public static bool IsPattern(string text) => text.AsSpan().ContainsAny('%', '*');

    /// <summary>The Maildirs that a source means: itself, those that a pattern matches, or those of users and domains below it.</summary>
    /// <param name="source">A Maildir, a home, a directory of users or of domains with users, or a pattern.</param>
    /// <param name="hasDomain">Whether the domain is known otherwise.</param>
    public static IReadOnlyList<FoundSource> Find(string source, bool hasDomain)
    {
        if (IsPattern(source))
            return [.. new SourcePattern(source).Find().Where(static found => IsMaildir(found.Path))];
        source = System.IO.Path.GetFullPath(source);
        foreach (string single in (string[])[source, System.IO.Path.Combine(source, "Maildir")])
        {
            if (IsMaildir(single))
                return [new(single, null, null)];
        }

        string[] layouts = hasDomain ? ["%u/Maildir", "%u", "%d/%u/Maildir", "%d/%u"] : ["%d/%u/Maildir", "%d/%u"];
        return layouts.Select(layout => Find(System.IO.Path.Combine(source, layout), hasDomain)).FirstOrDefault(static found => found.Count > 0) ?? [];
    }

    /// <summary>A path with a user and a domain put in.</summary>
    public static string Fill(string pattern, string user, string domain)
        => pattern.Replace("%u", user, StringComparison.Ordinal).Replace("%d", domain, StringComparison.Ordinal);

    private static bool IsMaildir(string path) => Directory.Exists(System.IO.Path.Combine(path, "cur"));

    private static string Expression(string part, ref bool hasUser)
    {
        StringBuilder expression = new("^");
        for (int at = 0; at < part.Length; at++)
        {
            char next = at + 1 < part.Length ? part[at + 1] : '\0';
            if (part[at] == '*')
            {
                expression.Append(hasUser ? "[^/]+" : "(?<u>[^/]+)");
                hasUser = true;
            }
            else if (part[at] != '%')
                expression.Append(Regex.Escape(part[at].ToString()));
            else if (next is 'u' or 'd')
            {
                expression.Append(next == 'u' ? "(?<u>[^/]+)" : "(?<d>[^/]+)");
                at++;
            }
            else
                throw new CommandFailedException(ExitCode.Usage, $"{part}: %u is a user, %d a domain, and nothing else may follow %");
        }

        return expression.Append('$').ToString();
    }

    private List<FoundSource> Find()
    {
        List<FoundSource> found = [new(_root, null, null)];
        foreach (Regex part in _parts)
            found = [.. found.SelectMany(above => Below(above, part))];
        return found;
    }

    private static IEnumerable<FoundSource> Below(FoundSource above, Regex part)
    {
        if (!Directory.Exists(above.Path))
            return [];
        return Directory.GetDirectories(above.Path).Order(StringComparer.Ordinal)
            .Select(path => (Path: path, Match: part.Match(System.IO.Path.GetFileName(path))))
            .Where(static entry => entry.Match.Success)
            .Select(entry => new FoundSource(entry.Path, Group(entry.Match, "u") ?? above.User, Group(entry.Match, "d") ?? above.Domain));
    }

    private static string? Group(Match match, string name) => match.Groups[name] is { Success: true, Value: var value } ? value : null;
}
