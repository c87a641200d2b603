using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Reads the structured fields of MIME piece by piece: tokens, quoted strings, comments.</summary>
/// <remarks>RFC 2045 §5.1 for tokens, RFC 5322 §3.2 for the rest. Lenient: what is unterminated ends with the value.</remarks>
internal ref struct FieldReader(ReadOnlySpan<byte> value)
{
    private static readonly SearchValues<byte> NotInToken = SearchValues.Create("()<>@,;:\\\"/[]?= \t\r\n"u8);
    private static readonly SearchValues<byte> NotInValue = SearchValues.Create("(;\" \t\r\n"u8);
    private readonly ReadOnlySpan<byte> _value = value;
    private int _at;

    public readonly bool AtEnd => _at == _value.Length;

    /// <summary>Passes white space and comments.</summary>
    public void SkipBlanks()
    {
        while (_at < _value.Length)
        {
            if (_value[_at] == '(')
                SkipComment();
            else if (_value[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                _at++;
            else
                return;
        }
    }

    /// <summary>Takes one octet if it is the next.</summary>
    public bool TryRead(byte octet)
    {
        if (_at == _value.Length || _value[_at] != octet)
            return false;
        _at++;
        return true;
    }

    /// <summary>A token (RFC 2045 §5.1), with 8-bit octets allowed.</summary>
    public bool TryReadToken(out string token) => TryReadUntil(NotInToken, out token);

    /// <summary>A parameter's value: a quoted string, or all up to a blank, comment or semicolon. Empty where nothing is there.</summary>
    public string ReadParameterValue()
    {
        if (_at < _value.Length && _value[_at] == '"')
            return ReadQuoted();
        TryReadUntil(NotInValue, out string text);
        return text;
    }

    /// <summary>Goes on behind the next semicolon that is not quoted; false at the end.</summary>
    public bool SkipToNextParameter()
    {
        while (_at < _value.Length)
        {
            byte octet = _value[_at];
            if (octet == '"')
                ReadQuoted();
            else if (octet == '(')
                SkipComment();
            else
                _at++;
            if (octet == ';')
                return true;
        }

        return false;
    }

    /// <summary>Goes behind the next comma.</summary>
    public void SkipToNextElement()
    {
        int comma = _value[_at..].IndexOf((byte)',');
        _at = comma < 0 ? _value.Length : _at + comma + 1;
    }

    private bool TryReadUntil(SearchValues<byte> stops, out string text)
    {
        int length = _value[_at..].IndexOfAny(stops);
        if (length < 0)
            length = _value.Length - _at;
        text = Encoding.Latin1.GetString(_value.Slice(_at, length));
        _at += length;
        return length > 0;
    }

    private string ReadQuoted()
    {
        StringBuilder text = new();
        for (_at++; _at < _value.Length && _value[_at] != '"'; _at++)
        {
            if (_value[_at] == '\\' && _at + 1 < _value.Length)
                _at++;
            text.Append((char)_value[_at]);
        }

        if (_at < _value.Length)
            _at++;
        return text.ToString();
    }

    private void SkipComment()
    {
        int depth = 0;
        for (; _at < _value.Length; _at++)
        {
            byte octet = _value[_at];
            if (octet == '\\')
                _at = Math.Min(_at + 1, _value.Length - 1);
            else if (octet == '(')
                depth++;
            else if (octet == ')' && --depth == 0)
                break;
        }

        if (_at < _value.Length)
            _at++;
    }
}
