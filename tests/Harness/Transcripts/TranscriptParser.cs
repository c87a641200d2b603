using System.Globalization;
using System.Text;

namespace FullStack.Harness.Transcripts;

/// <summary>Reads a transcript line by line.</summary>
internal sealed class TranscriptParser
{
    private static readonly string[] s_keys = ["needs", "messages", "connections", "listener", "login", "tls", "greeting", "option"];

    private readonly string _file;
    private readonly string[] _lines;
    private readonly List<TranscriptStep> _steps = [];
    private readonly Dictionary<string, string> _messages = [];
    private readonly Dictionary<string, string> _settings = [];
    private TranscriptHeader _header = new();
    private int _at;

    public TranscriptParser(string file, string text)
    {
        _file = file;
        _lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
    }

    public Transcript Parse()
    {
        for (; _at < _lines.Length; _at++)
        {
            string line = _lines[_at];
            if (line.Trim().Length == 0 || line[0] == '#')
                continue;
            if (line[0] == '@')
                _steps.Add(ParseDirective(line));
            else if (IsStep(line, out char kind, out int connection, out string rest))
                ParseStep(kind, connection, rest);
            else if (_steps.Count == 0)
                ParseHeader(line);
            else
                throw Problem($"neither a step nor a comment: {line}");
        }

        return new(_file, _header with { Settings = _settings }, _steps, _messages);
    }

    private TranscriptSyntaxException Problem(string text) => new(_file, _at + 1, text);

    /// <summary>C, S or M, an optional number, and one of <c>:</c>, <c>{</c>, <c>&lt;&lt;</c>, which begins the rest.</summary>
    private static bool IsStep(string line, out char kind, out int connection, out string rest)
    {
        kind = line[0];
        int after = 1;
        while (after < line.Length && char.IsAsciiDigit(line[after]))
            after++;
        connection = after > 1 ? int.Parse(line.AsSpan(1, after - 1), CultureInfo.InvariantCulture) : 1;
        rest = line[after..];
        return kind is 'C' or 'S' or 'M' && (rest.StartsWith(':') || rest.StartsWith('{') || rest.StartsWith("<<", StringComparison.Ordinal));
    }

    private void ParseStep(char kind, int connection, string rest)
    {
        int line = _at + 1;
        string text = rest.TrimStart(':', '{', '<');
        text = text.StartsWith(' ') ? text[1..] : text;
        switch (kind, rest[0])
        {
            case ('C', ':'):
                _steps.Add(new TranscriptStep.Send(line, connection, WithLiteralLength(text) + "\r\n"));
                break;
            case ('C', '<'):
                _steps.Add(new TranscriptStep.Send(line, connection, Unescape(text)));
                break;
            case ('C', '{'):
                _steps.Add(new TranscriptStep.Send(line, connection, ReadBlock("}C", "\r\n")));
                break;
            case ('S', ':'):
                _steps.Add(new TranscriptStep.Expect(line, connection, text));
                break;
            case ('S', '<'):
                _steps.Add(new TranscriptStep.ExpectOctets(line, connection, Unescape(text)));
                break;
            case ('S', '{'):
                _steps.Add(new TranscriptStep.ExpectUnordered(line, connection, ReadBlock("}S", "\n").Split('\n')[..^1]));
                break;
            case ('M', '{') when text.Trim().Length > 0:
                _messages.Add(text.Trim(), ReadBlock("}M", "\r\n"));
                break;
            default:
                throw Problem($"a message block needs a name: {_lines[_at]}");
        }
    }

    /// <summary>Lines up to the closing mark, each with the line end given; leaves the position on the mark.</summary>
    private string ReadBlock(string end, string lineEnd)
    {
        int start = _at;
        StringBuilder block = new();
        while (++_at < _lines.Length)
        {
            if (_lines[_at].TrimEnd() == end)
                return block.ToString();
            block.Append(_lines[_at]).Append(lineEnd);
        }

        _at = start;
        throw Problem($"no {end} follows");
    }

    /// <summary><c>{*}</c> or <c>{*+}</c> at the end becomes the octets of the next C block.</summary>
    private string WithLiteralLength(string text)
    {
        bool plus = text.EndsWith("{*+}", StringComparison.Ordinal);
        if (!plus && !text.EndsWith("{*}", StringComparison.Ordinal))
            return text;
        int here = _at;
        while (++_at < _lines.Length && !(IsStep(_lines[_at] + " ", out char kind, out _, out string rest) && kind == 'C' && rest[0] == '{'))
        {
        }

        if (_at == _lines.Length)
        {
            _at = here;
            throw Problem("no C{ block follows whose octets could be counted");
        }

        int octets = ReadBlock("}C", "\r\n").Length;
        _at = here;
        return string.Create(CultureInfo.InvariantCulture, $"{text[..text.LastIndexOf('{')]}{{{octets}{(plus ? "+" : "")}}}");
    }

    private string Unescape(string text)
    {
        StringBuilder octets = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                octets.Append(text[i]);
                continue;
            }

            char escape = ++i < text.Length ? text[i] : ' ';
            octets.Append(escape switch
            {
                'r' => '\r',
                'n' => '\n',
                't' => '\t',
                '0' => '\0',
                '\\' => '\\',
                'x' when i + 2 < text.Length => (char)Convert.ToByte(text.Substring(i + 1, 2), 16),
                _ => throw Problem($"no escape: \\{escape}"),
            });
            i += escape == 'x' ? 2 : 0;
        }

        return octets.ToString();
    }

    private TranscriptStep.Directive ParseDirective(string line)
    {
        int comment = line.IndexOf(" #", StringComparison.Ordinal);
        string text = (comment < 0 ? line : line[..comment])[1..].Trim();
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new(_at + 1, words[0], words[1..], text[words[0].Length..].Trim());
    }

    private void ParseHeader(string line)
    {
        string? key = null;
        List<string> values = [];
        foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.EndsWith(':') && s_keys.Contains(word[..^1]))
            {
                SetHeader(key, values);
                key = word[..^1];
                values = [];
            }
            else if (key is null)
            {
                throw Problem($"neither a header nor a step: {line}");
            }
            else
            {
                values.Add(word);
            }
        }

        SetHeader(key, values);
    }

    private void SetHeader(string? key, List<string> values)
    {
        if (key is null)
            return;
        if (values.Count == 0)
            throw Problem($"{key}: has no value");
        switch (key)
        {
            case "needs":
                _header = _header with { Needs = [.. _header.Needs, .. values] };
                break;
            case "messages":
                _header = _header with { Messages = Number(values[0]) };
                break;
            case "connections":
                _header = _header with { Connections = Number(values[0]) };
                break;
            case "listener":
                _header = _header with { Listeners = values };
                break;
            case "login":
                _header = _header with { Logins = values };
                break;
            case "tls":
                _header = _header with { Tls = Enum.TryParse(values[0], ignoreCase: true, out TranscriptTls tls) ? tls : throw Problem("tls: no, start or implicit") };
                break;
            case "greeting":
                _header = _header with { GreetingShown = values[0] == "shown" };
                break;
            case "option" when string.Join(' ', values).Split('=', 2) is [var name, var value]:
                _settings[name.Trim()] = value.Trim();
                break;
            default:
                throw Problem($"option: wants key=value");
        }
    }

    private int Number(string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw Problem($"no number: {text}");
}
