using System.Text;
using FullStack.Smtp;

namespace FullStack.Queue.Aliases;

/// <summary>Reads a list of targets as aliases(5) and .forward files have it.</summary>
/// <remarks>
/// <code>
/// list    = [ target ] *( "," [ target ] )            in files of targets a line end separates too, and a line may be a comment
/// target  = quoted / "|" command / "/" path / ":include:" path / address
/// quoted  = DQUOTE *( char / "\" char ) DQUOTE [ "@" domain ]
/// address = [ "\" ] local-part [ "@" domain ], with comments in parentheses, or a phrase and the address in angle brackets
/// </code>
/// What stands in the quotes is a target of any kind. Outside of them a command ends at a comma, as everywhere.
/// </remarks>
internal ref struct TargetReader
{
    /// <summary>Longest target.</summary>
    private const int MaxTarget = 4096;

    private const string Include = ":include:";

    private readonly ReadOnlySpan<char> _text;
    private readonly bool _linesSeparate;
    private int _at;

    /// <param name="text">The list.</param>
    /// <param name="linesSeparate">It is a file of targets: line ends separate them, and lines that begin with # are comments.</param>
    public TargetReader(ReadOnlySpan<char> text, bool linesSeparate)
    {
        _text = text;
        _linesSeparate = linesSeparate;
    }

    /// <summary>Where the last target begins.</summary>
    public int Start { get; private set; }

    /// <summary>Goes to the next target.</summary>
    /// <param name="target">The target; null where it is malformed.</param>
    /// <param name="problem">What is wrong with it; null: nothing.</param>
    /// <returns>False at the end.</returns>
    public bool TryRead(out AliasTarget? target, out string? problem)
    {
        (target, problem) = (null, null);
        if (!SkipToTarget())
            return false;
        Start = _at;
        ReadOnlySpan<char> item = ReadItem(out problem).Trim();
        if (problem is null)
            target = item.IsEmpty ? Wrong("expected a target, found white space", out problem)
                : item.Length > MaxTarget ? Wrong($"expected a target of at most {MaxTarget} characters", out problem) : Interpret(item, out problem);
        return true;
    }

    private bool SkipToTarget()
    {
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c == '#' && _linesSeparate && (_at == 0 || _text[.._at].TrimEnd(" \t").EndsWith("\n") || _text[.._at].TrimEnd(" \t").IsEmpty))
            {
                int end = _text[_at..].IndexOf('\n');
                _at = end < 0 ? _text.Length : _at + end;
            }
            else if (c is ',' or ' ' or '\t' or '\r' or '\n')
                _at++;
            else
                return true;
        }

        return false;
    }

    /// <summary>Everything up to the separator that belongs to no quoted string, comment or angle brackets.</summary>
    private ReadOnlySpan<char> ReadItem(out string? problem)
    {
        int start = _at, comments = 0;
        bool quoted = false, angle = false, plain = _text[_at] is '|' or '/' or ':';
        problem = null;
        for (; _at < _text.Length; _at++)
        {
            char c = _text[_at];
            if (c == '\n' && (_linesSeparate || quoted))
                break;
            if (c == '\\' && _at > start && _at + 1 < _text.Length && _text[_at + 1] != '\n')
                _at++; // The one at the start is no escape: it means the account itself.
            else if (c == '"' && comments == 0)
                quoted = !quoted;
            else if (quoted || (plain && c != ','))
                continue;
            else if (c == '(')
                comments++;
            else if (c == ')' && comments > 0)
                comments--;
            else if (c is '<' or '>' && comments == 0)
                angle = c == '<';
            else if (c == ',' && comments == 0 && !angle)
                break;
        }

        if (quoted)
            problem = "expected a \" that ends the quoted text";
        else if (comments > 0)
            problem = "expected a ) that ends the comment";
        else if (angle)
            problem = "expected a > behind the address";
        return _text[start.._at];
    }

    private static AliasTarget? Interpret(ReadOnlySpan<char> item, out string? problem)
    {
        if (item[0] == '"' && EndOfQuoted(item) == item.Length - 1)
        {
            string inner = Unquoted(item[1..^1]);
            return IsSpecial(inner) ? Special(inner, out problem)
                : inner.StartsWith('\\') ? Address(inner, out problem)
                : LocalName(inner, isFinal: false, out problem);
        }

        return IsSpecial(item) ? Special(item.ToString(), out problem) : Address(item.ToString(), out problem);
    }

    private static bool IsSpecial(ReadOnlySpan<char> text) => !text.IsEmpty && text[0] is '|' or '/' or ':';

    private static AliasTarget? Special(string text, out string? problem)
    {
        problem = null;
        if (text.AsSpan().ContainsAnyInRange('\0', '\x08') || text.Contains('\x7f'))
            return Wrong("expected text without control characters", out problem);
        if (text[0] == '|')
        {
            string command = Unwrapped(text[1..].Trim());
            return command.Length == 0 ? Wrong("expected a command behind |", out problem) : new ProgramTarget(command);
        }

        if (text[0] == '/')
            return new FileTarget(text);
        if (!text.StartsWith(Include, StringComparison.OrdinalIgnoreCase))
            return Wrong($"expected {Include}/path, found {Shown(text)}", out problem);
        string path = Unwrapped(text[Include.Length..].Trim());
        return path.StartsWith('/') && !path.EndsWith('/') ? new IncludeTarget(path) : Wrong($"expected an absolute path behind {Include}, found {Shown(path)}", out problem);
    }

    private static AliasTarget? Address(string text, out string? problem)
    {
        string bare = WithoutComments(text).Trim();
        int open = AngleOf(bare);
        if (open >= 0)
        {
            int close = bare.LastIndexOf('>');
            if (close < open || bare[(close + 1)..].Trim().Length > 0)
                return Wrong($"expected an address in angle brackets, found {Shown(text)}", out problem);
            bare = bare[(open + 1)..close].Trim();
        }

        bool isFinal = bare.StartsWith('\\');
        if (isFinal)
            bare = bare[1..];
        problem = null;
        if (bare.Length == 0)
            return Wrong($"expected an address, found {Shown(text)}", out problem);
        if (MailboxAddress.TryParse(bare, out MailboxAddress? address))
            return new AddressTarget(address.LocalPart, address.Domain, isFinal);
        if (bare[0] == '"' && EndOfQuoted(bare) == bare.Length - 1)
            return LocalName(Unquoted(bare.AsSpan(1, bare.Length - 2)), isFinal, out problem);
        return bare.AsSpan().ContainsAny("@\"(),:;<>[] \t\n\\")
            ? Wrong($"expected an address, found {Shown(text)}", out problem)
            : LocalName(bare, isFinal, out problem);
    }

    private static AliasTarget? LocalName(string name, bool isFinal, out string? problem)
    {
        problem = null;
        return IsLocalName(name) ? new AddressTarget(name, null, isFinal) : Wrong($"expected a user's name, found {Shown(name)}", out problem);
    }

    /// <summary>Whether a text can be a local part, with quotes perhaps.</summary>
    public static bool IsLocalName(string name)
        => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MailboxAddress.MaxLocalPartOctets && !name.Any(char.IsControl);

    /// <summary>Where the quoted string at the start ends; -1 where it does not.</summary>
    public static int EndOfQuoted(ReadOnlySpan<char> text)
    {
        for (int at = 1; at < text.Length; at++)
        {
            if (text[at] == '\\')
                at++;
            else if (text[at] == '"')
                return at;
        }

        return -1;
    }

    /// <summary>The inside of a quoted string without its backslashes.</summary>
    public static string Unquoted(ReadOnlySpan<char> inner)
    {
        StringBuilder text = new(inner.Length);
        for (int at = 0; at < inner.Length; at++)
        {
            if (inner[at] == '\\' && at + 1 < inner.Length)
                at++;
            text.Append(inner[at]);
        }

        return text.ToString();
    }

    private static string Unwrapped(string text) => text is ['"', ..] && EndOfQuoted(text) == text.Length - 1 && text.Length > 1 ? Unquoted(text.AsSpan(1, text.Length - 2)) : text;

    private static int AngleOf(string text)
    {
        bool quoted = false;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\')
                at++;
            else if (text[at] == '"')
                quoted = !quoted;
            else if (text[at] == '<' && !quoted)
                return at;
        }

        return -1;
    }

    private static string WithoutComments(string text)
    {
        if (!text.Contains('('))
            return text;
        StringBuilder kept = new(text.Length);
        int depth = 0;
        bool quoted = false;
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            bool escaped = c == '\\' && at + 1 < text.Length;
            if (c == '"' && depth == 0)
                quoted = !quoted;
            else if (c == '(' && !quoted)
                depth++;
            if (depth == 0)
                kept.Append(text, at, escaped ? 2 : 1);
            if (c == ')' && depth > 0 && !quoted)
                depth--;
            if (escaped)
                at++;
        }

        return kept.ToString();
    }

    private static AliasTarget? Wrong(string what, out string? problem)
    {
        problem = what;
        return null;
    }

    private static string Shown(string text)
    {
        const int most = 60;
        string clean = new([.. text.Take(most).Select(static c => char.IsControl(c) ? '?' : c)]);
        return text.Length > most ? $"'{clean}...'" : $"'{clean}'";
    }
}
