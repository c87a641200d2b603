namespace FullStack.Mime;

/// <summary>Gathers the words of an address until it is known whether they are a display name or a local part.</summary>
internal ref struct WordGatherer
{
    private readonly Span<byte> _unit, _phrase;
    private int _unitLength, _phraseLength, _phraseBeforeUnit, _units;
    private bool _anyQuoted, _lastQuoted;

    /// <param name="scratch">Three times as long as all words together, and one more.</param>
    public WordGatherer(Span<byte> scratch)
    {
        int third = scratch.Length / 3;
        _unit = scratch[..third];
        _phrase = scratch[third..];
    }

    public int Count { get; private set; }

    /// <summary>True for one atom or dot-atom and nothing quoted.</summary>
    public readonly bool IsLoneAtom => _units == 1 && !_anyQuoted;

    /// <summary>All words joined by blanks; null where there are none.</summary>
    public readonly ReadOnlyMemory<byte>? Phrase => _phraseLength == 0 ? HeaderValue.None : _phrase[.._phraseLength].ToArray();

    /// <summary>The words in front of the unit; null where there are none.</summary>
    public readonly ReadOnlyMemory<byte>? PhraseBeforeUnit => _phraseBeforeUnit == 0 ? HeaderValue.None : _phrase[.._phraseBeforeUnit].ToArray();

    /// <summary>The last words that dots, or nothing at all, hold together; empty where there are none.</summary>
    public readonly ReadOnlyMemory<byte> Unit => _unitLength == 0 ? ReadOnlyMemory<byte>.Empty : _unit[.._unitLength].ToArray();

    /// <summary>All words as one local part.</summary>
    public readonly ReadOnlyMemory<byte> Whole => _units > 1 ? Phrase ?? ReadOnlyMemory<byte>.Empty : Unit;

    /// <param name="text">The word without quotes and escapes.</param>
    /// <param name="quoted">True where it stood in quotes: its dots do not join.</param>
    /// <param name="apart">True where a blank or comment stands before it.</param>
    public void Add(ReadOnlySpan<byte> text, bool quoted, bool apart)
    {
        bool dotted = (!quoted && text is [(byte)'.', ..]) || (!_lastQuoted && _unitLength > 0 && _unit[_unitLength - 1] == '.');
        if (Count == 0 || (apart && !dotted))
        {
            _units++;
            _unitLength = 0;
            _phraseBeforeUnit = _phraseLength;
        }

        text.CopyTo(_unit[_unitLength..]);
        _unitLength += text.Length;
        if (_phraseLength > 0 && !text.IsEmpty)
            _phrase[_phraseLength++] = (byte)' ';
        text.CopyTo(_phrase[_phraseLength..]);
        _phraseLength += text.Length;
        _anyQuoted |= quoted;
        _lastQuoted = quoted;
        Count++;
    }

    public void Clear()
    {
        _unitLength = _phraseLength = _phraseBeforeUnit = _units = Count = 0;
        _anyQuoted = _lastQuoted = false;
    }
}
