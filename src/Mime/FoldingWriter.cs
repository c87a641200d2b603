namespace FullStack.Mime;

/// <summary>Takes text in any pieces and folds it to i;unicode-casemap (RFC 5051) as it comes.</summary>
public abstract class FoldingWriter
{
    private char _highSurrogate;

    /// <summary>Takes the next text; it may cut a surrogate pair.</summary>
    public void Push(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return;
        if (_highSurrogate != '\0')
        {
            bool isPair = char.IsLowSurrogate(text[0]);
            Fold(isPair ? [_highSurrogate, text[0]] : [_highSurrogate]);
            _highSurrogate = '\0';
            text = isPair ? text[1..] : text;
        }

        if (!text.IsEmpty && char.IsHighSurrogate(text[^1]))
        {
            _highSurrogate = text[^1];
            text = text[..^1];
        }

        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> slice = UnicodeCasemap.NextSlice(text);
            Fold(slice);
            text = text[slice.Length..];
        }
    }

    /// <summary>Ends the text: what comes next is another one.</summary>
    protected void EndText()
    {
        if (_highSurrogate != '\0')
            Fold([_highSurrogate]);
        _highSurrogate = '\0';
    }

    /// <summary>Room for the fold of a slice of so many units.</summary>
    private protected abstract Span<char> Room(int units);

    /// <summary>So many units of the room were filled.</summary>
    private protected abstract void Advance(int units);

    private void Fold(ReadOnlySpan<char> slice) => Advance(UnicodeCasemap.Fold(slice, Room(slice.Length * UnicodeCasemap.LongestFold)));
}
