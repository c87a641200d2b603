namespace FullStack.Mime;

/// <summary>Splits a date into numbers, names, times and zones; white space, commas and comments separate.</summary>
internal ref struct DateWords(ReadOnlySpan<byte> value)
{
    private ReadOnlySpan<byte> _rest = value[..Math.Min(value.Length, 200)];

    public ReadOnlySpan<byte> Word { get; private set; }

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            if (_rest[0] == '(')
                SkipComment();
            else if (IsSeparator(_rest[0]))
                _rest = _rest[1..];
            else
                break;
        }

        if (_rest.IsEmpty)
            return false;
        int end = 1;
        while (end < _rest.Length && !IsSeparator(_rest[end]) && _rest[end] != '(' && !IsBreak(_rest[end - 1], _rest[end]))
            end++;
        Word = _rest[..end];
        _rest = _rest[end..];
        return true;
    }

    // ISO's T between date and time, a sign in front of a zone, a dash or slash between day, month and year.
    private static bool IsBreak(byte before, byte octet)
    {
        bool wasDigit = char.IsAsciiDigit((char)before);
        return octet == '+' || (wasDigit && char.IsAsciiLetter((char)octet)) || (char.IsAsciiLetter((char)before) && (char.IsAsciiDigit((char)octet) || octet == '-'))
            || (octet == '-' && wasDigit);
    }

    private static bool IsSeparator(byte octet) => octet is <= (byte)' ' or (byte)',' or (byte)'/' or (byte)'"';

    private void SkipComment()
    {
        int depth = 0, at = 0;
        for (; at < _rest.Length; at++)
        {
            if (_rest[at] == '\\')
                at++;
            else if (_rest[at] == '(')
                depth++;
            else if (_rest[at] == ')' && --depth == 0)
                break;
        }

        _rest = _rest[Math.Min(at + 1, _rest.Length)..];
    }
}
