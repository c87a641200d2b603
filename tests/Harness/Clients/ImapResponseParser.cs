namespace FullStack.Harness.Clients;

/// <summary>Takes a response apart, as strictly as a client should.</summary>
internal sealed class ImapResponseParser(string raw)
{
    private int _at;

    /// <exception cref="FormatException">It is no response.</exception>
    public ImapResponse Read()
    {
        string tag = Atom();
        if (tag == "+")
            return new(raw, tag, null, "", []);
        Expect(' ');
        string name = Atom().ToUpperInvariant();
        uint? number = null;
        if (uint.TryParse(name, out uint count))
        {
            number = count;
            Expect(' ');
            name = Atom().ToUpperInvariant();
        }

        return new(raw, tag, number, name, name is "OK" or "NO" or "BAD" or "BYE" or "PREAUTH" ? Code() : Rest());
    }

    private List<object?> Code()
    {
        Expect(' ');
        List<object?> values = [];
        if (_at == raw.Length || raw[_at] != '[')
            return values;
        _at++;
        while (true)
        {
            values.Add(Value(inBrackets: true));
            if (_at < raw.Length && raw[_at] == ']')
                break;
            Expect(' ');
        }

        _at++;
        Expect(' ');
        return values;
    }

    private List<object?> Rest()
    {
        List<object?> values = [];
        while (_at < raw.Length)
        {
            Expect(' ');
            values.Add(Value(inBrackets: false));
        }

        return values;
    }

    private object? Value(bool inBrackets)
    {
        switch (_at < raw.Length ? raw[_at] : '\0')
        {
            case '(':
                return List(inBrackets);
            case '"':
                return Quoted();
            case '{':
                return Literal();
            default:
                string atom = Atom(inBrackets);
                return atom == "NIL" ? null : atom;
        }
    }

    private List<object?> List(bool inBrackets)
    {
        List<object?> values = [];
        _at++;
        while (true)
        {
            if (_at < raw.Length && raw[_at] == ')')
                break;
            if (values.Count > 0 && raw[_at - 1] != '(' && raw[_at] != '(') // the parts of a multipart stand side by side
                Expect(' ');
            values.Add(Value(inBrackets));
        }

        _at++;
        return values;
    }

    private string Quoted()
    {
        System.Text.StringBuilder text = new();
        for (_at++; _at < raw.Length && raw[_at] != '"'; _at++)
        {
            if (raw[_at] == '\\')
                _at++;
            text.Append(raw[_at]);
        }

        Expect('"');
        return text.ToString();
    }

    private string Literal()
    {
        int close = raw.IndexOf("}\r\n", _at, StringComparison.Ordinal);
        int octets = int.Parse(raw.AsSpan(_at + 1, close - _at - 1));
        _at = close + 3 + octets;
        return raw.Substring(close + 3, octets);
    }

    /// <summary>An atom, or what stands for one: a flag, a set, the name of a section with its brackets.</summary>
    private string Atom(bool inBrackets = false)
    {
        int start = _at;
        bool inSection = false;
        for (; _at < raw.Length; _at++)
        {
            char c = raw[_at];
            if (!inSection && (c is ' ' or '(' or ')' || (inBrackets && c == ']')))
                break;
            inSection = (inSection || (c == '[' && !inBrackets)) && c != ']';
        }

        return _at > start ? raw[start.._at] : throw new FormatException($"a value expected at {_at} of: {raw}");
    }

    private void Expect(char c)
    {
        if (_at >= raw.Length || raw[_at] != c)
            throw new FormatException($"'{c}' expected at {_at} of: {raw}");
        _at++;
    }
}
