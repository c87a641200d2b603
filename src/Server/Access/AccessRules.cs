using FullStack.Server.Configuration;
using FullStack.Smtp.Stages;

namespace FullStack.Server.Access;

/// <summary>The administrator's rules about clients, names, senders and recipients: one a line, the first that matches counts.</summary>
/// <remarks>
/// A line is a subject (client, host, helo, sender, recipient), a pattern and an action (accept, refuse, defer, quarantine, header), which may be followed by the text
/// that the client hears, or the field. <c>#</c> begins a remark where a line does.
/// </remarks>
internal sealed class AccessRules
{
    private const long MaxOctets = 4 << 20;
    private const int MaxRules = 20_000;
    private const int MaxTextLength = 400;

    private readonly ILookup<AccessSubject, AccessRule> _rules;

    private AccessRules(IReadOnlyList<AccessRule> rules) => _rules = rules.ToLookup(static rule => rule.Subject);

    public static AccessRules None { get; } = new([]);

    public bool IsEmpty => _rules.Count == 0;

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="problems">What is wrong with it, by line.</param>
    public static AccessRules Load(string file, List<ConfigurationProblem> problems)
    {
        try
        {
            if (new FileInfo(file).Length <= MaxOctets)
                return Parse(File.ReadAllText(file), problems);
            problems.Add(new(0, "larger than 4 MiB: those are no rules"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(0, e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message));
        }

        return None;
    }

    /// <summary>Reads rules from their text.</summary>
    public static AccessRules Parse(string text, List<ConfigurationProblem> problems)
    {
        List<AccessRule> rules = [];
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            string line = raw.Trim().ToString();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (ParseLine(number, line, out AccessRule? rule) is { } problem)
                problems.Add(new(number, problem));
            else
                rules.Add(rule!);
            if (rules.Count > MaxRules)
            {
                problems.Add(new(number, $"more than {MaxRules} rules"));
                break;
            }
        }

        return new(rules);
    }

    /// <summary>Whether there are rules about something.</summary>
    public bool Has(AccessSubject subject) => _rules.Contains(subject);

    /// <summary>The verdict of the first rule that matches.</summary>
    public StageVerdict Find(AccessSubject subject, Func<AccessPattern, bool> matches)
    {
        foreach (AccessRule rule in _rules[subject])
        {
            if (matches(rule.Pattern))
                return rule.Verdict;
        }

        return StageVerdict.Continue;
    }

    private static string? ParseLine(int number, string line, out AccessRule? rule)
    {
        rule = null;
        (string subjectWord, string rest) = Cut(line, 0);
        if (!Enum.TryParse(subjectWord, ignoreCase: true, out AccessSubject subject) || !char.IsAsciiLetter(subjectWord[0]))
            return $"expected client, host, helo, sender or recipient, found {YamlText.Quote(subjectWord)}";
        int from = 0;
        if (rest.StartsWith('/'))
        {
            // Blanks may stand in an expression: it ends with a slash before a blank.
            from = rest.IndexOf("/ ", 1, StringComparison.Ordinal);
            if (from < 0)
                from = rest.IndexOf("/\t", 1, StringComparison.Ordinal);
            if (from < 0)
                return "expected a pattern and an action, found no end of the regular expression, or nothing behind it";
        }

        (string patternText, rest) = Cut(rest, from);
        if (rest.Length == 0)
            return "expected a pattern and an action behind it";
        if (AccessPattern.TryParse(subject, patternText, out AccessPattern? pattern) is { } problem)
            return problem;
        (string action, string text) = Cut(rest, 0);
        if (ParseAction(subject, action, text, $"access rule in line {number}", out StageVerdict? verdict) is { } wrong)
            return wrong;
        rule = new(number, subject, pattern!, verdict!);
        return null;
    }

    private static string? ParseAction(AccessSubject subject, string action, string text, string reason, out StageVerdict? verdict)
    {
        verdict = null;
        if (text.Length > MaxTextLength || text.Any(static c => c is < ' ' or > '~'))
            return $"expected a text of at most {MaxTextLength} ASCII characters behind {action}";
        switch (action.ToLowerInvariant())
        {
            case "accept" when text.Length == 0:
                verdict = StageVerdict.Accept(reason);
                return null;
            case "quarantine" when text.Length == 0:
                verdict = StageVerdict.Quarantine(reason);
                return null;
            case "refuse":
                verdict = StageVerdict.Refuse(new(CodeOf(subject), new(5, 7, 1), text.Length > 0 ? text : "Refused by a rule of this host"), reason);
                return null;
            case "defer":
                verdict = StageVerdict.Defer(new(450, new(4, 7, 1), text.Length > 0 ? text : "Not now, by a rule of this host; please try again later"), reason);
                return null;
            case "header":
                int colon = text.IndexOf(':', StringComparison.Ordinal);
                if (colon <= 0 || text.AsSpan(0, colon).ContainsAnyExceptInRange('!', '~') || text[(colon + 1)..].Trim().Length == 0)
                    return "expected a field such as \"X-Seen: yes\" behind header";
                verdict = StageVerdict.Add(new(text[..colon], text[(colon + 1)..].Trim()), reason);
                return null;
            case "accept" or "quarantine":
                return $"expected nothing behind {action}, found {YamlText.Quote(text)}";
            default:
                return $"expected accept, refuse, defer, quarantine or header, found {YamlText.Quote(action)}";
        }
    }

    // A refused connection is 554 (RFC 5321 §3.1).
    private static int CodeOf(AccessSubject subject) => subject is AccessSubject.Client or AccessSubject.Host ? 554 : 550;

    /// <summary>Cuts off the first word, or what goes on to the next blank behind a position.</summary>
    private static (string Word, string Behind) Cut(string text, int from)
    {
        int blank = text.AsSpan(from).IndexOfAny(' ', '\t');
        return blank < 0 ? (text, "") : (text[..(from + blank)], text[(from + blank)..].Trim());
    }
}
