using System.Net;
using System.Text.RegularExpressions;
using FullStack.Net;

namespace FullStack.Server.Access;

/// <summary>What a rule matches: a network, a name with or without those below it, an address, or a regular expression.</summary>
/// <remarks>Expressions are matched without backtracking, so that no input costs more than time in proportion to its length, and never longer than five seconds.</remarks>
internal sealed class AccessPattern
{
    /// <summary>Longest regular expression, in characters: what is built of one may grow faster than it.</summary>
    private const int MaxExpression = 1000;

    private static readonly TimeSpan s_matchTime = TimeSpan.FromSeconds(5);

    private readonly NetworkList? _network;
    private readonly Regex? _expression;
    private readonly string _text = "";
    private readonly bool _below;

    private AccessPattern(NetworkList network) => _network = network;

    private AccessPattern(Regex expression) => _expression = expression;

    private AccessPattern(string text, bool below) => (_text, _below) = (text, below);

    /// <summary>Reads a pattern.</summary>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public static string? TryParse(AccessSubject subject, string text, out AccessPattern? pattern)
    {
        pattern = null;
        if (text.Length > 2 && text[0] == '/' && text[^1] == '/')
        {
            if (text.Length > MaxExpression)
                return $"a regular expression of {text.Length} characters: {MaxExpression} are the most";
            try
            {
                Regex expression = new(text[1..^1], RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, s_matchTime);
                expression.IsMatch("a"); // the first match builds what the others use, and is the only slow one
                pattern = new(expression);
                return null;
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException or RegexMatchTimeoutException)
            {
                return $"{text} is no regular expression that can be used: {e.Message}";
            }
        }

        if (subject == AccessSubject.Client)
        {
            if (!NetworkList.TryParse(text, out IPNetwork network))
                return $"{text} is no address, network or /regular expression/";
            pattern = new(new NetworkList([network]));
            return null;
        }

        bool below = text.StartsWith('.');
        string plain = text.TrimStart('.');
        bool isAddress = subject is AccessSubject.Sender or AccessSubject.Recipient;
        if (plain.Length == 0 || plain.Any(static c => c <= ' ') || (below && plain.Contains('@')) || (!isAddress && plain.Contains('@')))
            return $"{text} is no {(isAddress ? "address, domain" : "name")} or /regular expression/";
        pattern = new(plain, below);
        return null;
    }

    public bool Matches(IPAddress address) => _network?.Contains(address) ?? MatchesText(address.ToString());

    /// <summary>Whether a host name, or what a client calls itself, is meant.</summary>
    public bool MatchesName(string name) => _expression is not null ? MatchesText(name) : MatchesDomain(name.TrimEnd('.'));

    /// <summary>Whether an address is meant; the null path is written <c>&lt;&gt;</c>.</summary>
    public bool MatchesAddress(string localPart, string domain, string whole)
    {
        if (_expression is not null)
            return MatchesText(whole);
        int at = _text.LastIndexOf('@');
        if (at < 0)
            return domain.Length > 0 ? MatchesDomain(domain) : _text == whole;
        return _text.AsSpan(0, at).Equals(localPart, StringComparison.OrdinalIgnoreCase)
            && (at == _text.Length - 1 || _text.AsSpan(at + 1).Equals(domain, StringComparison.OrdinalIgnoreCase));
    }

    private bool MatchesDomain(string name) => _below
        ? name.Length > _text.Length && name[^(_text.Length + 1)] == '.' && name.EndsWith(_text, StringComparison.OrdinalIgnoreCase)
        : name.Equals(_text, StringComparison.OrdinalIgnoreCase);

    private bool MatchesText(string text)
    {
        try
        {
            return _expression is not null && _expression.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false; // The machine stood still: a match takes microseconds.
        }
    }
}
