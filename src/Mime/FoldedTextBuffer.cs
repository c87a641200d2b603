namespace FullStack.Mime;

/// <summary>Gathers folded text up to a bound, several texts one after the other, each on a line of its own.</summary>
/// <param name="maxUnits">Most UTF-16 units kept.</param>
public sealed class FoldedTextBuffer(int maxUnits) : FoldingWriter
{
    private char[] _folded = new char[UnicodeCasemap.SliceUnits * UnicodeCasemap.LongestFold];
    private int _length;

    /// <summary>Whether there was more text than the bound; the rest is dropped.</summary>
    public bool IsFull { get; private set; }

    /// <summary>What was gathered.</summary>
    public ReadOnlySpan<char> Text => _folded.AsSpan(0, _length);

    /// <summary>Takes a whole text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        Push(text);
        EndLine();
    }

    /// <summary>Ends a text that was pushed in pieces.</summary>
    public void EndLine()
    {
        EndText();
        Push("\n");
    }

    /// <summary>Forgets everything, for the next message.</summary>
    public void Clear()
    {
        EndText();
        _length = 0;
        IsFull = false;
    }

    private protected override Span<char> Room(int units)
    {
        if (_folded.Length - _length < units)
            Array.Resize(ref _folded, Math.Max(_length + units, Math.Min(_folded.Length * 2, maxUnits + units)));
        return _folded.AsSpan(_length);
    }

    private protected override void Advance(int units)
    {
        _length += units;
        if (_length <= maxUnits)
            return;
        _length = maxUnits;
        IsFull = true;
    }
}
